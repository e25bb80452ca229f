"""The engine of several machines: tasks are jobs of procrastinate, in the same PostgreSQL database.

Every worker may submit a job and run one. LISTEN and NOTIFY wake an idle worker. A failed job waits and is tried again,
longer after each failure; while it waits, the same job is not submitted again. A job of a worker that died is handed
back when the worker is no longer registered (`store.cluster.membership` deletes it), or when its heartbeat is missing
for STALLED seconds. A job whose end could not be written is handed back by its own worker. A lost job is harmless: the
next tick submits it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate import exceptions as failures
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from aggregator.daemon.engine.base import OnTaskEnd, Task, find_task, log_failure
from aggregator.daemon.engine.queues import PRIORITIES, queue_of
from aggregator.store.cluster.jobs import QUEUES
from aggregator.store.database import KEEPALIVE
from aggregator.store.errors import Unreachable

log = logging.getLogger(__name__)

HEARTBEAT = 10.0  # seconds between two signs of life of a worker
STALLED = 30.0  # seconds without one, after which a worker counts as dead
ATTEMPTS = 8  # of one job; then the next tick submits a new one
_FIRST_WAIT, _LONGEST_WAIT = 5, 300  # seconds before the next attempt of a failed job
_HAND_BACK = 10.0  # seconds to write the state of interrupted jobs at a stop
_RESTART_WAITS = (1.0, 2.0, 5.0, 10.0)  # seconds before the worker connects again


class Backoff(BaseRetryStrategy):
    """When a failed job is tried again. A job that was interrupted by a stop is handed back at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return the wait, or None after the last attempt."""
        if isinstance(exception, asyncio.CancelledError | failures.JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": min(_LONGEST_WAIT, _FIRST_WAIT * 2**job.attempts)})


class ClusterEngine:
    """Submits jobs, and runs those of `queues`, at most `concurrency` at a time. Open it with `async with`.

    Without queues it only submits. The job tables must exist (`store.cluster.jobs.install`).
    """

    def __init__(
        self,
        url: str,
        tasks: Mapping[str, Task],
        on_end: OnTaskEnd | None = None,
        *,
        queues: Sequence[str] = QUEUES,
        concurrency: int = 4,
    ) -> None:
        conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1)
        connector = PsycopgConnector(conninfo=conninfo, kwargs=KEEPALIVE, min_size=1, max_size=4, timeout=10.0)
        self._app = App(connector=connector)
        self._tasks = tasks
        self._on_end = on_end or log_failure
        self._queues = list(queues)
        self._concurrency = concurrency
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None
        self._running: asyncio.Task[None] | None = None
        self._interrupted = 0
        self._at_work: set[int] = set()  # ids of jobs
        self._ended: set[int] = set()  # ids of jobs that had ended, and counted as running, at the last look
        for name, task in tasks.items():
            self._register(name, task)

    async def __aenter__(self) -> Self:
        """Connect, and start to run jobs. Raises Unreachable."""
        try:
            await self._app.open_async()
        except failures.ConnectorException as error:
            raise Unreachable(f"{Unreachable.__doc__}: {error.__cause__ or error}") from error
        if self._queues:
            self._running = asyncio.create_task(self._work(), name="cluster worker")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and close the connections."""
        await self.drain(0)
        await self._app.close_async()

    async def submit(self, name: str, **arguments: object) -> bool:
        """Submit a job. False if the same job waits or runs already, on any machine. Raises Unreachable."""
        find_task(self._tasks, name)
        key = f"{name} {sorted(arguments.items())!r}"
        queue = queue_of(name)
        try:
            if list(await self._app.job_manager.list_jobs_async(lock=key, status=Status.DOING.value)):
                return False
            job = self._app.configure_task(
                name, lock=key, queueing_lock=key, queue=queue, priority=PRIORITIES.get(queue, 0)
            )
            await job.defer_async(**_as_json(arguments))
        except failures.AlreadyEnqueued:
            return False
        except failures.ConnectorException as error:
            raise Unreachable(f"{Unreachable.__doc__}: {error.__cause__ or error}") from error
        return True

    @property
    def worker_number(self) -> int | None:
        """The number of this worker in the job tables; None while it is not registered."""
        return None if self._worker is None else self._worker.worker_id

    async def drain(self, timeout: float) -> bool:
        """Take no more jobs and wait for the running ones; after `timeout` seconds hand the rest back.

        False if jobs were handed back; another worker runs them again.
        """
        if self._running is None:
            return True
        self._stopping.set()
        if self._worker is not None:
            self._worker.shutdown_graceful_timeout = timeout
            self._worker.stop()  # type: ignore[no-untyped-call]
        # If the database does not respond, the leader hands the jobs back.
        _, late = await asyncio.wait([self._running], timeout=timeout + _HAND_BACK)
        self._running = None
        return not (self._interrupted or late)

    async def hand_back(self) -> int:
        """Hand back the jobs of workers that died; return how many there were. Raises Unreachable."""
        jobs = self._app.job_manager
        try:
            await jobs.prune_stalled_workers(STALLED)
            stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED))
            for job in stalled:
                assert job.id is not None
                await self._retry_now(job.id)
        except failures.ConnectorException as error:
            raise Unreachable(f"{Unreachable.__doc__}: {error.__cause__ or error}") from error
        return len(stalled)

    async def hand_back_unwritten(self) -> int:
        """Hand back this worker's jobs that ended while the database did not respond; return how many there were.

        They count as running for as long as this worker lives, so the same job could not be submitted again. Call it
        regularly: a job is handed back at the second look. Raises Unreachable.
        """
        worker = self.worker_number
        if worker is None:
            return 0
        jobs = self._app.job_manager
        try:
            running = await jobs.list_jobs_async(status=Status.DOING.value, worker_id=worker)
            ended = {job.id for job in running if job.id is not None} - self._at_work
            lost, self._ended = ended & self._ended, ended
            for key in lost:
                await self._retry_now(key)
        except failures.ConnectorException as error:
            raise Unreachable(f"{Unreachable.__doc__}: {error.__cause__ or error}") from error
        return len(lost)

    async def _retry_now(self, key: int) -> None:
        jobs = self._app.job_manager
        try:
            await jobs.retry_job_by_id_async(key, retry_at=datetime.now(UTC))
        except failures.ConnectorException:  # the same job waits already, or the job has ended meanwhile
            with contextlib.suppress(failures.ConnectorException):
                await jobs.finish_job_by_id_async(key, Status.FAILED, delete_job=True)

    async def _work(self) -> None:
        """Run the worker until the engine stops. After a failure of the database, connect again."""
        failed = 0
        while not self._stopping.is_set():
            self._worker = Worker(
                self._app,
                queues=self._queues,
                concurrency=self._concurrency,
                shutdown_graceful_timeout=STALLED,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                install_signal_handlers=False,
            )
            began = asyncio.get_running_loop().time()
            try:
                await self._worker.run()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - whatever failed, a worker must not stay without work
                log.warning("the worker lost the database", extra={"fields": {"why": str(error.__cause__ or error)}})
            if self._stopping.is_set():
                return
            failed = failed + 1 if asyncio.get_running_loop().time() - began < STALLED else 0
            wait = _RESTART_WAITS[min(failed, len(_RESTART_WAITS) - 1)]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    def _register(self, name: str, task: Task) -> None:
        async def run(context: JobContext, /, **arguments: Any) -> None:
            given = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
            key = context.job.id or 0
            self._at_work.add(key)
            try:
                await task(**given)
            except asyncio.CancelledError:
                self._interrupted += 1
                raise
            except Exception as error:
                await self._on_end(name, error, given)
                raise
            finally:
                self._at_work.discard(key)
            await self._on_end(name, None, given)

        self._app.task(name=name, retry=Backoff(), pass_context=True)(run)


def _as_json(arguments: Mapping[str, object]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in arguments.items()}
