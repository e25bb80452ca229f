"""The article's own page where a feed gives only a teaser, from real servers to what is reported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.cli.commands.feeds import feed_fields
from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.store.intake import entries as entry_store
from aggregator.store.intake import feeds as feed_store
from aggregator.store.records import EntryRecord
from aggregator.store.schema.tables import entry_revision
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
        item = (
            f"<item><guid>fire</guid><title>{title}</title><link>{self.origin.url('/fire')}</link>"
            f"<description>{teaser}</description></item>"
        )
        feed = f'<rss version="2.0"><channel><title>Herald</title>{item}</channel></rss>'
        self.origin.on("/feed", Page(feed.encode()))

    async def poll(self) -> None:
        """Another look at the feed."""
        self.clock.advance(timedelta(hours=1))
        await self.program.fetching.fetch()

    async def edition(self) -> list[Item]:
        """What the next edition reports after another poll."""
        await self.poll()
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


async def test_the_page_is_for_a_teaser(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        (reported,) = await at.edition()
        assert any("12 people" in sentence.text for sentence in reported.sentences)
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
        (reported,) = await at.edition()
        assert reported.kind is ItemKind.CORRECTION
        assert any("12 people" in c.was and "9 people" in c.now for c in reported.corrections)


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


CONSENT = (
    "We value your privacy. We and our partners use cookies to show personalised advertising, and you can accept all."
)
NOTES = (  # a page without a phrase that gives it away, with a word of each title
    "The people who write about fire, ferry and council here are on their way to a house of their own by the river.",
    "Boxes have been packed since the week before last, and the last of them left on a cart this very afternoon.",
)


async def test_a_refused_page_is_named_leaves_the_teaser_and_is_not_fetched_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.origin.on("/fire", html(CONSENT, CONSENT.replace("We", "They")))
        await at.edition()
        entry = at.stored()
        assert (entry.full_text, entry.teaser, entry.text.startswith("A fire in a warehouse")) == (False, True, True)
        [health] = feed_store.list_feeds(at.program.db, at.clock.now())
        [refused] = health.refused
        assert (refused.link, refused.code) == (at.origin.url("/fire"), "consent")
        fields = feed_fields(health, at.clock.now())["refused_pages"]
        assert (fields["count"], fields["codes"]) == (1, {"consent": 1})
        assert fields["last"]["reason"] == "the page asks for consent to cookies"
        for number in range(3):
            at.publish(title=f"{TITLE}, says report {number}")
            await at.edition()
        assert at.origin.count("/fire") == 1
        at.clock.advance(timedelta(days=1))
        at.origin.on("/fire", html(*PARAGRAPHS))
        at.publish()
        await at.edition()
        assert at.stored().full_text, "after a day it is tried again"


async def test_one_page_under_several_links_is_the_text_of_no_entry(tmp_path: Path) -> None:
    titles = ("Warehouse fire in Orr", "Ferry to Ostra is late", "Council of Tarn keeps its mill")
    async with desk(tmp_path) as at:
        items = "".join(
            f"<item><guid>{n}</guid><title>{title}</title><link>{at.origin.url(f'/{n}')}</link></item>"
            for n, title in enumerate(titles)
        )
        at.origin.on(
            "/feed", Page(f'<rss version="2.0"><channel><title>Herald</title>{items}</channel></rss>'.encode())
        )
        for n, title in enumerate(titles):
            at.origin.on(f"/{n}", html(f"{title}.", *NOTES))
        await at.edition()
        entries = entry_store.entries(at.program.db, [1, 2, 3])
        assert [entry.full_text for entry in entries] == [False, False, False]
        [health] = feed_store.list_feeds(at.program.db, at.clock.now())
        assert {refused.code for refused in health.refused} <= {"repeated", "other-text"}
        assert len(health.refused) == 3


async def test_a_page_met_before_under_another_link_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.edition()
        assert at.stored().full_text
        other = (
            "<item><guid>b</guid><title>Mayor of Orr speaks of the fire</title><link>"
            f"{at.origin.url('/b')}</link></item>"
        )
        at.origin.on(
            "/feed", Page(f'<rss version="2.0"><channel><title>Herald</title>{other}</channel></rss>'.encode())
        )
        at.origin.on("/b", html(*PARAGRAPHS))
        await at.edition()
        [first, second] = entry_store.entries(at.program.db, [1, 2])
        assert (first.full_text, second.full_text) == (True, False)


SLOGANS = (
    "Buy an oven today",
    "Visit sunny Ostra",
    "Learn to paint at home",
    "Win a boat for two",
    "A garden in ten days",
)
LEAD = "A fire in a warehouse at the harbour of Orr has killed people. The harbour is closed to ships."


async def test_a_line_that_changes_at_every_poll_is_no_revision_and_no_reason_to_read_the_page(tmp_path: Path) -> None:
    async with desk(tmp_path, 'full_text = "always"\n') as at:
        for number in range(14):
            at.publish(teaser=f"{LEAD}&lt;br&gt;{SLOGANS[number % 5]}&lt;br&gt;The town mourns.")
            await (at.poll() if number else at.edition())
        assert await at.edition() == []
        assert at.origin.count("/fire") <= 6, "not read again once the line is known"
        with at.program.db.read() as connection:
            revisions = connection.execute(select(entry_revision.c.text)).scalars().all()
        assert len(revisions) <= 5


async def test_a_line_that_changes_at_every_poll_leaves_the_text(tmp_path: Path) -> None:
    async with desk(tmp_path, 'full_text = "never"\n') as at:
        for number in range(12):
            at.publish(teaser=f"{LEAD}&lt;br&gt;{SLOGANS[number % 5]}&lt;br&gt;The town mourns.")
            await (at.poll() if number else at.edition())
        assert await at.edition() == []
        assert at.stored().text == f"{LEAD}\nThe town mourns."
        before = at.stored().revised
        at.publish(teaser=f"{LEAD}&lt;br&gt;{SLOGANS[0]}&lt;br&gt;The town mourns 12 people.")
        await at.edition()
        entry = at.stored()
        assert entry.text == f"{LEAD}\nThe town mourns 12 people."
        assert before is not None
        assert entry.revised is not None
        assert entry.revised > before, "another change is a revision"
