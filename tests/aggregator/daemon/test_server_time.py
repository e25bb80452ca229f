"""Workers use the clock of the database: one whose machine is an hour ahead takes no lease from the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.daemon.cluster.leader import Leader
from aggregator.daemon.cluster.server_time import follow_server
from aggregator.services.context import Context
from aggregator.store import Database
from aggregator.store.cluster import membership
from aggregator.system.clock import AnchoredClock, ManualClock, SystemClock
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


@pytest.fixture
def store(postgres_database: str) -> Iterator[Database]:
    db = Database.open(postgres_database)
    yield db
    db.close()


async def test_a_worker_whose_clock_is_ahead_declares_nobody_dead(
    store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ahead = AnchoredClock(ManualClock(datetime.now(UTC) + timedelta(hours=1)))
    right = AnchoredClock(SystemClock())
    with caplog.at_level(logging.WARNING):
        for clock in (right, ahead):
            await follow_server(store, clock)
    assert [record.fields["by_seconds"] for record in caplog.records] == [-3600]  # type: ignore[attr-defined]
    leader, other = (Leader(Context(store, clock, name), store) for clock, name in ((right, "right"), (ahead, "ahead")))
    await leader.campaign()
    await other.campaign()
    assert (leader.leads, other.leads) == (True, False)
    assert membership.release_dead(store, ahead.now()) == []


async def test_a_clock_that_is_set_changes_nothing_and_small_differences_stay(store: Database) -> None:
    machine = ManualClock(datetime.now(UTC))
    clock = AnchoredClock(SystemClock())
    before = clock.now()
    await follow_server(store, clock)
    assert abs(clock.now() - before) < timedelta(seconds=30)
    anchored = AnchoredClock(machine)
    machine.advance(timedelta(seconds=5))
    assert anchored.now() == machine.now()
