"""From stored entries to saved editions: slots, audiences, catch-up, the ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.two_days import TODAY, YESTERDAY
from aggregator.services.program import Program
from aggregator.store.editions import editions
from aggregator.store.outgoing import deliveries
from digests.channels.recipient import Recipient
from digests.model import Edition, ItemKind
from tests.support.apps import DIGEST, newsroom

pytestmark = pytest.mark.anyio
ALL = ("northwire", "harbour", "ledger", "tidings", "kurier", "vestnik")
HOURLY = DIGEST.replace("0 18 * * *", "0 * * * *")


async def filled(program: Program) -> None:
    await program.fetching.fetch()
    program.stories.group()


async def served(program: Program) -> list[Edition]:
    return [edition for name in program.editions.due_names() for edition in await program.editions.serve_due(name)]


async def test_a_preview_records_nothing(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, _, _server):
        await filled(program)
        first, second = await program.editions.compose("daily"), await program.editions.compose("daily")
        assert first[0].edition == second[0].edition
        assert first[0].edition.items
        assert editions.editions(program.db) == []
        assert deliveries.counts(program.db) == {}
        await program.aclose()


async def test_a_slot_is_served_once(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, clock, _server):
        await filled(program)
        assert await served(program) == [], "the first slot is a day away"
        clock.advance(timedelta(days=1))
        assert len(await served(program)) == 1
        assert await served(program) == []
        clock.advance(timedelta(hours=23))
        assert await served(program) == []
        clock.advance(timedelta(hours=1))
        assert len(await served(program)) == 1
        await program.aclose()


async def test_a_second_send_in_the_same_minute_composes_nothing_more(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, _, _server):
        await filled(program)
        first = await program.editions.send("daily")
        assert await program.editions.send("daily") == first
        assert len(editions.editions(program.db)) == 1
        await program.aclose()


async def test_sends_to_one_after_the_other_in_one_second_are_editions_of_their_own(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, _, _server):
        await filled(program)
        for name in ("one", "two", "three"):
            await program.editions.send("daily", Recipient("folder", str(tmp_path / name)))
        made = editions.editions(program.db)
        assert len({edition.slot for edition in made}) == 3
        got = {
            d.recipient_key for edition in made for d in deliveries.list_deliveries(program.db, edition_id=edition.id)
        }
        assert got == {f"folder:{tmp_path / name}" for name in ("one", "two", "three")}
        await program.aclose()


async def test_what_was_reported_is_not_reported_again(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, clock, _server):
        await filled(program)
        reported = {i.story for e in await program.editions.send("daily") for i in e.items}
        clock.advance(timedelta(hours=1))
        again = await program.editions.send("daily")
        assert [i for e in again for i in e.items if i.story in reported and i.kind is ItemKind.NEW] == []
        await program.aclose()


async def test_after_downtime_one_edition_covers_the_missed_slots(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL, more=HOURLY) as (program, clock, server):
        await filled(program)
        clock.advance(timedelta(hours=1))
        assert len(await served(program)) == 1
        server.now = TODAY
        clock.set(TODAY)
        await filled(program)
        (edition,) = await served(program)
        assert edition.slot == TODAY
        assert edition.catch_up == 17, "from 20:00 to 12:00"
        assert edition.period_start == YESTERDAY + timedelta(hours=1)
        assert edition.period_end == TODAY
        await program.aclose()


async def test_readers_who_know_different_things_get_editions_of_their_own(tmp_path: Path) -> None:
    both = DIGEST.replace('"folder:out"', '"folder:out", "folder:late"')
    with newsroom(tmp_path, *ALL, more=both) as (program, clock, _server):
        await filled(program)
        (first,) = await program.editions.send("daily", only=Recipient("folder", f"{tmp_path}/out"))
        clock.advance(timedelta(minutes=2))
        later = await program.editions.send("daily")
        assert len({e.id for e in later}) == 2
        of_out, of_late = sorted(({i.story for i in e.items} for e in later), key=len)
        assert of_late == {i.story for i in first.items}
        assert not of_out & of_late, "what this reader knows is not repeated"
        await program.aclose()


async def test_a_send_to_one_recipient_covers_nothing_for_the_others(tmp_path: Path) -> None:
    both = DIGEST.replace('"folder:out"', '"folder:out", "folder:late"')
    with newsroom(tmp_path, *ALL, more=both) as (program, clock, _server):
        await filled(program)
        started = (await program.editions.compose("daily"))[0].edition.period_start
        await program.editions.send("daily", only=Recipient("folder", f"{tmp_path}/out"))
        clock.advance(timedelta(minutes=2))
        later = await program.editions.send("daily")
        assert {e.period_start for e in later} == {started + timedelta(minutes=2)}, "the first period of the digest"
        clock.advance(timedelta(minutes=2))
        last = await program.editions.send("daily")
        assert {e.period_start for e in last} == {later[0].period_end}, "a send to all covers its period"
        await program.aclose()


async def test_as_of_an_earlier_time_only_what_had_arrived_counts(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, clock, server):
        await filled(program)
        then = clock.now()
        before = (await program.editions.compose("daily"))[0].edition
        server.now = TODAY
        clock.set(TODAY)
        await filled(program)
        await program.editions.send("daily")
        looked_back = (await program.editions.compose("daily", at=then))[0].edition
        assert {i.story for i in looked_back.items} == {i.story for i in before.items}
        await program.aclose()
