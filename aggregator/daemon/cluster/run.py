"""Running a worker of a cluster.

leader   one worker at a time: its ticks count due rows and submit tasks
writer   one worker at a time: groups; it keeps the window of open stories in memory, so it keeps its lease too
tasks    any worker: claim due rows, work, save; the row's lease is the recovery
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial

from aggregator.config.schema import Config
from aggregator.config.secrets import session_url
from aggregator.daemon.clock_jumps import correct_after_start, watch
from aggregator.daemon.cluster.leader import CAMPAIGN, Leader
from aggregator.daemon.cluster.server_time import follow_server
from aggregator.daemon.cluster.tasks import build_cluster_tasks
from aggregator.daemon.cluster.ticks import TICKS, ClusterTick
from aggregator.daemon.engine.cluster import HEARTBEAT, ClusterEngine
from aggregator.daemon.engine.job_scripts import job_scripts
from aggregator.daemon.failures import Failures
from aggregator.daemon.reload import Reload
from aggregator.daemon.run import (
    DRAIN_SECONDS,
    RELOAD,
    end_process,
    log_start,
    notify_watchdog,
    stop_event,
    watch_process,
)
from aggregator.daemon.schedule import Schedule
from aggregator.daemon.tasks import build_tasks
from aggregator.observe.metrics import Metrics
from aggregator.observe.systemd import notify
from aggregator.services.program import Program, opened_program
from aggregator.store import Database, meta
from aggregator.store.cluster import jobs, membership
from aggregator.store.cluster.sessions import check_sessions
from aggregator.store.errors import InstanceHeld
from aggregator.system import process
from aggregator.system.clock import AnchoredClock, Clock, SystemClock
from aggregator.web.server import serve

log = logging.getLogger(__name__)

CONCURRENCY = 4  # tasks of one worker at a time
GROUPING = timedelta(seconds=5)
CLOCK = timedelta(seconds=10)  # how often the clock of the database is asked
_MORE_THREADS = 16  # for short calls of the database beside the tasks that occupy a thread


async def run_worker(
    config: Config,
    *,
    queues: Sequence[str] = jobs.QUEUES,
    concurrency: int = CONCURRENCY,
    pages: bool = False,
    clock: Clock | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreError: NoSession, or InstanceHeld if a daemon of one machine runs."""
    process.share_arenas()
    threads = ThreadPoolExecutor(concurrency + _MORE_THREADS, thread_name_prefix="worker")
    asyncio.get_running_loop().set_default_executor(threads)
    machine = clock or SystemClock()
    shared = AnchoredClock(machine)
    async with opened_program(config, shared) as program:
        await asyncio.to_thread(_prepare_database, program)
        await follow_server(program.db, shared)
        worker = _Worker(program, shared, machine, queues, concurrency)
        finished = await worker.run(pages, ready)
    end_process(finished=finished)


def _prepare_database(program: Program) -> None:
    holder = meta.instance_holder(program.db, program.clock.now())
    if holder is not None:
        raise InstanceHeld(f"{InstanceHeld.__doc__}: {holder}, without [cluster] enabled")
    with closing(Database.open(session_url(program.config))) as direct:
        check_sessions(program.db, direct)
    jobs.install(program.db, job_scripts())


class _Worker:
    """One worker: its engine, its schedule, and whether it leads."""

    def __init__(
        self, program: Program, clock: AnchoredClock, machine: Clock, queues: Sequence[str], concurrency: int
    ) -> None:
        self._program, self._clock, self._machine, self._queues = program, clock, machine, queues
        self._metrics = Metrics()
        self._failures = Failures(program.operator, self._metrics)
        session = membership.open_session(session_url(program.config), program.context.holder)
        self._leader = Leader(program.context, session, program.stories.kept_leases, lambda: self._engine.worker_number)
        program.fetching.may_begin = lambda: self._leader.alive
        program.fetching.on_stored = program.stories.read_ahead
        self._schedule = Schedule(program.clock, self._metrics, self._failures)
        self._engine = ClusterEngine(
            session_url(program.config),
            build_cluster_tasks(program, self._metrics),
            lambda name, error, arguments: self._failures.record("task", name, error, **arguments),
            queues=[queue for queue in queues if queue != "group"],
            concurrency=concurrency,
        )
        self._plan()

    async def run(self, pages: bool, ready: Callable[[], None] | None) -> bool:
        """Run until the stop signal. False if work was unfinished after DRAIN_SECONDS."""
        program, stop = self._program, stop_event()
        await correct_after_start(program)
        async with self._engine:
            if pages:
                async with serve(program, self._metrics) as port:
                    return await self._until(stop, port, ready)
            return await self._until(stop, 0, ready)

    async def _until(self, stop: asyncio.Event, port: int, ready: Callable[[], None] | None) -> bool:
        await self._leader.campaign()
        self._schedule.start()
        clock_jumps = watch(self._program, self._schedule.run_all_now, machine=self._machine)
        watching = asyncio.create_task(watch_process(clock_jumps))
        notify("READY=1")
        log_start(self._program.config, port)
        if ready:
            ready()
        await stop.wait()
        notify("STOPPING=1")
        log.info("stopping", extra={"fields": {"seconds_for_running_work": DRAIN_SECONDS}})
        self._program.delivery.stopping.set()
        self._schedule.stop()
        await self._leader.resign()
        finished = await self._engine.drain(DRAIN_SECONDS)
        if not finished:
            log.warning("stopped with unfinished work; it is handed to other workers")
        await asyncio.to_thread(self._program.stories.release)
        await self._leader.leave()
        self._schedule.close()
        watching.cancel()
        return finished

    def _plan(self) -> None:
        """Add the regular jobs: those of every worker, and the ticks, which only the leader carries out."""
        program, schedule = self._program, self._schedule
        schedule.every(CAMPAIGN, "lead", self._leader.campaign)
        schedule.every(CLOCK, "clock", lambda: follow_server(program.db, self._clock))
        schedule.every(RELOAD, "reload", Reload(program, self._metrics.health))
        schedule.every(timedelta(seconds=HEARTBEAT), "unwritten", self._hand_back_unwritten)
        schedule.every(CLOCK, "watchdog", self._notify_watchdog)
        if "group" in self._queues:
            schedule.every(GROUPING, "group", build_tasks(program, self._metrics)["group"])
            # Examples of interests are fetched, which may take long. The worker is ready before that.
            schedule.once("prepare", program.stories.prepare)
        for name, (tick, span) in TICKS.items():
            schedule.every(span, name, partial(self._tick, tick))

    async def _tick(self, tick: ClusterTick) -> None:
        if self._leader.leads:
            await tick(self._program, self._engine)

    async def _hand_back_unwritten(self) -> None:
        if count := await self._engine.hand_back_unwritten():
            log.warning("tasks whose end was not written are handed back", extra={"fields": {"tasks": count}})

    async def _notify_watchdog(self) -> None:
        notify_watchdog(self._metrics.health, self._program.clock.now())
        self._program.stories.interrupt_hung()
