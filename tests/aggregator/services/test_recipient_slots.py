"""A schedule in each recipient's own zone: each slot once, through changes of the clocks and moves to other zones."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.services.program import Program
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.records import RecipientConfigRow
from aggregator.system.clock import ManualClock
from digests.channels.recipient import Recipient
from digests.schedule import slots_since
from tests.support.apps import app_of

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 26, 0, 1, tzinfo=UTC)  # a Thursday; Europe changes its clocks on the 29th
# The seventh changes its clocks in that week too, in the other direction, on the 5th of April; the sixth never does.
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
)
QUARTER = timedelta(minutes=15)


def configuration(*more: str, schedule: str = "30 2 * * *") -> str:
    to = ", ".join(f'"ann{place}@example.org"' for place in range(len(ZONES)))
    return (
        '[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\n[[digest]]\nname = "own"\nat = "recipient"\n'
        f'zone = "UTC"\nschedule = "{schedule}"\nquiet = "note"\nto = [{to}]\n' + "".join(more)
    )


def person(place: int) -> Recipient:
    return Recipient.by_mail(f"ann{place}@example.org")


def live_in(program: Program, place: int, zone: str) -> None:
    recipients.ensure(program.db, [RecipientConfigRow(person(place), zone=zone)], program.clock.now())


async def run(program: Program, clock: ManualClock, until: datetime, step: timedelta = QUARTER) -> None:
    """What the daemon or cron does, every few minutes."""
    while clock.now() < until:
        for name in program.editions.due_names():
            await program.editions.serve_due(name)
        clock.advance(step)


def received(program: Program, place: int) -> list[datetime]:
    """When editions for a person were queued."""
    found = deliveries.list_deliveries(program.db, limit=None)
    return sorted(one.created for one in found if one.recipient_key == person(place).key)


async def test_a_week_in_seven_zones_across_a_change_of_the_clocks(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(), clock) as program:
        for place, zone in enumerate(ZONES):
            live_in(program, place, zone)
        await run(program, clock, START + timedelta(days=12), timedelta(minutes=30))
        for place, zone in enumerate(ZONES):
            times = [at.astimezone(ZoneInfo(zone)) for at in received(program, place)]
            days = Counter(at.date() for at in times)
            assert set(days.values()) == {1}
            assert len(days) in (11, 12)
            assert max(days) - min(days) == timedelta(days=len(days) - 1), "no day is left out"
            # 02:30 does not exist in Berlin on the 29th: then it is the first moment after the gap.
            odd = {(at.hour, at.minute) for at in times} - {(2, 31), (2, 46)}
            assert odd <= {(3, 1), (3, 16)}
            assert bool(odd) == (zone == "Europe/Berlin")


async def test_who_moves_gets_no_slot_twice_and_none_is_lost(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(schedule="0 7 * * *"), clock) as program:
        for place in range(len(ZONES)):
            live_in(program, place, "Asia/Tokyo")
        await run(program, clock, START + timedelta(days=1))  # 07:00 in Tokyo is 22:00 UTC
        live_in(program, 0, "America/New_York")  # 07:00 of the 27th was served in Tokyo
        live_in(program, 1, "Pacific/Auckland")
        await run(program, clock, START + timedelta(days=4))
        west = [at.astimezone(ZoneInfo("America/New_York")) for at in received(program, 0)[1:]]
        assert [(at.day, at.hour) for at in west] == [(28, 7), (29, 7)]
        east = [at.astimezone(ZoneInfo("Pacific/Auckland")) for at in received(program, 1)[1:]]
        assert [(at.day, at.hour) for at in east] == [(28, 7), (29, 7), (30, 7)]


async def test_a_slot_that_passed_in_the_new_zone_is_served_late(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(schedule="0 7 * * *"), clock) as program:
        live_in(program, 0, "America/New_York")
        await run(program, clock, START + timedelta(hours=34))  # 06:01 in New York
        assert len(received(program, 0)) == 1
        live_in(program, 0, "Asia/Tokyo")  # 19:01: the slot of this day passed twelve hours ago
        await run(program, clock, clock.now() + timedelta(hours=1))
        assert len(received(program, 0)) == 2


async def test_an_outage_costs_no_edition_and_makes_one_of_several(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(), clock) as program:
        await run(program, clock, START + timedelta(days=1))
        clock.advance(timedelta(days=3))
        await run(program, clock, clock.now() + timedelta(hours=1))
        assert len(received(program, 0)) == 2
        newest = max(deliveries.list_deliveries(program.db, limit=None), key=lambda one: one.created)
        assert program.editions.edition(newest.edition_id).catch_up == 2


async def test_who_joins_gets_the_next_slot_even_if_nobody_looked_in_between(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(schedule="0 7 * * *"), clock) as program:
        new = Recipient.by_mail("new@example.org")
        joined = RecipientConfigRow(new, zone="Europe/Berlin")
        clock.set(datetime(2026, 3, 26, 5, 50, tzinfo=UTC))
        subscriptions.ask(program.db, joined, ["own"], subscriptions.Standing.ACTIVE, clock.now())
        clock.set(datetime(2026, 3, 26, 6, tzinfo=UTC))
        await run(program, clock, clock.now() + timedelta(days=1))
        assert [d.created.hour for d in deliveries.list_deliveries(program.db) if d.recipient_key == new.key] == [6]


async def test_the_paused_get_nothing_and_nothing_afterwards(tmp_path: Path) -> None:
    clock = ManualClock(START)
    with app_of(tmp_path, configuration(), clock) as program:
        for place in range(len(ZONES)):
            live_in(program, place, "UTC")
        paused = recipients.find(program.db, [person(0)])[0]
        recipients.pause(program.db, paused.id, "away")
        await run(program, clock, START + timedelta(days=1))
        recipients.resume(program.db, paused.id)
        await run(program, clock, clock.now() + timedelta(hours=2))
        assert received(program, 0) == []
        assert len(received(program, 1)) == 1


async def test_a_slot_without_news_is_served_once_too(tmp_path: Path) -> None:
    clock = ManualClock(START)
    text = configuration().replace('quiet = "note"', 'quiet = "skip"')
    with app_of(tmp_path, text, clock) as program:
        clock.set(START + timedelta(hours=3))
        assert program.editions.due_names() == ["own"]
        assert await program.editions.serve_due("own") == []
        assert program.editions.due_names() == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(ZONES), st.integers(1, 60)), min_size=1, max_size=8),
    st.sampled_from(["0 7 * * *", "30 2 * * *", "0 */6 * * *", "15 23 * * 1-5", "0 0 1 * *"]),
    st.integers(0, 300),
)
def test_every_slot_is_served_once_wherever_one_lives(moves: list[tuple[str, int]], cron: str, day: int) -> None:
    """Somebody lives in one zone after the other for some hours each, and is looked at every hour."""
    now = datetime(2026, 1, 1, 0, 30, tzinfo=UTC) + timedelta(days=day)
    last = now.astimezone(ZoneInfo(moves[0][0])).replace(tzinfo=None)
    seen: list[datetime] = []
    for zone, hours in moves:
        for _ in range(hours):
            now += timedelta(hours=1)
            come = slots_since(cron, zone, last, now)
            assert all(instant <= now for _, instant in come)
            seen += [local for local, _ in come]
            last = come[-1][0] if come else last
            assert slots_since(cron, zone, last, now) == []
    assert seen == sorted(set(seen))
    # In a calendar without gaps nothing is left out between the first slot and the last.
    expected = [local for local, _ in slots_since(cron, "UTC", seen[0], last.replace(tzinfo=UTC))] if seen else []
    gaps = {local for local in expected if local not in seen}
    assert all(local.hour in (0, 1, 2, 3) for local in gaps)
