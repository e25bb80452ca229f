"""What the engine of a cluster does beside the others: several workers, priorities, retries, work handed back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from procrastinate.jobs import Job
from sqlalchemy.engine import make_url

from aggregator.daemon.engine import cluster
from aggregator.daemon.engine.cluster import ATTEMPTS, Backoff, ClusterEngine
from aggregator.store import Database
from aggregator.store.cluster import jobs
from tests.support.jobs import jobs_database, until_ended
from tests.support.stores import postgres_database, postgres_server
from tests.support.tcp_faults import TcpFaults

__all__ = ["jobs_database", "postgres_database", "postgres_server"]
pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


async def nothing() -> None: ...


async def test_a_worker_runs_what_another_process_submitted_and_is_woken_at_once(jobs_database: str) -> None:
    done = asyncio.Event()

    async def note() -> None:
        done.set()

    submitting = ClusterEngine(jobs_database, {"note": nothing}, queues=())
    async with submitting as front, ClusterEngine(jobs_database, {"note": note}):
        await until_listening(jobs_database)
        began = asyncio.get_running_loop().time()
        assert await front.submit("note")
        await asyncio.wait_for(done.wait(), 20)
        assert asyncio.get_running_loop().time() - began < 4, "a worker without notifications looks every 5 seconds"


async def until_listening(url: str) -> None:
    """Wait until a worker has registered and listens."""
    db = Database.open(url)
    listening = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
    try:
        async with asyncio.timeout(20):
            while True:
                with db.read() as connection:
                    if connection.exec_driver_sql(listening).scalar():
                        return
                await asyncio.sleep(0.02)
    finally:
        db.close()


async def test_the_queue_with_the_highest_priority_comes_first(jobs_database: str) -> None:
    seen: list[str] = []

    def noting(name: str) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            seen.append(name)

        return note

    tasks = {name: noting(name) for name in ("maintain", "poll", "deliver", "compose")}
    async with ClusterEngine(jobs_database, tasks, queues=()) as front:
        for name in tasks:
            assert await front.submit(name)
    async with ClusterEngine(jobs_database, tasks, concurrency=1):
        await until_ended(jobs_database)
    assert seen == ["compose", "deliver", "poll", "maintain"]


async def test_a_worker_takes_only_the_jobs_of_its_queues(jobs_database: str) -> None:
    tasks = {"poll": nothing, "deliver": nothing}
    async with ClusterEngine(jobs_database, tasks, queues=["deliver"]) as engine:
        assert await engine.submit("poll")
        assert await engine.submit("deliver")
        db = Database.open(jobs_database)
        async with asyncio.timeout(20):
            while (await asyncio.to_thread(figures, db))["deliver"].done == 0:  # noqa: ASYNC110 - another process may end it
                await asyncio.sleep(0.02)
        found = figures(db)
        db.close()
    assert (found["poll"].waiting, found["poll"].done) == (1, 0)
    assert found["deliver"].waiting == 0


def figures(db: Database) -> dict[str, jobs.QueueFigures]:
    return {one.name: one for one in jobs.queue_figures(db)}


async def test_a_failed_job_waits_and_is_not_submitted_again_meanwhile(jobs_database: str) -> None:
    ended: list[Exception | None] = []

    async def fail() -> None:
        raise ValueError("no")

    async def end(_name: str, error: Exception | None, _arguments: object) -> None:
        ended.append(error)

    async with ClusterEngine(jobs_database, {"deliver": fail}, end) as engine:
        assert await engine.submit("deliver")
        await until_ended(jobs_database)
        assert not await engine.submit("deliver")
    db = Database.open(jobs_database)
    found = figures(db)["deliver"]
    db.close()
    assert [str(error) for error in ended] == ["no"]
    assert (found.waiting, found.failed) == (1, 1)


def test_the_wait_doubles_up_to_a_limit_and_ends() -> None:
    def wait(attempts: int) -> float | None:
        before = datetime.now(UTC)
        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = Backoff().get_retry_decision(exception=ValueError(), job=job)
        retry_at = decision.retry_at if decision else None
        return None if retry_at is None else round((retry_at - before).total_seconds())

    waits = [wait(n) for n in range(ATTEMPTS)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] is None
    assert max(one for one in waits if one) <= 300


async def test_a_stop_hands_running_work_to_another_worker(jobs_database: str) -> None:
    began, done = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        began.set()
        await asyncio.Event().wait()

    async def finish() -> None:
        done.set()

    async with ClusterEngine(jobs_database, {"deliver": hang}) as first:
        assert await first.submit("deliver")
        await asyncio.wait_for(began.wait(), 20)
        assert not await first.drain(0.01)
    async with ClusterEngine(jobs_database, {"deliver": finish}):
        await asyncio.wait_for(done.wait(), 20)


async def test_the_job_of_a_dead_worker_is_handed_back(jobs_database: str) -> None:
    done = asyncio.Event()

    async def finish() -> None:
        done.set()

    async with ClusterEngine(jobs_database, {"deliver": nothing}, queues=()) as front:
        assert await front.submit("deliver")
        db = Database.open(jobs_database)
        with db.write() as connection:  # a worker took it and died a minute ago
            connection.exec_driver_sql(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
            )
            connection.exec_driver_sql(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM "
                "procrastinate_workers)"
            )
        db.close()
        assert not await front.submit("deliver"), "it counts as running until it is handed back"
        assert await front.hand_back() == 1
        assert await front.hand_back() == 0
    async with ClusterEngine(jobs_database, {"deliver": finish}):
        await asyncio.wait_for(done.wait(), 20)


async def test_a_job_whose_end_was_not_written_is_handed_back_by_its_living_worker(jobs_database: str) -> None:
    done = asyncio.Event()

    async def finish() -> None:
        done.set()

    async with ClusterEngine(jobs_database, {"deliver": nothing}, queues=["maintain"]) as engine:
        await until_listening(jobs_database)
        assert await engine.submit("deliver")
        db = Database.open(jobs_database)
        with db.write() as connection:  # the worker ran it, and the database did not respond at the end
            connection.exec_driver_sql(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM "
                "procrastinate_workers)"
            )
        db.close()
        assert await engine.hand_back() == 0, "its worker lives"
        assert not await engine.submit("deliver")
        assert await engine.hand_back_unwritten() == 0, "the end may be about to be written"
        assert await engine.hand_back_unwritten() == 1
        assert await engine.hand_back_unwritten() == 0
        async with ClusterEngine(jobs_database, {"deliver": finish}):
            await asyncio.wait_for(done.wait(), 20)


async def test_a_job_that_runs_is_not_handed_back(jobs_database: str) -> None:
    began, end = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        began.set()
        await end.wait()

    async with ClusterEngine(jobs_database, {"deliver": hold}) as engine:
        assert await engine.submit("deliver")
        await asyncio.wait_for(began.wait(), 20)
        assert [await engine.hand_back_unwritten() for _ in range(3)] == [0, 0, 0]
        end.set()
        await until_ended(jobs_database)


async def test_a_stop_ends_although_the_database_does_not_respond(
    jobs_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_HAND_BACK", 0.5)
    began = asyncio.Event()

    async def hang() -> None:
        began.set()
        await asyncio.Event().wait()

    with TcpFaults(Path(make_url(jobs_database).query["host"]) / ".s.PGSQL.5432") as relay:  # type: ignore[arg-type]
        name = make_url(jobs_database).database
        engine = ClusterEngine(f"postgresql://postgres@127.0.0.1:{relay.port}/{name}", {"deliver": hang})
        async with engine:
            assert await engine.submit("deliver")
            await asyncio.wait_for(began.wait(), 20)
            relay.stall()
            try:
                async with asyncio.timeout(10):
                    assert not await engine.drain(0.1)
            finally:
                relay.resume()
