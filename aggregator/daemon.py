"""The daemon: a scheduler that wakes ticks, an engine that runs tasks, pages on loopback, and an orderly end.

APScheduler only wakes the ticks (coalesced, one at a time, never "missed"); when a digest is due is computed by
`digests.schedule`, because cron libraries disagree about weekdays and daylight saving.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from aggregator import ticks
from aggregator.app import App, opened
from aggregator.clock import Clock
from aggregator.config import ConfigError, load
from aggregator.config.schema import Config
from aggregator.engine.embedded import EmbeddedEngine
from aggregator.observe.metrics import Metrics
from aggregator.observe.systemd import notify
from aggregator.store import meta
from aggregator.store.errors import LeaseLost, StoreError
from aggregator.tasks import tasks
from aggregator.web.server import serve

log = logging.getLogger(__name__)

INSTANCE_LEASE = timedelta(seconds=60)
RENEW = timedelta(seconds=15)
RELOAD = timedelta(seconds=5)
DRAIN_SECONDS = 25.0  # service managers kill after 90; containers often after 30


async def run(config: Config, clock: Clock | None = None, ready: Callable[[], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreError, such as InstanceHeld."""
    async with opened(config, clock) as app:
        await asyncio.to_thread(meta.acquire_instance, app.db, app.owner, app.clock.now(), INSTANCE_LEASE)
        try:
            await _serve(app, ready)
        finally:
            await asyncio.to_thread(meta.release_instance, app.db, app.owner)


async def _serve(app: App, ready: Callable[[], None] | None) -> None:
    stop = _stop_event()
    metrics = Metrics()
    await app.prepare()
    engine = EmbeddedEngine(tasks(app, metrics))
    scheduler = _scheduler(app, engine, metrics, stop)
    async with serve(app, metrics):
        scheduler.start()
        notify("READY=1")
        log.info("running", extra={"fields": {"feeds": len(app.config.feeds), "digests": len(app.config.digests)}})
        if ready:
            ready()
        await stop.wait()
        notify("STOPPING=1")
        scheduler.remove_all_jobs()  # not shutdown(wait=True): that would cancel a tick that is running
        if not await engine.drain(DRAIN_SECONDS):
            log.warning("stopped with work under way; its leases run out and it is taken up again")
        scheduler.shutdown(wait=False)


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _scheduler(app: App, engine: EmbeddedEngine, metrics: Metrics, stop: asyncio.Event) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )

    def every(span: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            try:
                await work()
            except StoreError as error:
                log.error("tick failed", extra={"fields": {"tick": name, "code": error.code, "why": str(error)}})
            metrics.ticked(name, app.clock.now().timestamp())

        # All start at once. (`next_run_time=None` would add the job paused.)
        now = datetime.now(UTC)
        scheduler.add_job(guarded, IntervalTrigger(seconds=span.total_seconds()), id=name, next_run_time=now)

    for name, (tick, span) in ticks.TICKS.items():
        every(span, name, lambda tick=tick: tick(app, engine))  # type: ignore[misc]
    every(RENEW, "renew", lambda: _renew(app, stop))
    every(RELOAD, "reload", _Reload(app))
    return scheduler


async def _renew(app: App, stop: asyncio.Event) -> None:
    """Keep the lease and tell the watchdog. A lease lost to another daemon ends this one: two would be worse than none."""
    now = app.clock.now()
    try:
        await asyncio.to_thread(meta.renew_instance, app.db, app.owner, now, INSTANCE_LEASE)
    except LeaseLost as error:
        log.error("stopping", extra={"fields": {"why": str(error)}})
        stop.set()
    else:
        notify("WATCHDOG=1")


class _Reload:
    """Takes the configuration over when its file changes; a bad edit keeps the running one and says why."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._path = app.config.path
        self._seen = _stamp(self._path)

    async def __call__(self) -> None:
        stamp = _stamp(self._path)
        if stamp is None or stamp == self._seen:
            return
        self._seen = stamp
        try:
            config = await asyncio.to_thread(load, self._path)
        except ConfigError as error:
            log.error("the new configuration is not taken over", extra={"fields": {"why": str(error)}})
            return
        await asyncio.to_thread(self._app.reconfigure, config)
        await self._app.prepare()
        log.info("configuration reloaded")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
