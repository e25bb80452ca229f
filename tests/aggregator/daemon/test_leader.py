"""The leader of a cluster: one worker at a time, and another within a minute after it died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.daemon.cluster.leader import CAMPAIGN, LEADER, Leader
from aggregator.services.context import Context
from aggregator.store import Database, leases
from aggregator.store.cluster import membership
from aggregator.store.editions import digests
from aggregator.store.intake import feeds
from aggregator.store.outgoing import deliveries, recovery
from aggregator.store.records import FeedConfigRow, Recovered
from aggregator.system.clock import ManualClock
from tests.support.jobs import *  # noqa: F403 - fixtures are found by their names
from tests.support.outbox import fill
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
DAY = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def db(postgres_database: str) -> Iterator[Database]:
    store = Database.open(postgres_database)
    with store.write() as connection:
        connection.exec_driver_sql("TRUNCATE meta, feed CASCADE")
    yield store
    store.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(DAY)


@pytest.fixture
def leader(db: Database, clock: ManualClock) -> Iterator[Callable[[str], Leader]]:
    """A function that returns a worker by its name, with a session of its own."""
    with ExitStack() as stack:

        def new(holder: str) -> Leader:
            session = membership.open_session(db.engine.url.render_as_string(hide_password=False), holder)
            stack.callback(session.close)
            return Leader(Context(db, clock, holder), session)

        yield new


async def test_one_leads_until_it_dies_and_another_follows_within_a_minute(
    db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    first, second = (leader(name) for name in ("first", "second"))
    await first.campaign()
    await second.campaign()
    assert (first.leads, second.leads) == (True, False)
    for _ in range(20):
        clock.advance(CAMPAIGN)
        await first.campaign()
        await second.campaign()
        assert (first.leads, second.leads) == (True, False)
    died, took = clock.now(), None
    while took is None:
        clock.advance(CAMPAIGN)
        await second.campaign()
        took = clock.now() if second.leads else None
    assert took - died <= membership.LIFE + CAMPAIGN < timedelta(seconds=30)
    assert not first.leads, "it wakes up late, and knows by the clock"
    await first.campaign()
    assert not first.leads


async def test_a_leader_that_resigns_is_followed_at_once(
    db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    first, second = (leader(name) for name in ("first", "second"))
    await first.campaign()
    await first.resign()
    assert not first.leads
    await second.campaign()
    assert second.leads


async def test_a_worker_that_stops_leaves_no_leases_behind(
    db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    first, second = (leader(name) for name in ("first", "second"))
    feeds.sync_subscriptions(db, [FeedConfigRow("https://a.example/feed"), FeedConfigRow("https://b.example/")], DAY)
    for one in (first, second):
        await one.campaign()
    kept, lost = (feeds.claim_due(db, clock.now(), holder, timedelta(minutes=5), 1) for holder in ("second", "first"))
    await first.resign()
    assert feeds.claim_due(db, clock.now(), "third", timedelta(minutes=5), 2) == [], "running tasks go on"
    await first.leave()
    again = feeds.claim_due(db, clock.now(), "third", timedelta(minutes=5), 2)
    assert [one.id for one in again] == [one.id for one in lost]
    assert kept
    assert membership.release_dead(db, clock.now() + timedelta(hours=1)) == ["second"]


async def test_a_killed_leader_is_followed_within_ten_seconds(
    db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    session = membership.open_session(db.engine.url.render_as_string(hide_password=False), "first")
    assert membership.renew(session, "first", clock.now(), wanted=LEADER)
    second = leader("second")
    await second.campaign()
    session.close()  # the server closes its end when the process dies
    died = clock.now()
    while not second.leads:
        clock.advance(CAMPAIGN)
        await second.campaign()
    assert clock.now() - died <= timedelta(seconds=10)


async def test_nobody_is_declared_dead_while_the_database_was_away_for_all(
    db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    first, second = (leader(name) for name in ("first", "second"))
    for one in (first, second):
        await one.campaign()
    clock.advance(timedelta(minutes=5))
    for one in (second, first):
        await one.campaign()
    assert second.leads, "the first one's lease ended"
    clock.advance(CAMPAIGN)
    for one in (first, second):
        await one.campaign()
    with db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM meta WHERE key LIKE 'worker:%%'").scalar_one() == 2


async def test_the_work_of_a_killed_worker_is_free_within_ten_seconds(
    jobs_database: str, db: Database, clock: ManualClock, leader: Callable[[str], Leader]
) -> None:
    """Its job, the digest that it composed, and the mail that it had claimed."""
    with db.write() as connection:
        connection.exec_driver_sql("TRUNCATE delivery, recipient, digest CASCADE")
    ids = fill(db, [f"mail:r{n}@example.org" for n in range(3)], clock.now())
    session = membership.open_session(db.engine.url.render_as_string(hide_password=False), "first")
    with db.write() as connection:
        connection.exec_driver_sql("INSERT INTO procrastinate_workers (id) OVERRIDING SYSTEM VALUE VALUES (41)")
        connection.exec_driver_sql("INSERT INTO digest (name, active, next_slot) VALUES ('daily', true, 0)")
    membership.renew(session, "first", clock.now(), wanted=LEADER, job_worker=41)
    assert digests.take(db, "daily", clock.now(), "first", timedelta(minutes=30))
    assert len(deliveries.claim_due(db, clock.now(), "first", timedelta(minutes=2), 2)) == 2
    deliveries.mark_dot(db, ids[0], "first", clock.now(), ids[1:2])
    session.close()
    second, died = leader("second"), clock.now()
    while not second.leads:
        await second.campaign()
        clock.advance(CAMPAIGN)
    assert clock.now() - died <= timedelta(seconds=12)
    with db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM procrastinate_workers").scalar_one() == 0
    assert digests.due_names(db, clock.now()) == ["daily"]
    assert recovery.recover(db, clock.now()) == Recovered((ids[1],), (ids[0],))


async def test_a_lease_that_is_no_longer_kept_ends_and_the_leader_goes_on(db: Database, clock: ManualClock) -> None:
    kept = ["grouping"]
    session = membership.open_session(db.engine.url.render_as_string(hide_password=False), "first")
    leader = Leader(Context(db, clock, "first"), session, lambda: kept)
    assert leases.acquire(db, "grouping", "first", clock.now(), membership.LIFE)
    for _ in range(20):
        await leader.campaign()
        clock.advance(CAMPAIGN)
    assert leases.holder_of(db, "grouping", clock.now()) == "first"
    kept.clear()
    for _ in range(7):
        clock.advance(CAMPAIGN)
        await leader.campaign()
    assert leases.holder_of(db, "grouping", clock.now()) is None
    assert leader.leads
    session.close()
