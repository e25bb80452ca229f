"""The daemon with scheduler, engine and signals, under a clock that moves ten minutes when its work is done.

    python -m tests.e2e.fast_daemon CONFIG CLOCK_FILE END

The clock lives in a file, so that a process that is killed leaves the time where it was and the next one goes on. What
is sped up is only how often the ticks run; at END the process sends itself SIGTERM, as a service manager would.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.config.load import load
from aggregator.daemon import run as daemon
from aggregator.daemon import ticks
from aggregator.daemon.engine.base import Engine
from aggregator.services.program import Program

ROUND = timedelta(minutes=10)
OFTEN = timedelta(milliseconds=30)
WORK = ("poll", "group", "compose", "deliver")


class FileClock:
    """The time in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())

    def monotonic(self) -> float:
        return self.now().timestamp()

    def advance(self, by: timedelta) -> None:
        """Move, all or nothing."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text((self.now() + by).isoformat())
        fresh.replace(self._path)


class FastTicks:
    """The daemon's ticks, often; and one more that moves the clock once each of them has run and its work is done."""

    def __init__(self, clock: FileClock, end: datetime) -> None:
        self._clock, self._end = clock, end
        self._ran: Counter[str] = Counter()

    def install(self) -> None:
        """Put them in the place of the slow ones."""
        for name in WORK:
            ticks.TICKS[name] = (self._counted(name, ticks.TICKS[name][0]), OFTEN)
        ticks.TICKS["move"] = (self._move, OFTEN)
        daemon.RENEW = OFTEN

    def _counted(self, name: str, tick: ticks.Tick) -> ticks.Tick:
        async def counted(program: Program, engine: Engine) -> None:
            await tick(program, engine)
            self._ran[name] += 1

        return counted

    async def _move(self, _: Program, engine: Engine) -> None:
        if any(self._ran[name] < 1 for name in WORK):
            return
        await engine.drain(60)
        self._ran.clear()
        self._clock.advance(ROUND)
        if self._clock.now() >= self._end:
            os.kill(os.getpid(), signal.SIGTERM)


def main(config: Path, clock: FileClock, end: datetime) -> None:
    FastTicks(clock, end).install()
    asyncio.run(daemon.run_daemon(load(config), clock))


if __name__ == "__main__":
    main(Path(sys.argv[1]), FileClock(Path(sys.argv[2])), datetime.fromisoformat(sys.argv[3]))
