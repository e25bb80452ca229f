"""The daemon's own ticks, tasks and engine under a clock that moves ten minutes a round. Run as a process, to be killed.

    python -m tests.e2e.fast_daemon CONFIG CLOCK_FILE END

The clock lives in a file, so that a process that is killed leaves the time where it was and the next one goes on.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from aggregator import ticks
from aggregator.app import opened
from aggregator.config.load import load
from aggregator.engine.embedded import EmbeddedEngine
from aggregator.observe.metrics import Metrics
from aggregator.tasks import tasks

ROUND = timedelta(minutes=10)


class FileClock:
    """The time that stands in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())

    def advance(self, by: timedelta) -> None:
        """Move, all or nothing."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text((self.now() + by).isoformat())
        fresh.replace(self._path)


async def main(config: Path, clock: FileClock, end: datetime) -> None:
    async with opened(load(config), clock) as app:
        engine = EmbeddedEngine(tasks(app, Metrics()))
        while clock.now() < end:
            for name in ("poll", "group", "compose", "deliver"):
                await ticks.TICKS[name][0](app, engine)
                await engine.drain(60)
            clock.advance(ROUND)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), FileClock(Path(sys.argv[2])), datetime.fromisoformat(sys.argv[3])))
