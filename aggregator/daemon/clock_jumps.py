"""Notices that the machine's clock was set, and computes again what waits for a time.

The scheduler computes the next run of each tick by the clock. If the machine starts in 2036 and its clock is set to the
present a minute later, the next run would be in ten years.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aggregator.services.digests import sync_configured_digests
from aggregator.services.program import Program
from aggregator.store import future
from aggregator.system.clock import Clock
from digests.schedule import next_slot

log = logging.getLogger(__name__)

LEAST = timedelta(seconds=60)  # a smaller difference is a correction by NTP, or a busy machine
EVERY = 5.0  # seconds between two readings of the clock


class ClockWatch:
    """Compares the clock with the time that has passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._before = clock.now(), clock.monotonic()

    def jump(self) -> timedelta:
        """Return by how much the clock was set since the last call; zero if it was not."""
        (wall, passed), now, seconds = self._before, self._clock.now(), self._clock.monotonic()
        self._before = now, seconds
        by = (now - wall) - timedelta(seconds=seconds - passed)
        return by if abs(by) >= LEAST else timedelta(0)


async def watch(
    program: Program,
    jumped: Callable[[datetime], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    machine: Clock | None = None,
) -> None:
    """Look at the clock for ever. After a jump call `jumped`, and after one back judge again what waits.

    `machine` is the clock by which the scheduler runs, if the program has another.
    """
    machine = machine or program.clock
    clock = ClockWatch(machine)
    while True:
        await sleep(EVERY)
        by = clock.jump()
        if not by:
            continue
        now = machine.now()
        log.warning("the clock was set", extra={"fields": {"by_seconds": round(by.total_seconds()), "now": str(now)}})
        jumped(now)
        if by < timedelta(0):
            await judge_again(program)


async def judge_again(program: Program) -> None:
    """Correct times in the future, and make due what waits for one. A failure is logged; the next start tries again."""
    schedules = {digest.name: (digest.schedule, program.config.zone(digest)) for digest in program.config.digests}

    def following(name: str, after: datetime) -> datetime | None:
        return next_slot(*schedules[name], after) if name in schedules else None

    def correct() -> None:
        future.judge_again(program.db, program.clock.now(), following)
        sync_configured_digests(program.context, program.config)  # the times from which on alerts watch

    try:
        await asyncio.to_thread(correct)
    except Exception:
        log.exception("times in the future were not corrected")


async def correct_after_start(program: Program) -> None:
    """Judge again if the database was written by a clock that was ahead."""
    if await asyncio.to_thread(future.has_future_times, program.db, program.clock.now()):
        log.warning("the database has times in the future: what waits is judged again")
        await judge_again(program)
