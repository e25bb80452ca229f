"""Resolves host names outside the event loop, a limited number at once, and each name once for all that wait for it.

The system's resolver blocks and cannot be cancelled, so it runs in its own daemon threads: a name server that hangs
costs those who need it their deadline, but does not use up the loop's threads or delay the end of the program.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from feeds.errors import DnsFailed
from feeds.http.guard import Resolver

KEEP_SECONDS = 60.0
MAX_LOOKUPS = 128
_MAX_KEPT = 4096


class Lookup:
    """An asynchronous resolver that keeps results for a minute. The guard checks them at every use."""

    def __init__(self, resolver: Resolver, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._clock = clock
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._pending: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)

    async def find(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name. Raises DnsFailed when there are none."""
        kept = self._kept.get(host)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        future = self._pending.get(host)
        if future is None:
            await self._slots.acquire()
            future = self._pending.get(host)
            if future is None:
                future = self._start(host)
            else:
                self._slots.release()  # another task started it meanwhile
        addresses = await asyncio.shield(future)  # one cancelled caller does not cancel the lookup for the others
        if not addresses:
            raise DnsFailed(f"{host} has no address")
        return addresses

    def _start(self, host: str) -> asyncio.Future[tuple[str, ...]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[str, ...]] = loop.create_future()
        self._pending[host] = future
        threading.Thread(target=self._resolve, args=(host, loop), name=f"dns {host[:40]}", daemon=True).start()
        return future

    def _resolve(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        addresses: tuple[str, ...] = ()
        try:
            addresses = tuple(dict.fromkeys(self._resolver(host)))
        except (OSError, UnicodeError):
            pass  # no such name, or no name server
        finally:
            with suppress(RuntimeError):  # the loop has closed, so nobody waits
                loop.call_soon_threadsafe(self._finish, host, addresses)

    def _finish(self, host: str, addresses: tuple[str, ...]) -> None:
        self._slots.release()
        future = self._pending.pop(host)
        if addresses:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[host] = (self._clock() + KEEP_SECONDS, addresses)
        if not future.done():
            future.set_result(addresses)
