"""Workers behind a real pgbouncer: in session mode, and in transaction mode with and without a direct connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.daemon.cluster.run import run_worker
from aggregator.daemon.engine.cluster import ClusterEngine
from aggregator.doctor.cluster import check_cluster
from aggregator.store import Database
from aggregator.store.cluster import membership
from aggregator.store.cluster.claims import claim_due, release_hosts
from aggregator.store.cluster.politeness import Manners
from aggregator.store.cluster.sessions import check_sessions
from aggregator.store.errors import NoSession
from aggregator.store.intake import feeds
from aggregator.store.records import FeedConfigRow
from tests.support.jobs import *  # noqa: F403 - fixtures are found by their names
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import fresh_database
from tests.support.stores import *  # noqa: F403
from tests.support.workers import cluster_config, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
DAY = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def by_transaction(postgres_database: str) -> Iterator[str]:
    with pgbouncer(postgres_database, "transaction") as url:
        yield url


@pytest.fixture(scope="module")
def by_session(postgres_database: str) -> Iterator[str]:
    with pgbouncer(postgres_database, "session") as url:
        yield url


@pytest.fixture
def opened() -> Iterator[list[Database]]:
    """Databases that are closed at the end."""
    stores: list[Database] = []
    yield stores
    for one in stores:
        one.close()


def open_in(opened: list[Database], url: str) -> Database:
    opened.append(Database.open(url))
    return opened[-1]


def test_connections_last_in_session_mode_and_without_a_pooler(
    postgres_database: str, by_session: str, opened: list[Database]
) -> None:
    for url in (postgres_database, by_session):
        db = open_in(opened, url)
        check_sessions(db, db)


def test_in_transaction_mode_workers_need_a_direct_connection_to_the_same_database(
    postgres_server: str, postgres_database: str, by_transaction: str, opened: list[Database]
) -> None:
    db = open_in(opened, by_transaction)
    with pytest.raises(NoSession, match="pooler in transaction mode"):
        check_sessions(db, db)
    check_sessions(db, open_in(opened, postgres_database))
    with fresh_database(postgres_server) as url:
        other = open_in(opened, url)
        with pytest.raises(NoSession, match="another database"):
            check_sessions(db, other)


def test_many_threads_claim_and_release_by_transaction(by_transaction: str, opened: list[Database]) -> None:
    """Statements that the driver prepares would fail: the next transaction may get another connection."""
    db, manners = open_in(opened, by_transaction), Manners(2, timedelta(0), timedelta(seconds=20))
    feeds.sync_subscriptions(db, [FeedConfigRow(f"https://{n}.example/feed") for n in range(40)], DAY)

    def work(turn: int) -> int:
        claimed = claim_due(db, DAY, f"worker {turn}", timedelta(minutes=5), 2, manners)
        release_hosts(db, claimed, DAY)
        feeds.release(db, [one.id for one in claimed.feeds], f"worker {turn}")
        return len(claimed.feeds)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(work, range(120))) > 120


async def test_the_session_and_jobs_of_a_worker_by_a_direct_connection(
    jobs_database: str, by_transaction: str, opened: list[Database]
) -> None:
    done = asyncio.Event()

    async def note() -> None:
        done.set()

    db, session = open_in(opened, by_transaction), membership.open_session(jobs_database, "first")
    opened.append(session)
    membership.renew(session, "first", DAY, wanted="leader")
    silent = membership.SILENT + timedelta(seconds=1)
    assert membership.release_dead(db, DAY + silent) == [], "its session is seen through the pooler"
    session.close()
    released: list[str] = []  # the server ends the session a moment later

    def is_released() -> bool:
        released.extend(membership.release_dead(db, DAY + silent))
        return bool(released)

    eventually(is_released, seconds=20)
    assert released == ["first"]
    async with ClusterEngine(jobs_database, {"note": note}) as engine:
        assert await engine.submit("note")
        await asyncio.wait_for(done.wait(), 20)
    found = [one.message for one in check_cluster(db, open_in(opened, jobs_database), datetime.now(UTC))]
    assert any("may hold locks" in message for message in found)
    assert any("transaction mode" in one.message for one in check_cluster(db, db, datetime.now(UTC)))


async def test_a_worker_behind_a_pooler_in_transaction_mode_does_not_start(tmp_path: Path, by_transaction: str) -> None:
    config = load(cluster_config(tmp_path, by_transaction, ""))
    with pytest.raises(NoSession) as refused:
        await run_worker(config)
    assert "direct_url" in refused.value.hint
