"""The leader of a cluster: one worker at a time, and another within a minute after it died."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.daemon.cluster.leader import CAMPAIGN, LEASE, Leader
from aggregator.services.context import Context
from aggregator.store import Database
from aggregator.system.clock import ManualClock
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 6, 1, tzinfo=UTC))


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
