"""The engine of one process: tasks are asyncio tasks of the daemon's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aggregator.daemon.engine.base import OnTaskEnd, Task, find_task, log_failure


class EmbeddedEngine:
    """Runs each task immediately in the running loop; never the same task with the same arguments twice at a time."""

    def __init__(self, tasks: Mapping[str, Task], on_end: OnTaskEnd | None = None) -> None:
        self._tasks = tasks
        self._on_end = on_end or log_failure
        self._running: dict[str, asyncio.Task[None]] = {}

    async def submit(self, name: str, **arguments: object) -> bool:
        """Start the task unless it is running. A failing task is logged and does not affect others."""
        task = find_task(self._tasks, name)
        key = f"{name} {sorted(arguments.items())!r}"
        if key in self._running:
            return False
        running = asyncio.create_task(_run_task(name, task, arguments, self._on_end), name=key)
        self._running[key] = running
        running.add_done_callback(lambda _: self._running.pop(key, None))
        return True

    async def drain(self, timeout: float) -> bool:
        """Wait for running tasks; after `timeout` seconds cancel the rest, whose leases then expire."""
        in_flight = list(self._running.values())
        if not in_flight:
            return True
        _, unfinished = await asyncio.wait(in_flight, timeout=timeout)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        return not unfinished


class InlineEngine:
    """The engine for tests: `submit` returns when the task has ended."""

    def __init__(self, tasks: Mapping[str, Task], on_end: OnTaskEnd | None = None) -> None:
        self._tasks = tasks
        self._on_end = on_end or log_failure
        self._running: set[str] = set()

    async def submit(self, name: str, **arguments: object) -> bool:
        """Run the task, unless it is running already."""
        task = find_task(self._tasks, name)
        key = f"{name} {sorted(arguments.items())!r}"
        if key in self._running:
            return False
        self._running.add(key)
        try:
            await _run_task(name, task, arguments, self._on_end)
        finally:
            self._running.discard(key)
        return True

    async def drain(self, timeout: float) -> bool:  # noqa: ARG002 - no task runs between two calls
        """Return True; no task runs between two calls."""
        return True


async def _run_task(name: str, task: Task, arguments: dict[str, object], on_end: OnTaskEnd) -> None:
    try:
        await task(**arguments)
    except Exception as error:  # noqa: BLE001 - the row's lease is the recovery: the next tick claims it again
        await on_end(name, error, arguments)
    else:
        await on_end(name, None, arguments)
