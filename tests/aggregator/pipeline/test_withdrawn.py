"""What publishers take back, from the feed over real HTTP to the edition that says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import pytest

from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.store.intake import feeds as feed_store
from aggregator.system.clock import ManualClock
from digests.channels.recipient import Recipient
from digests.model import Item, ItemKind
from digests.reasons import ReasonCode, because
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin
from tests.support.stored import feed_entries

pytestmark = pytest.mark.anyio
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BRIDGE = "Mayor of Orr resigns over bridge contract"
FERRY = "Ferry to Lorn runs again after four days"
TEXTS = {
    BRIDGE: "The mayor of Orr, Lena Vance, resigned on Monday over a contract for the harbour bridge. "
    "She had given the work to her brother without a tender, documents show. The council meets on Thursday.",
    FERRY: "The ferry between Vale and Lorn sailed again on Monday after a storm had kept it in port for four days. "
    "The company said 1,200 people had been waiting for a crossing.",
}


def atom(*parts: str) -> Page:
    """An Atom feed of these entries and tombstones."""
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>urn:f</id><title>f</title>'
    return Page(f"{head}<updated>2026-01-01T00:00:00Z</updated>{''.join(parts)}</feed>".encode())


def listed(guid: str, title: str, updated: datetime) -> str:
    return (
        f'<entry><id>{guid}</id><title>{title}</title><link href="https://news.example/{guid[4:]}"/>'
        f"<updated>{updated.isoformat()}</updated><content>{escape(TEXTS[title])}</content></entry>"
    )


def tombstone(guid: str, when: datetime | str) -> str:
    return f'<at:deleted-entry ref="{guid}" when="{when if isinstance(when, str) else when.isoformat()}"/>'


@dataclass
class Desk:
    """Two outlets that the test publishes for, their reader's program, and the clock."""

    program: Program
    clock: ManualClock
    origin: Origin

    def publish(self, name: str, *parts: str) -> None:
        self.origin.on(f"/{name}", atom(*parts))

    async def look(self, after: timedelta = HOUR) -> None:
        """Read the feeds again, later."""
        self.clock.advance(after)
        await self.program.fetching.fetch()
        self.program.stories.group()

    async def edition(self, after: timedelta = HOUR) -> dict[str, Item]:
        """What the next edition reports, by headline, after another look at the feeds; it is delivered."""
        await self.look(after)
        items = {i.headline: i for e in await self.program.editions.send("daily") for i in e.items}
        self.program.delivery.deliver()
        return items

    def stored(self, name: str = "Herald") -> dict[str, bool]:
        """Which entries of an outlet are withdrawn, by guid."""
        feed = feed_store.feed(self.program.db, name)
        return {e.guid: e.withdrawn for e in feed_entries(self.program.db, feed.id)}


def _digest(more: str) -> str:
    return (DIGEST.replace('to = ["folder:out"]\n', "") if "to =" in more else DIGEST) + more


@asynccontextmanager
async def desk(folder: Path, more: str = "") -> AsyncIterator[Desk]:
    clock = ManualClock(YESTERDAY)
    async with Origin() as origin:
        tables = "".join(
            (
                f'[[feed]]\nurl = "{origin.on(f"/{name}", atom())}"\nname = "{name}"\nlanguage = "en"\n'
                'allow_private = true\nfull_text = "never"\n'
            )
            for name in ("Herald", "Echo")
        )
        with app_of(folder, _digest(more) + tables, clock) as program:
            yield Desk(program, clock, origin)
            await program.aclose()


async def test_a_retraction_is_reported_once_in_the_next_edition(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        ferry = listed("urn:ferry", FERRY, YESTERDAY)
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY), ferry)
        assert {i.kind for i in (await at.edition()).values()} == {ItemKind.NEW}
        at.publish("Herald", tombstone("urn:bridge", at.clock.now()), ferry)
        (reported,) = (await at.edition()).values()
        assert (reported.kind, reported.reasons[0]) == (
            ItemKind.CORRECTION,
            because(ReasonCode.WITHDREW, outlets=("Herald",)),
        )
        assert [(c.was, c.now, c.withdrawn) for c in reported.corrections] == [(BRIDGE, "", True)]
        assert reported.sentences == ()
        assert because(ReasonCode.SOURCES, count=0) not in reported.reasons
        mail = max((tmp_path / "out").iterdir(), key=lambda file: file.name).read_text()
        assert "Herald withdrew its report" in mail
        assert "brother" not in mail
        assert await at.edition() == {}, "the tombstone is still in the feed"
        assert at.stored() == {"urn:bridge": True, "urn:ferry": False}


