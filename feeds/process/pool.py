"""Several child processes with limits, for code in an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from feeds.process.limited import LimitedProcess


class ProcessPool:
    """Up to `size` processes made by `make`, started when needed. An async context manager; leaving it ends them."""

    def __init__(self, make: Callable[[], LimitedProcess], size: int = 1) -> None:
        self._make = make
        self._idle = [make() for _ in range(max(size, 1))]
        self._busy: set[LimitedProcess] = set()
        self._free = asyncio.Semaphore(len(self._idle))
        self._threads = ThreadPoolExecutor(len(self._idle), "process")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in (*self._idle, *self._busy):
            process.close()
        self._threads.shutdown(wait=False)

    async def run(self, request: bytes) -> bytes:
        """See `LimitedProcess.run`. A process whose caller is cancelled is killed."""
        async with self._free:
            process = self._idle.pop()  # the last one used: no more processes are started than work needs
            self._busy.add(process)
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, process.run, request)
            except asyncio.CancelledError:
                process.close()
                raise
            finally:
                self._busy.remove(process)
                self._idle.append(self._make() if process.closed else process)
