"""The leader of a cluster: one worker at a time, and another within a minute after it died."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.daemon.cluster.leader import CAMPAIGN, LEASE, Leader
from aggregator.services.context import Context
from aggregator.store import Database
from aggregator.store.cluster import membership
from aggregator.store.intake import feeds
from aggregator.store.records import FeedConfigRow
from aggregator.system.clock import ManualClock
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

pytestmark = pytest.mark.anyio
DAY = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(DAY)


async def test_one_leads_until_it_dies_and_another_follows_within_a_minute(db: Database, clock: ManualClock) -> None:
    first, second = Leader(Context(db, clock, "first")), Leader(Context(db, clock, "second"))
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
    assert took - died <= LEASE + CAMPAIGN < timedelta(minutes=1)
    assert not first.leads, "it wakes up late, and knows by the clock"
    await first.campaign()
    assert not first.leads


async def test_a_leader_that_resigns_is_followed_at_once(db: Database, clock: ManualClock) -> None:
    first, second = Leader(Context(db, clock, "first")), Leader(Context(db, clock, "second"))
    await first.campaign()
    await first.resign()
    assert not first.leads
    await second.campaign()
    assert second.leads


async def test_a_worker_that_stops_leaves_no_leases_behind(db: Database, clock: ManualClock) -> None:
    first, second = Leader(Context(db, clock, "first")), Leader(Context(db, clock, "second"))
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
