"""The article's own page where a feed gives only a teaser, from real servers to what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.store.intake import entries as entry_store
from aggregator.store.records import EntryRecord
from aggregator.system.clock import ManualClock
from digests.model import Item, ItemKind
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin

pytestmark = pytest.mark.anyio
TITLE = "Warehouse fire in Orr kills 12 people"
TEASER = "A fire in a warehouse at the harbour of Orr has killed people, the town's fire brigade said on Monday …"
PARAGRAPHS = (
    "A fire in a warehouse at the harbour of Orr has killed 12 people, the town's fire brigade said on Monday morning.",
    "The flames broke out shortly after midnight in a hall where paint and tyres were stored, chief Ada Brook said.",
    "Some 140 firefighters from Orr and from the neighbouring towns of Vale and Lorn fought the fire until dawn.",
    "The harbour was closed to all ships, and people who live nearby were told to keep their windows shut.",
    "The hall belongs to the shipping company Maren Lines, which said that it would help the inquiry in every way.",
    "Mayor Lena Vance spoke of the worst night that the town had seen since the flood, and called a day of mourning.",
)


def html(*paragraphs: str) -> Page:
    """A page of these paragraphs, its headline beside the article."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = f"<html><head><title>Herald</title></head><body><article>{text}</article></body></html>"
    return Page(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


@dataclass
class Desk:
    """An outlet whose feed gives teasers, and its reader's program."""

    program: Program
    clock: ManualClock
    origin: Origin

    def publish(self, title: str = TITLE, teaser: str = TEASER) -> None:
        item = f"<item><guid>fire</guid><title>{title}</title><link>{self.origin.url('/fire')}</link><description>{teaser}</description></item>"
        feed = f'<rss version="2.0"><channel><title>Herald</title>{item}</channel></rss>'
        self.origin.on("/feed", Page(feed.encode()))

    async def edition(self) -> list[Item]:
        """What the next edition tells after another look at the feed."""
        self.clock.advance(timedelta(hours=1))
        await self.program.fetching.fetch()
        self.program.stories.group()
        return [item for edition in await self.program.editions.send("daily") for item in edition.items]

    def stored(self) -> EntryRecord:
        (entry,) = entry_store.entries(self.program.db, [1])
        return entry


@asynccontextmanager
async def desk(folder: Path, more: str = "") -> AsyncIterator[Desk]:
    clock = ManualClock(YESTERDAY)
    async with Origin() as origin:
        table = f'[[feed]]\nurl = "{origin.url("/feed")}"\nname = "Herald"\nlanguage = "en"\nallow_private = true\n'
        with app_of(folder, DIGEST + table + more, clock) as program:
            made = Desk(program, clock, origin)
            made.publish()
            origin.on("/fire", html(*PARAGRAPHS))
            yield made
            await program.aclose()


async def test_the_page_stands_for_a_teaser(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        (told,) = await at.edition()
        assert any("12 people" in sentence.text for sentence in told.sentences)
        entry = at.stored()
        assert (entry.full_text, entry.teaser) == (True, False)
        assert entry.text == "\n".join(PARAGRAPHS)
        assert await at.edition() == []
        assert at.origin.count("/fire") == 1, "what came as it was is not asked for again"


async def test_a_page_that_cannot_be_had_again_leaves_its_words_and_corrects_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.edition()
        at.origin.on("/fire", Page(status=503))
        at.publish(title="Twelve killed in warehouse fire in Orr")
        assert await at.edition() == []
        entry = at.stored()
        assert (entry.title, entry.text, entry.full_text) == (
            "Twelve killed in warehouse fire in Orr",
            "\n".join(PARAGRAPHS),
            True,
        )


async def test_a_page_that_says_otherwise_is_a_correction(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.edition()
        at.origin.on("/fire", html(PARAGRAPHS[0].replace("12", "9"), *PARAGRAPHS[1:]))
        at.publish(title="Warehouse fire in Orr kills 9 people")
        (told,) = await at.edition()
        assert told.kind is ItemKind.CORRECTION
        assert any("12 people" in c.was and "9 people" in c.now for c in told.corrections)


async def test_a_feed_that_gives_the_whole_text_after_all_is_believed(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.edition()
        whole = " ".join((*PARAGRAPHS, *PARAGRAPHS)).replace("12 people", "nine people")
        at.origin.on("/fire", Page(status=503))
        at.publish(teaser=whole)
        await at.edition()
        entry = at.stored()
        assert (entry.full_text, "nine people" in entry.text) == (False, True)


@pytest.mark.parametrize(
    ("more", "robots"),
    [('full_text = "never"\n', b""), ("", b"User-agent: *\nDisallow: /fire\n")],
    ids=["not wanted", "not allowed"],
)
async def test_a_page_that_is_not_to_be_read_is_not_read(tmp_path: Path, more: str, robots: bytes) -> None:
    async with desk(tmp_path, more) as at:
        at.origin.on("/robots.txt", Page(robots))
        await at.edition()
        assert at.origin.count("/fire") == 0
        assert (at.stored().full_text, at.stored().teaser) == (False, True)


async def test_a_page_of_less_than_the_feed_is_not_used(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.origin.on("/fire", html("Read more after you have signed in."))
        await at.edition()
        assert not at.stored().full_text
        assert at.stored().text.startswith("A fire in a warehouse")
