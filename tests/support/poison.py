"""A process that groups what waits, and that one entry kills: `python -m tests.support.poison URL WHERE HOW`.

WHERE is `read` (when the features of the entry are read) or `describe` (when its story is described). HOW is `kill`, or
`freeze`: then a call into a library never returns.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aggregator.pipeline import group
from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage
from aggregator.store import Database
from aggregator.stories.grouping import features
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.profile.topics import Classifier
from aggregator.system import alone
from aggregator.system.freeze import end_when_frozen
from tests.support.stored import NOW

POISON = "Poison"  # in the title of an entry


def killed() -> None:
    """End the process as the kernel does when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def frozen() -> None:
    """Compute for ever in C, which keeps all threads of the process from running."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def poisoned(function: Callable[..., Any], harm: Callable[[], None]) -> Callable[..., Any]:
    """Return the function, which does harm when an argument has the word in its text."""

    def call(*arguments: Any, **named: Any) -> Any:
        if any(POISON in repr(one) for one in arguments):
            harm()
        return function(*arguments, **named)

    return call


def install(where: str, how: str) -> None:
    """Let one entry do harm in this process."""
    harm = {"kill": killed, "freeze": frozen}[how]
    if where == "read":
        features.extract = poisoned(features.extract, harm)
    else:
        Describer.describe = poisoned(Describer.describe, harm)  # type: ignore[method-assign]


def in_child(where: str, how: str, function: Callable[..., Any], *arguments: Any) -> None:
    """Call a function in a process where that entry does harm too, once for each call."""
    unharmed = features.extract, Describer.describe
    install(where, how)
    try:
        function(*arguments)
    finally:
        features.extract, Describer.describe = unharmed  # type: ignore[method-assign]


async def main(url: str, where: str, how: str, now: datetime = NOW) -> None:
    """Group what waits."""
    install(where, how)
    alone.SECONDS = 4.0

    def fault_of(function: Callable[..., Any], *calls: tuple[Any, ...]) -> str | None:
        from tests.support.poison import in_child  # by that name the child finds it

        return alone.fault_of(in_child, *((where, how, function, *one) for one in calls))

    group.fault_of = fault_of  # type: ignore[attr-defined]
    db = Database.open(url)
    watching = asyncio.create_task(end_when_frozen(limit=0.5, every=0.1))
    stage = GroupingStage(db, Describer(Classifier()), Grouper, str(os.getpid()))
    await asyncio.to_thread(stage.run, now)
    watching.cancel()
    db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
