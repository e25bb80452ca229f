"""The engine of one process: tasks are asyncio tasks of the daemon's own loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from aggregator.daemon.engine.base import Ended, Task, find

log = logging.getLogger(__name__)


class EmbeddedEngine:
    """Runs each task at once in the running loop; the same task with the same arguments never runs twice at a time."""

    def __init__(self, tasks: Mapping[str, Task], ended: Ended | None = None) -> None:
        self._tasks = tasks
        self._ended = ended or _logged
        self._running: dict[str, asyncio.Task[None]] = {}

    async def submit(self, name: str, **arguments: object) -> bool:
        """Start the task unless it is under way. A failing task is logged and costs no other."""
        task = find(self._tasks, name)
        key = f"{name} {sorted(arguments.items())!r}"
        if key in self._running:
            return False
        running = asyncio.create_task(_guarded(name, task, arguments, self._ended), name=key)
        self._running[key] = running
        running.add_done_callback(lambda _: self._running.pop(key, None))
        return True

    async def drain(self, timeout: float) -> bool:
        """Wait for what is under way; what is not done after `timeout` seconds is cancelled and its lease runs out."""
        in_flight = list(self._running.values())
        if not in_flight:
            return True
        _, late = await asyncio.wait(in_flight, timeout=timeout)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return not late


class InlineEngine:
    """The twin for tests: a submitted task runs to its end before `submit` returns."""

    def __init__(self, tasks: Mapping[str, Task], ended: Ended | None = None) -> None:
        self._tasks = tasks
        self._ended = ended or _logged
        self._running: set[str] = set()

    async def submit(self, name: str, **arguments: object) -> bool:
        """Run the task now, unless it is what is running already."""
        task = find(self._tasks, name)
        key = f"{name} {sorted(arguments.items())!r}"
        if key in self._running:
            return False
        self._running.add(key)
        try:
            await _guarded(name, task, arguments, self._ended)
        finally:
            self._running.discard(key)
        return True

    async def drain(self, timeout: float) -> bool:  # noqa: ARG002 - nothing is ever under way here
        """Nothing is ever under way."""
        return True


async def _guarded(name: str, task: Task, arguments: dict[str, object], ended: Ended) -> None:
    try:
        await task(**arguments)
    except Exception as error:  # noqa: BLE001 - the row's lease is the recovery: the next tick claims it again
        await ended(name, error, arguments)
    else:
        await ended(name, None, arguments)


async def _logged(name: str, error: Exception | None, arguments: dict[str, object]) -> None:
    if error is not None:
        log.error("task failed", extra={"fields": {"task": name, "arguments": arguments}}, exc_info=error)
