"""The first edition of a digest covers the period of its schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.system.clock import ManualClock
from digests.model import Edition
from feeds.http.fake import Page
from tests.support.apps import app_of
from tests.support.items import Item, document, event
from tests.support.origin import Origin

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 3, 9, 8, tzinfo=UTC)


def digest(schedule: str) -> str:
    return (
        f'[fetch]\nfull_text = "never"\n[[digest]]\nname = "it"\nschedule = "{schedule}"\nzone = "UTC"\n'
        'to = ["folder:out"]\nmax_stories = 500\nmax_words = 50000\n'
    )


def items(now: datetime, days: int) -> list[Item]:
    """One item a day, each about another event, the newest an hour old."""
    return [event(day, now - timedelta(days=day, hours=1)) for day in range(days)]


async def first(folder: Path, schedule: str, now: datetime, *given: Item, sent: bool = True) -> Edition:
    """The first edition of a digest whose only feed is read an hour before it."""
    async with Origin() as origin:
        feed = f'[[feed]]\nurl = "{origin.on("/feed", Page(document(*given)))}"\nallow_private = true\n'
        clock = ManualClock(now - timedelta(minutes=30))
        with app_of(folder, digest(schedule) + feed, clock) as program:
            await program.fetching.fetch()
            program.stories.group()
            clock.set(now)
            if sent:
                (edition,) = await program.editions.send("it")
            else:
                (edition,) = await program.editions.serve_due("it")
            await program.aclose()
    return edition


@pytest.mark.parametrize(
    ("schedule", "now", "days"),
    [
        ("0 8 * * *", MONDAY, 1),
        ("0 8 * * 1", MONDAY, 7),
        ("0 8 1 * *", datetime(2026, 4, 1, 8, tzinfo=UTC), 31),
        ("0 8 * * 1,4", datetime(2026, 3, 12, 8, tzinfo=UTC), 3),
        ("0 8 * * 1-5", MONDAY, 3),
    ],
    ids=["daily", "weekly", "monthly", "twice a week", "workdays, on a Monday"],
)
async def test_it_covers_its_own_period(tmp_path: Path, schedule: str, now: datetime, days: int) -> None:
    for sent in (True, False):
        folder = tmp_path / str(sent)
        folder.mkdir()
        edition = await first(folder, schedule, now, *items(now, days + 9), sent=sent)
        assert edition.period_end - edition.period_start == timedelta(days=days)
        assert {i.sources[0].title for i in edition.items} == {i.title for i in items(now, days)}


async def test_undated_items_of_a_first_fetch_are_still_few(tmp_path: Path) -> None:
    undated = [Item(i.key, i.title, i.text) for i in items(MONDAY, 12)]
    assert len((await first(tmp_path, "0 8 * * 1", MONDAY, *undated)).items) == 5
