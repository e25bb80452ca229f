"""Names to addresses beside the event loop, a bounded number at once, each name asked once for all who wait.

The system's resolver blocks and cannot be stopped, so it runs in daemon threads of its own: a hung name server costs the
deadline of those who need it, never the loop's shared threads nor the end of the program.
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
    """A resolver made asynchronous. Answers are kept for a minute; every use of one is checked anew by the guard."""

    def __init__(self, resolver: Resolver, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = resolver
        self._clock = clock
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._under_way: dict[str, asyncio.Future[tuple[str, ...]]] = {}
        self._slots = asyncio.Semaphore(MAX_LOOKUPS)

    async def find(self, host: str) -> tuple[str, ...]:
        """The addresses of a name. Raises `DnsFailed` when there are none."""
        kept = self._kept.get(host)
        if kept is not None and kept[0] > self._clock():
            return kept[1]
        future = self._under_way.get(host)
        if future is None:
            await self._slots.acquire()
            future = self._under_way.get(host)
            if future is None:
                future = self._start(host)
            else:
                self._slots.release()  # asked by another while we waited
        addresses = await asyncio.shield(future)  # who gives up does not take the answer from the others
        if not addresses:
            raise DnsFailed(f"{host} has no address")
        return addresses

    def _start(self, host: str) -> asyncio.Future[tuple[str, ...]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[str, ...]] = loop.create_future()
        self._under_way[host] = future
        threading.Thread(target=self._ask, args=(host, loop), name=f"dns {host[:40]}", daemon=True).start()
        return future

    def _ask(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        addresses: tuple[str, ...] = ()
        try:
            addresses = tuple(dict.fromkeys(self._resolver(host)))
        except (OSError, UnicodeError):
            pass  # no such name, or no name server
        finally:
            with suppress(RuntimeError):  # the loop closed meanwhile: nobody waits
                loop.call_soon_threadsafe(self._arrived, host, addresses)

    def _arrived(self, host: str, addresses: tuple[str, ...]) -> None:
        self._slots.release()
        future = self._under_way.pop(host)
        if addresses:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.clear()
            self._kept[host] = (self._clock() + KEEP_SECONDS, addresses)
        if not future.done():
            future.set_result(addresses)
