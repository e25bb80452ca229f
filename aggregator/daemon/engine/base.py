"""The engine port: submits tasks by name and waits for running ones."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

log = logging.getLogger(__name__)

Task = Callable[..., Awaitable[None]]
"""A task takes plain arguments (ids), reads its state from the database, and may safely run twice."""


OnTaskEnd = Callable[..., Awaitable[None]]
"""Called after a task with its name, its error or None, and its arguments."""


class Engine(Protocol):
    """Runs tasks. A lost submission is harmless: the row's lease expires and the next tick claims it again."""

    async def submit(self, name: str, **arguments: object) -> bool:
        """Submit a task. False if the same task with the same arguments is already running."""
        ...

    async def drain(self, timeout: float) -> bool:
        """Wait until no task is running. False if `timeout` seconds passed first."""
        ...


class UnknownTask(LookupError):
    """no task has this name"""


def find_task(tasks: Mapping[str, Task], name: str) -> Task:
    """Return the task of this name. Raises UnknownTask."""
    try:
        return tasks[name]
    except KeyError:
        raise UnknownTask(f"no task is called {name!r}; there are {', '.join(sorted(tasks))}") from None


async def log_failure(name: str, error: Exception | None, arguments: Mapping[str, object]) -> None:
    """Log the error of a task; the default at the end of a task."""
    if error is not None:
        log.error("task failed", extra={"fields": {"task": name, "arguments": arguments}}, exc_info=error)
