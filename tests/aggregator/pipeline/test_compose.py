"""From stored entries to saved editions: slots, audiences, catch-up, the ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.two_days import TODAY, YESTERDAY
from aggregator.services.app import App
from aggregator.store.editions import digests as digest_store
from aggregator.store.editions import editions
from aggregator.store.errors import AlreadyComposed
from aggregator.store.outgoing import deliveries
from aggregator.system.clock import ManualClock
from digests.model import Edition, Kind
from tests.support.apps import DIGEST, newsroom

pytestmark = pytest.mark.anyio
ALL = ("northwire", "harbour", "ledger", "tidings", "kurier", "vestnik")
HOURLY = DIGEST.replace("0 18 * * *", "0 * * * *")


async def filled(app: App) -> None:
    await app.fetch()
    app.group()


async def served(app: App, clock: ManualClock) -> list[Edition]:
    records = digest_store.due(app.db, clock.now(), app.owner, timedelta(minutes=5))
    return [edition for record in records for edition in await app.serve(record)]


async def test_a_preview_records_nothing(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (app, _, _server):
        await filled(app)
        first, second = await app.compose("daily"), await app.compose("daily")
        assert first[0].edition == second[0].edition
        assert first[0].edition.items
        assert editions.editions(app.db) == []
        assert deliveries.counts(app.db) == {}
        await app.aclose()


async def test_a_slot_is_served_once(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (app, clock, _server):
        await filled(app)
        assert await served(app, clock) == [], "the first slot is a day away"
        clock.advance(timedelta(days=1))
        assert len(await served(app, clock)) == 1
        assert await served(app, clock) == []
        clock.advance(timedelta(hours=23))
        assert await served(app, clock) == []
        clock.advance(timedelta(hours=1))
        assert len(await served(app, clock)) == 1
        await app.aclose()


async def test_a_slot_that_was_composed_by_another_process_is_refused_whole(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (app, _, _server):
        await filled(app)
        await app.send("daily")
        with pytest.raises(AlreadyComposed):
            await app.send("daily")
        assert len(editions.editions(app.db)) == 1
        await app.aclose()


async def test_what_was_told_is_not_told_again(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (app, clock, _server):
        await filled(app)
        told = {i.story for e in await app.send("daily") for i in e.items}
        clock.advance(timedelta(hours=1))
        again = await app.send("daily")
        assert [i for e in again for i in e.items if i.story in told and i.kind is Kind.NEW] == []
        await app.aclose()


async def test_after_downtime_one_edition_covers_the_missed_slots(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL, more=HOURLY) as (app, clock, server):
        await filled(app)
        clock.advance(timedelta(hours=1))
        assert len(await served(app, clock)) == 1
        server.now = TODAY
        clock.set(TODAY)
        await filled(app)
        (edition,) = await served(app, clock)
        assert edition.slot == TODAY
        assert edition.catch_up == 17, "from 20:00 to 12:00"
        assert edition.period_start == YESTERDAY + timedelta(hours=1)
        assert edition.period_end == TODAY
        await app.aclose()


async def test_readers_who_know_different_things_get_editions_of_their_own(tmp_path: Path) -> None:
    both = DIGEST.replace('"folder:out"', '"folder:out", "folder:late"')
    with newsroom(tmp_path, *ALL, more=both) as (app, clock, _server):
        await filled(app)
        await app.send("daily", only=f"folder:{tmp_path}/out")
        clock.advance(timedelta(minutes=2))
        later = await app.send("daily")
        assert sorted(len(e.items) > 0 for e in later) == [False, True]
        assert len({e.id for e in later}) == 2
        await app.aclose()


async def test_as_of_an_earlier_time_only_what_had_arrived_counts(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (app, clock, server):
        await filled(app)
        then = clock.now()
        before = (await app.compose("daily"))[0].edition
        server.now = TODAY
        clock.set(TODAY)
        await filled(app)
        await app.send("daily")
        looked_back = (await app.compose("daily", at=then))[0].edition
        assert {i.story for i in looked_back.items} == {i.story for i in before.items}
        await app.aclose()