async def test_a_retraction_that_comes_days_later_is_reported(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        assert len(await at.edition()) == 1
        for _ in range(9):
            assert await at.edition(DAY) == {}
        at.publish("Herald", tombstone("urn:bridge", at.clock.now()))
        assert [i.kind for i in (await at.edition(DAY)).values()] == [ItemKind.CORRECTION]
        assert await at.edition(DAY) == {}


async def test_a_digest_that_is_full_still_reports_a_retraction(tmp_path: Path) -> None:
    async with desk(tmp_path, "max_stories = 1\nmin_score = 0.45\n") as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        assert list(await at.edition()) == [BRIDGE]
        at.publish("Herald", tombstone("urn:bridge", at.clock.now()))
        at.publish("Echo", listed("urn:ferry", FERRY, at.clock.now()))
        assert [i.kind for i in (await at.edition(DAY)).values()] == [ItemKind.CORRECTION]


async def test_what_was_taken_back_before_anybody_was_reported_is_never_reported(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY), listed("urn:ferry", FERRY, YESTERDAY))
        await at.look()
        # The feed lists one still: an entry no newer than its tombstone is gone all the same.
        at.publish(
            "Herald",
            *(tombstone(f"urn:{name}", at.clock.now()) for name in ("bridge", "ferry")),
            listed("urn:ferry", FERRY, YESTERDAY),
        )
        assert await at.edition() == {}
        assert at.stored() == {"urn:bridge": True, "urn:ferry": True}


async def test_a_feed_takes_back_nothing_of_another_and_nothing_by_leaving_it_out(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        at.publish("Echo", listed("urn:ferry", FERRY, YESTERDAY))
        assert len(await at.edition()) == 2
        at.publish("Herald")
        at.publish("Echo", tombstone("urn:bridge", at.clock.now()), tombstone("urn:nobody", at.clock.now()))
        assert await at.edition() == {}
        assert at.stored() == {"urn:bridge": False}
        assert at.stored("Echo") == {"urn:ferry": False}


async def test_what_is_published_again_is_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        await at.look()
        stone = tombstone("urn:bridge", at.clock.now())
        at.publish("Herald", stone)
        assert await at.edition() == {}
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        assert await at.edition() == {}, "as it was: a copy of the feed that some server has kept"
        at.publish("Herald", stone, listed("urn:bridge", BRIDGE, at.clock.now()))
        assert [i.kind for i in (await at.edition()).values()] == [ItemKind.NEW]
        at.publish("Herald", stone, listed("urn:bridge", BRIDGE, at.clock.now() - HOUR), "<!-- read again -->")
        assert await at.edition() == {}
        assert at.stored() == {"urn:bridge": False}


async def test_an_entry_dated_again_outlives_an_old_tombstone_however_often_it_is_read(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        assert len(await at.edition()) == 1
        again = [tombstone("urn:bridge", YESTERDAY + HOUR), listed("urn:bridge", BRIDGE, YESTERDAY + 2 * HOUR)]
        for count in range(3):
            at.publish("Herald", *again, f"<!-- {count} -->")
            assert await at.edition() == {}
            assert at.stored() == {"urn:bridge": False}


async def test_a_text_that_others_carry_still_is_reported_by_them(tmp_path: Path) -> None:
    async with desk(tmp_path, 'to = ["folder:out", "folder:late"]\n') as at:
        at.publish("Herald", listed("urn:bridge", BRIDGE, YESTERDAY))
        await at.look()
        at.publish("Echo", listed("urn:copy", BRIDGE, YESTERDAY))
        await at.look()
        (first,) = [
            i
            for e in await at.program.editions.send("daily", only=Recipient("folder", f"{tmp_path}/out"))
            for i in e.items
        ]
        assert [(s.outlet, [c.outlet for c in s.carriers]) for s in first.sources] == [("Herald", ["Echo"])]
        at.publish("Herald", tombstone("urn:bridge", at.clock.now()))
        await at.look()
        reported = {e.items[0].kind: e.items[0] for e in await at.program.editions.send("daily")}
        assert set(reported) == {ItemKind.NEW, ItemKind.CORRECTION}, (
            "those who had the report get a correction; the others get the other report"
        )
        for one in reported.values():
            assert [(s.outlet, s.withdrawn) for s in one.sources] == [("Herald", True), ("Echo", False)]
            assert one.independent_sources == 1
            assert {s.sources for s in one.sentences} == {(1,)}
        assert [c.withdrawn for c in reported[ItemKind.CORRECTION].corrections] == [True]
        assert reported[ItemKind.NEW].corrections == ()
        assert await at.edition() == {}
