"""Running the daemon: a scheduler calls ticks, an engine runs tasks, a server serves the pages, until a signal.

APScheduler only calls the ticks (coalesced, one at a time, never "missed"). `digests.schedule` computes when a digest
is due, because cron libraries disagree about weekdays and daylight saving.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator.config.schema import Config
from aggregator.daemon import ticks
from aggregator.daemon.clock_jumps import correct_after_start, watch
from aggregator.daemon.engine.embedded import EmbeddedEngine
from aggregator.daemon.failures import Failures
from aggregator.daemon.reload import Reload
from aggregator.daemon.tasks import build_tasks
from aggregator.observe.health import Health
from aggregator.observe.metrics import Metrics
from aggregator.observe.systemd import notify
from aggregator.services.context import Context
from aggregator.services.program import Program, opened_program
from aggregator.store import meta
from aggregator.store.errors import LeaseLost
from aggregator.system import process
from aggregator.system.clock import Clock
from aggregator.web.server import serve

log = logging.getLogger(__name__)

INSTANCE_LEASE = timedelta(seconds=60)
RENEW = timedelta(seconds=15)
RELOAD = timedelta(seconds=5)
DRAIN_SECONDS = 25.0  # service managers kill after 90; containers often after 30


async def run_daemon(config: Config, clock: Clock | None = None, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreError, such as InstanceHeld."""
    async with opened_program(config, clock) as program:
        now = program.clock.now()
        await asyncio.to_thread(
            meta.acquire_instance, program.db, program.context.holder, now, INSTANCE_LEASE, process.has_ended
        )
        finished = False
        try:
            finished = await _serve(program, ready)
        finally:
            await asyncio.to_thread(meta.release_instance, program.db, program.context.holder)
    log.info("stopped", extra={"fields": {"finished": "yes" if finished else "no"}})
    if not finished:
        # A thread still waits for a server that does not respond, and Python would wait for the thread up to ten
        # minutes, longer than a service manager does. Exiting is as safe as being killed: all unfinished work has a
        # lease that expires.
        logging.shutdown()
        os._exit(0)


async def _serve(program: Program, ready: Callable[[], None] | None) -> bool:
    """Run until the stop signal. False if work was unfinished after DRAIN_SECONDS."""
    stop = _stop_event()
    metrics = Metrics()
    failures = Failures(program.operator, metrics)
    engine = EmbeddedEngine(
        build_tasks(program, metrics), lambda name, error, arguments: failures.record("task", name, error, **arguments)
    )
    scheduler = _scheduler(program, engine, metrics, stop, failures)
    await correct_after_start(program)
    async with serve(program, metrics) as port:
        scheduler.start()
        watching = asyncio.create_task(watch(program, lambda now: _run_all_now(scheduler, metrics.health, now)))
        notify("READY=1")
        _log_start(program.config, port)
        if ready:
            ready()
        await stop.wait()
        notify("STOPPING=1")
        log.info("stopping", extra={"fields": {"seconds_for_running_work": DRAIN_SECONDS}})
        program.delivery.stopping.set()
        scheduler.remove_all_jobs()  # not shutdown(wait=True): that would cancel a running tick
        finished = await engine.drain(DRAIN_SECONDS)
        if not finished:
            log.warning("stopped with unfinished work; it continues when its leases expire")
        scheduler.shutdown(wait=False)
        watching.cancel()
    return finished


def _run_all_now(scheduler: AsyncIOScheduler, health: Health, now: datetime) -> None:
    """Run every tick now: the scheduler has computed their next runs by the clock as it was."""
    health.clock_set(now)
    for job in scheduler.get_jobs():
        job.modify(next_run_time=now)


def _log_start(config: Config, port: int) -> None:
    fields: dict[str, object] = {"feeds": len(config.feeds), "digests": len(config.digests)}
    if port:
        fields["pages"] = f"http://{config.web.listen}/"
    log.info("running", extra={"fields": fields})


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _scheduler(
    program: Program, engine: EmbeddedEngine, metrics: Metrics, stop: asyncio.Event, failures: Failures
) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )

    def every(span: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            failure = None
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                failure = error
            await failures.record("tick", name, failure)
            metrics.ticked(name, program.clock.now(), span)

        # All start immediately. (`next_run_time=None` would add the job paused.)
        now = datetime.now(UTC)
        scheduler.add_job(guarded, IntervalTrigger(seconds=span.total_seconds()), id=name, next_run_time=now)

    for name, (tick, span) in ticks.TICKS.items():
        every(span, name, lambda tick=tick: tick(program, engine))  # type: ignore[misc]
    every(RENEW, "renew", lambda: _renew(program.context, stop, metrics.health))
    every(RELOAD, "reload", Reload(program, metrics.health))
    # Examples of interests are fetched, which may take long. The daemon is ready before that.
    scheduler.add_job(program.stories.prepare, id="prepare")
    return scheduler


async def _renew(context: Context, stop: asyncio.Event, health: Health) -> None:
    """Renew the instance lease and notify systemd's watchdog. Stop if another daemon has taken the lease.

    While a tick hangs, the watchdog is not notified, so that systemd restarts the daemon. A failing database is no
    reason for a restart, which would not help.
    """
    now = context.clock.now()
    stuck = health.stuck(now)
    if stuck:
        log.error("a tick hangs", extra={"fields": {"ticks": ", ".join(stuck)}})
    else:
        notify("WATCHDOG=1")
    try:
        await asyncio.to_thread(meta.renew_instance, context.db, context.holder, now, INSTANCE_LEASE)
    except LeaseLost as error:
        log.error("stopping", extra={"fields": {"why": str(error)}})
        stop.set()
