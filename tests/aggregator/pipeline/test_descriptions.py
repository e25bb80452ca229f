"""Entries that are no text: a title alone, in every poll, never a sentence of a digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.store.intake import entries as entry_store
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from tests.feeds.test_placeholders import HEADLINES, HNRSS, LEMMY, REDDIT
from tests.support.apps import DIGEST, app_of
from tests.support.items import Item, document
from tests.support.origin import Origin

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 9, 6, tzinfo=UTC)
TAGLINE = "News for the coast since ever, and for those who love it."
CONFIG = '[fetch]\nfull_text = "never"\n' + DIGEST
TITLES = (
    "Ferry sinks off Brackenby",
    "Museum of cheese reopens",
    "Ministers resign over a tunnel",
    "Comet seen from Lund",
)


def texts(count: int, *descriptions: str) -> list[Item]:
    return [Item(f"k{k}", TITLES[k], descriptions[k % len(descriptions)], NOW) for k in range(count)]


@pytest.mark.parametrize("rolling", [True, False], ids=["one item a document", "growing document"])
async def test_a_tagline_is_learned_over_polls_and_is_no_revision(tmp_path: Path, *, rolling: bool) -> None:
    clock = ManualClock(NOW + timedelta(hours=1))
    items = [
        *texts(4, TAGLINE),
        Item("k9", "Quay closed", "The quay of Port Hale was closed by the harbour master.", NOW),
    ]
    async with Origin() as origin:
        feed = f'[[feed]]\nurl = "{origin.url("/feed")}"\nallow_private = true\n'
        with app_of(tmp_path, CONFIG + feed, clock) as program:
            for poll in range(5):
                given = items[poll : poll + 1] if rolling else items[: poll + 1]
                origin.on("/feed", Page(document(*given)))
                (polled,) = (await program.fetching.fetch()).results
                assert (polled.new, polled.changed) == (1, 0)
                clock.advance(timedelta(hours=1))
            origin.on("/feed", Page(document(*reversed(items))))
            (polled,) = (await program.fetching.fetch()).results
            assert (polled.new, polled.changed) == (0, 0), "the same items as before"
            stored = {e.guid: e.text for e in entry_store.entries(program.db, range(1, 9))}
            await program.aclose()
    assert [stored[f"k{k}"] for k in (1, 2, 3)] == ["", "", ""], "the first was alone when it came"
    assert stored["k9"] == items[4].text


@pytest.mark.parametrize(
    "descriptions",
    [(REDDIT,), (LEMMY, HNRSS), tuple(HEADLINES.values()), (TAGLINE,)],
    ids=["forum", "links", "search", "tagline"],
)
async def test_such_entries_are_reported_each_by_their_title_alone(
    tmp_path: Path, descriptions: tuple[str, ...]
) -> None:
    async with Origin() as origin:
        url = origin.on("/feed", Page(document(*texts(4, *descriptions))))
        feed = f'[[feed]]\nurl = "{url}"\nallow_private = true\n'
        with app_of(tmp_path, CONFIG + feed, ManualClock(NOW + timedelta(hours=1))) as program:
            await program.fetching.fetch()
            program.stories.group()
            (edition,) = await program.editions.send("daily")
            await program.aclose()
    assert {i.headline for i in edition.items} == set(TITLES)
    assert all(i.sentences == () for i in edition.items)
