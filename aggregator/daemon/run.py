"""The daemon: a scheduler that wakes ticks, an engine that runs tasks, pages on loopback, and an orderly end.

APScheduler only wakes the ticks (coalesced, one at a time, never "missed"); when a digest is due is computed by
`digests.schedule`, because cron libraries disagree about weekdays and daylight saving.
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
from aggregator.daemon.engine.embedded import EmbeddedEngine
from aggregator.daemon.failures import Failures
from aggregator.daemon.reload import Reload
from aggregator.daemon.tasks import tasks
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


async def run(config: Config, clock: Clock | None = None, ready: Callable[[], None] | None = None) -> None:
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
    if not finished:
        # A thread still waits for a server that does not answer, and Python would wait for the thread: up to ten minutes, which no
        # service manager gives. To leave is as safe as to be killed: what was under way has a lease that runs out.
        logging.shutdown()
        os._exit(0)


async def _serve(program: Program, ready: Callable[[], None] | None) -> bool:
    """Serve until told to stop. False if work was still under way when the time for it ran out."""
    stop = _stop_event()
    metrics = Metrics()
    failures = Failures(program.operator, metrics)
    engine = EmbeddedEngine(
        tasks(program, metrics), lambda name, error, what: failures.ended("task", name, error, **what)
    )
    scheduler = _scheduler(program, engine, metrics, stop, failures)
    async with serve(program, metrics) as port:
        scheduler.start()
        notify("READY=1")
        _log_start(program.config, port)
        if ready:
            ready()
        await stop.wait()
        notify("STOPPING=1")
        program.delivery.stopping.set()
        scheduler.remove_all_jobs()  # not shutdown(wait=True): that would cancel a tick that is running
        finished = await engine.drain(DRAIN_SECONDS)
        if not finished:
            log.warning("stopped with work under way; its leases run out and it is taken up again")
        scheduler.shutdown(wait=False)
    return finished


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
            failed = None
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                failed = error
            await failures.ended("tick", name, failed)
            metrics.ticked(name, program.clock.now(), span)

        # All start at once. (`next_run_time=None` would add the job paused.)
        now = datetime.now(UTC)
        scheduler.add_job(guarded, IntervalTrigger(seconds=span.total_seconds()), id=name, next_run_time=now)

    for name, (tick, span) in ticks.TICKS.items():
        every(span, name, lambda tick=tick: tick(program, engine))  # type: ignore[misc]
    every(RENEW, "renew", lambda: _renew(program.context, stop, metrics.health))
    every(RELOAD, "reload", Reload(program, metrics.health))
    # Examples are read from the network, which may take long: the daemon is ready before.
    scheduler.add_job(program.stories.prepare, id="prepare")
    return scheduler


async def _renew(context: Context, stop: asyncio.Event, health: Health) -> None:
    """Keep the claim and tell the watchdog. A claim lost to another daemon ends this one: two would be worse than none.

    The watchdog hears nothing while a tick stands still, so that a service manager starts a hung daemon anew. A database that
    fails is no reason for that: it would fail again.
    """
    now = context.clock.now()
    stuck = health.stuck(now)
    if stuck:
        log.error("a tick does not run", extra={"fields": {"ticks": ", ".join(stuck)}})
    else:
        notify("WATCHDOG=1")
    try:
        await asyncio.to_thread(meta.renew_instance, context.db, context.holder, now, INSTANCE_LEASE)
    except LeaseLost as error:
        log.error("stopping", extra={"fields": {"why": str(error)}})
        stop.set()
