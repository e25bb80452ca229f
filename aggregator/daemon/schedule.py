"""Calls the regular jobs of a daemon at their intervals, and records how each ended.

APScheduler only calls the jobs (coalesced, one at a time, never "missed"). `digests.schedule` computes when a digest
is due, because cron libraries disagree about weekdays and daylight saving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.daemon.failures import Failures
from aggregator.observe.metrics import Metrics
from aggregator.system.clock import Clock

Work = Callable[[], Awaitable[None]]


class Schedule:
    """The regular jobs of one daemon. All start immediately."""

    def __init__(self, clock: Clock, metrics: Metrics, failures: Failures) -> None:
        self._clock, self._metrics, self._failures = clock, metrics, failures
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def every(self, span: timedelta, name: str, work: Work) -> None:
        """Add a job; a failure is recorded, and the next call tries again."""

        async def guarded() -> None:
            failure = None
            try:
                await work()
            except asyncio.CancelledError:
                return  # the process ends; APScheduler would log an error
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                failure = error
            await self._failures.record("tick", name, failure)
            self._metrics.ticked(name, self._clock.now(), span)

        # (`next_run_time=None` would add the job paused.)
        now = datetime.now(UTC)
        self._scheduler.add_job(guarded, IntervalTrigger(seconds=span.total_seconds()), id=name, next_run_time=now)

    def once(self, name: str, work: Work) -> None:
        """Add a job that is called once, at the start."""
        self._scheduler.add_job(work, id=name)

    def start(self) -> None:
        """Start to call the jobs in the running loop."""
        self._scheduler.start()

    def run_all_now(self, now: datetime) -> None:
        """Call every job now: the scheduler has computed their next runs by the clock as it was."""
        self._metrics.health.clock_set(now)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=now)

    def stop(self) -> None:
        """Call no job any more. (`shutdown(wait=True)` would cancel a running one.)"""
        self._scheduler.remove_all_jobs()

    def close(self) -> None:
        """End the scheduler."""
        self._scheduler.shutdown(wait=False)
