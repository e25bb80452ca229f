"""The engine port: submit a task by name with ids, and wait for what is under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

Task = Callable[..., Awaitable[None]]
"""A task takes plain arguments (ids), re-reads its state from the store, and may run twice without harm."""


Ended = Callable[..., Awaitable[None]]
"""Called with a task's name, the error it ended with or None, and its arguments."""


class Engine(Protocol):
    """Fans work out. A lost submission is harmless: the row's lease runs out and the next tick claims it again."""

    async def submit(self, name: str, **arguments: object) -> bool:
        """Hand a task over. False if the same task with the same arguments is already under way."""
        ...

    async def drain(self, timeout: float) -> bool:
        """Wait until nothing is under way. False if `timeout` seconds passed first."""
        ...


class UnknownTask(LookupError):
    """no task has this name"""


def find(tasks: Mapping[str, Task], name: str) -> Task:
    """The task of this name. Raises UnknownTask."""
    try:
        return tasks[name]
    except KeyError:
        raise UnknownTask(f"no task is called {name!r}; there are {', '.join(sorted(tasks))}") from None
