"""Resolves host names outside the event loop, a limited number at once, and each name once for all that wait for it.

The system's resolver blocks and cannot be cancelled, so it runs in its own daemon threads: a name server that hangs
costs those who need it their deadline, but does not use up the loop's threads or delay the end of the program. Names of
one zone, of which a publisher can make any number, have few lookups at once, and a slow lookup yields to another.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakValueDictionary

from feeds.errors import DnsFailed, NoNetwork
from feeds.http.guard import Resolver

KEEP_SECONDS = 60.0
MAX_LOOKUPS = 128
MAX_LOOKUPS_OF_ZONE = 8
SLOW_SECONDS = 3.0  # a lookup that takes longer does not count among MAX_LOOKUPS …
MAX_THREADS = 1024  # … but there are never more than these
_MAX_KEPT = 4096


class Lookup:
    """An asynchronous resolver that keeps results for a minute. The guard checks them at every use."""

    def __init__(self, resolver: Resolver, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._clock = clock
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._pending: dict[str, asyncio.Task[tuple[str, ...] | None]] = {}
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)
        self._zones = WeakValueDictionary[str, asyncio.Semaphore]()

    async def find(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name. Raises DnsFailed when there are none, NoNetwork without a name server."""
        while (addresses := self._known(host)) is None:
            if host in self._pending:
                # One cancelled caller does not cancel the lookup for the others.
                addresses = await asyncio.shield(self._pending[host])
                break
            await self._begin(host)
        if addresses is None:
            raise NoNetwork(f"no name server answered for {host}")
        if not addresses:
            raise DnsFailed(f"{host} has no address")
        return addresses

    def _known(self, host: str) -> tuple[str, ...] | None:
        kept = self._kept.get(host)
        return kept[1] if kept is not None and kept[0] > self._clock() else None

    async def _begin(self, host: str) -> None:
        """Wait for a turn, and start a lookup unless another task did meanwhile. Raises DnsFailed."""
        zone = self._zones.setdefault(_zone(host), asyncio.Semaphore(MAX_LOOKUPS_OF_ZONE))
        await zone.acquire()
        try:
            await self._slots.acquire()
        except BaseException:
            zone.release()
            raise
        if host in self._pending or self._known(host) is not None or len(self._pending) >= MAX_THREADS:
            zone.release()
            self._slots.release()
            if len(self._pending) >= MAX_THREADS:
                raise DnsFailed(f"too many other lookups are waiting; {host} was not looked up")
            return
        self._pending[host] = asyncio.create_task(self._look_up(host, zone))

    async def _look_up(self, host: str, zone: asyncio.Semaphore) -> tuple[str, ...] | None:
        """Return the addresses of a name; None if no name server answered."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[tuple[str, ...] | None] = loop.create_future()
        addresses: tuple[str, ...] | None
        turn = _Turn(self._slots)
        slow = loop.call_later(SLOW_SECONDS, turn.end)
        try:
            threading.Thread(
                target=self._resolve, args=(host, loop, found), name=f"dns {host[:40]}", daemon=True
            ).start()
            addresses = await found
        except RuntimeError:  # the system gives no more threads
            addresses = ()
        finally:
            slow.cancel()
            turn.end()
            zone.release()
            del self._pending[host]
        if addresses:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[host] = (self._clock() + KEEP_SECONDS, addresses)
        return addresses

    def _resolve(
        self, host: str, loop: asyncio.AbstractEventLoop, found: asyncio.Future[tuple[str, ...] | None]
    ) -> None:
        addresses: tuple[str, ...] | None = ()
        try:
            addresses = tuple(dict.fromkeys(self._resolver(host)))
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                addresses = None
        except (OSError, ValueError):
            pass  # no such name, or no valid name
        with suppress(RuntimeError):  # the loop has closed, so nobody waits
            loop.call_soon_threadsafe(_set, found, addresses)


class _Turn:
    """One of the slots; `end` gives it back once."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots: asyncio.Semaphore | None = slots

    def end(self) -> None:
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.release()


def _set(found: asyncio.Future[tuple[str, ...] | None], addresses: tuple[str, ...] | None) -> None:
    if not found.done():
        found.set_result(addresses)


def _zone(host: str) -> str:
    """Return the part of a name that its publisher had to register, by its length."""
    labels = host.split(".")
    short = len(labels) > 1 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # co.uk, com.au
    return ".".join(labels[-3 if short else -2 :])
