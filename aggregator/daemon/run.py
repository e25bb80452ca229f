"""Running the daemon: a scheduler calls ticks, an engine runs tasks, a server serves the pages, until a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import partial

from aggregator.config.schema import Config
from aggregator.daemon import ticks
from aggregator.daemon.clock_jumps import correct_after_start, watch
from aggregator.daemon.cluster.leader import LEADER
from aggregator.daemon.engine.embedded import EmbeddedEngine
from aggregator.daemon.failures import Failures
from aggregator.daemon.reload import Reload
from aggregator.daemon.schedule import Schedule
from aggregator.daemon.tasks import build_tasks
from aggregator.observe.health import Health
from aggregator.observe.metrics import Metrics
from aggregator.observe.systemd import notify
from aggregator.services.context import Context
from aggregator.services.program import Program, opened_program
from aggregator.store import leases, meta
from aggregator.store.errors import InstanceHeld, LeaseLost
from aggregator.system import process
from aggregator.system.clock import Clock
from aggregator.system.freeze import end_when_frozen
from aggregator.web.server import serve

log = logging.getLogger(__name__)

INSTANCE_LEASE = timedelta(seconds=60)
RENEW = timedelta(seconds=15)
RELOAD = timedelta(seconds=5)
DRAIN_SECONDS = 25.0  # service managers kill after 90; containers often after 30


async def run_daemon(config: Config, clock: Clock | None = None, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreError, such as InstanceHeld."""
    process.share_arenas()
    async with opened_program(config, clock) as program:
        now = program.clock.now()
        await asyncio.to_thread(
            meta.acquire_instance, program.db, program.context.holder, now, INSTANCE_LEASE, process.has_ended
        )
        finished = False
        try:
            await asyncio.to_thread(_refuse_beside_cluster, program.context, now)
            finished = await _serve(program, ready)
        finally:
            await asyncio.to_thread(meta.release_instance, program.db, program.context.holder)
    end_process(finished=finished)


def _refuse_beside_cluster(context: Context, now: datetime) -> None:
    leader = leases.holder_of(context.db, LEADER, now)
    if leader is not None:
        raise InstanceHeld(f"workers of a cluster serve this database; the leader is {leader}", "set [cluster] enabled")


def end_process(*, finished: bool) -> None:
    """Log that the daemon has stopped. With unfinished work end the process here.

    A thread still waits for a server that does not respond, and Python would wait for the thread up to ten minutes,
    longer than a service manager does. Exiting is as safe as being killed: all unfinished work has a lease that
    expires.
    """
    log.info("stopped", extra={"fields": {"finished": "yes" if finished else "no"}})
    if not finished:
        logging.shutdown()
        os._exit(0)


async def _serve(program: Program, ready: Callable[[], None] | None) -> bool:
    """Run until the stop signal. False if work was unfinished after DRAIN_SECONDS."""
    stop = stop_event()
    metrics = Metrics()
    failures = Failures(program.operator, metrics)
    engine = EmbeddedEngine(
        build_tasks(program, metrics), lambda name, error, arguments: failures.record("task", name, error, **arguments)
    )
    schedule = _schedule(program, engine, metrics, stop, failures)
    await correct_after_start(program)
    async with serve(program, metrics) as port:
        schedule.start()
        watching = asyncio.create_task(watch_process(watch(program, schedule.run_all_now)))
        notify("READY=1")
        log_start(program.config, port)
        if ready:
            ready()
        await stop.wait()
        notify("STOPPING=1")
        log.info("stopping", extra={"fields": {"seconds_for_running_work": DRAIN_SECONDS}})
        program.delivery.stopping.set()
        schedule.stop()
        finished = await engine.drain(DRAIN_SECONDS)
        if not finished:
            log.warning("stopped with unfinished work; it continues when its leases expire")
        schedule.close()
        watching.cancel()
    return finished


def log_start(config: Config, port: int) -> None:
    """Log that the daemon runs."""
    fields: dict[str, object] = {"feeds": len(config.feeds), "digests": len(config.digests)}
    if port:
        fields["pages"] = f"http://{config.web.listen}/"
    log.info("running", extra={"fields": fields})


def stop_event() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _schedule(
    program: Program, engine: EmbeddedEngine, metrics: Metrics, stop: asyncio.Event, failures: Failures
) -> Schedule:
    schedule = Schedule(program.clock, metrics, failures)
    for name, (tick, span) in ticks.TICKS.items():
        schedule.every(span, name, partial(tick, program, engine))
    schedule.every(RENEW, "renew", lambda: _renew(program, stop, metrics.health))
    schedule.every(RELOAD, "reload", Reload(program, metrics.health))
    # Examples of interests are fetched, which may take long. The daemon is ready before that.
    schedule.once("prepare", program.stories.prepare)
    return schedule


def notify_watchdog(health: Health, now: datetime) -> None:
    """Notify systemd's watchdog; not while a tick hangs, so that systemd restarts the process.

    A failing database is no reason for a restart, which would not help.
    """
    stuck = health.stuck(now)
    if stuck:
        log.error("a tick hangs", extra={"fields": {"ticks": ", ".join(stuck)}})
    else:
        notify("WATCHDOG=1")


async def watch_process(clock_jumps: Coroutine[object, object, None]) -> None:
    """Watch the clock, and whether the process is frozen."""
    async with asyncio.TaskGroup() as group:
        group.create_task(clock_jumps)
        group.create_task(end_when_frozen())


async def _renew(program: Program, stop: asyncio.Event, health: Health) -> None:
    """Renew the instance lease and notify systemd's watchdog. Stop if another daemon has taken the lease."""
    context, now = program.context, program.clock.now()
    notify_watchdog(health, now)
    program.stories.interrupt_hung()
    try:
        await asyncio.to_thread(meta.renew_instance, context.db, context.holder, now, INSTANCE_LEASE)
    except LeaseLost as error:
        log.error("stopping", extra={"fields": {"why": str(error)}})
        stop.set()
