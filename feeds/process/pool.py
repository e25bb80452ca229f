"""Several child processes with limits, for code in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from feeds.process.limited import LimitedProcess


class ProcessPool:
    """Up to `size` processes made by `make`, started when needed. An async context manager; leaving it ends them.

    With `backlog` one process handles all requests until more than so many wait, each counted by its work. Then further
    ones are started, and each ends when nobody waits any more.
    """

    def __init__(self, make: Callable[[], LimitedProcess], size: int = 1, backlog: int = 0) -> None:
        size = max(size, 1)
        self._make = make
        self._backlog = backlog
        self._idle = [make() for _ in range(size)]
        self._busy: set[LimitedProcess] = set()
        self._waiting = 0.0
        self._extra, self._most_extra = 0, size - 1 if backlog else 0
        self._free = asyncio.Semaphore(size - self._most_extra)
        self._threads = ThreadPoolExecutor(size, "process")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in (*self._idle, *self._busy):
            process.close()
        self._threads.shutdown(wait=False)

    async def run(self, request: bytes, work: float = 1.0) -> bytes:
        """See `LimitedProcess.run`. A process whose caller is cancelled is killed.

        `work` is what the request takes beside others, a power of two so that sums are exact.
        """
        await self._turn(work)
        process = self._idle.pop()  # the last one used: no more processes are started than work needs
        self._busy.add(process)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, process.run, request)
        except asyncio.CancelledError:
            process.close()
            raise
        finally:
            self._busy.remove(process)
            self._release(process)

    async def _turn(self, work: float) -> None:
        """Wait for a process."""
        self._waiting += work
        if self._waiting > self._backlog and self._extra < self._most_extra:
            self._extra += 1
            self._free.release()
        try:
            await self._free.acquire()
        finally:
            self._waiting -= work

    def _release(self, process: LimitedProcess) -> None:
        """Give a process to the next request, or end it if it was started for a backlog that is gone."""
        if self._extra and not self._waiting:
            self._extra -= 1
            process.close()
        else:
            self._free.release()
        if process.closed:
            self._idle.insert(0, self._make())  # one that runs is used first
        else:
            self._idle.append(process)
