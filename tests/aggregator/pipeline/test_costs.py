"""What a poll costs, counted and not timed: requests, bytes, statements, items read."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import h11
import httpcore
import httpx
import pytest

import aggregator
import feeds as libraries
from aggregator.daemon import ticks
from aggregator.pipeline.fetch import Intake, Polled, poll
from aggregator.store import Database
from aggregator.store.intake import feeds
from aggregator.store.records import FeedConfigRow
from aggregator.system.clock import ManualClock
from feeds.http import FetchSettings, HttpFetcher
from feeds.http.fake import MemoryFetcher, Page
from feeds.model import Parsed, Validators
from feeds.parse import parse
from tests.support.apps import newsroom
from tests.support.origin import Origin
from tests.support.statements import counting
from tests.support.stored import feed_entries

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
ITEM = "<item><guid>{n}</guid><title>Ferry {n} is late</title><link>https://harbour.example/{n}</link><description>{text}</description></item>"


def document(*numbers: int, date: str = "") -> bytes:
    items = "".join(ITEM.format(n=n, text=f"Ferry {n} left {n} minutes after noon. " * 20) for n in numbers)
    head = f"<title>Harbour Gazette</title><lastBuildDate>{date}</lastBuildDate>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


class Counting:
    """The parser, with what it read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    async def parse(
        self,
        body: bytes,
        url: str,
        headers: dict[str, str],
        known: Collection[bytes] = (),
        page: Mapping[str, str] | None = None,
    ) -> Parsed:
        parsed = parse(body, url, headers, known)
        self.read.append(len(parsed.entries))
        return parsed


class Desk:
    """One feed of a publisher on loopback, its store, and what each poll took."""

    def __init__(self, origin: Origin, source: HttpFetcher) -> None:
        self.db = Database.in_memory()
        self.parser = Counting()
        self.clock = ManualClock(NOW)
        self.origin = origin
        self.url = origin.url("/feed")
        self.statements: list[str] = []
        feeds.sync_subscriptions(self.db, [FeedConfigRow(self.url)], NOW)
        self.intake = Intake(self.db, source, self.parser, self.clock, "me")

    async def poll(self, page: Page) -> Polled:
        self.origin.on("/feed", page)
        self.clock.advance(timedelta(hours=1))
        with counting(self.db) as self.statements:
            records = feeds.claim(self.db, [1], self.clock.now(), "me", timedelta(minutes=5))
            (polled,) = await poll(self.intake, records)
        assert polled.code is None, polled.message
        return polled

    def wire_bytes(self) -> int:
        return feeds.history(self.db, 1, 1)[0].wire_bytes


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with Origin() as origin, HttpFetcher(FetchSettings(allow_private=True)) as source:
        made = Desk(origin, source)
        yield made
        made.db.close()


def packed(body: bytes, etag: str) -> Page:
    return Page(gzip.compress(body), headers={"Content-Encoding": "gzip"}, etag=etag)


async def test_an_unchanged_feed_costs_its_request_and_six_statements(desk: Desk) -> None:
    page = packed(document(*range(40)), '"1"')
    assert (await desk.poll(page)).new == 40
    assert desk.wire_bytes() == len(page.body)
    assert (await desk.poll(page)).unchanged
    assert len(desk.statements) == 6, desk.statements  # the claim, whose it is, state and history; BEGIN twice
    assert (desk.wire_bytes(), desk.parser.read, len(desk.origin.asked)) == (0, [40], 2)
    request = desk.origin.asked[-1].headers
    assert request["if-none-match"] == '"1"'
    assert sum(len(name) + len(value) + 4 for name, value in request.items()) < 450


async def test_many_unchanged_feeds_are_saved_with_the_statements_of_one(desk: Desk) -> None:
    urls = [desk.origin.on(f"/many/{n}", packed(document(n), '"1"')) for n in range(20)]
    feeds.sync_subscriptions(desk.db, [FeedConfigRow(url) for url in urls], NOW)
    ids = sorted(feeds.subscribed_urls(desk.db))
    for statements in (None, 6):
        desk.clock.advance(timedelta(hours=1))
        with counting(desk.db) as seen:
            polled = await poll(desk.intake, feeds.claim(desk.db, ids, desk.clock.now(), "me", timedelta(minutes=5)))
        assert statements is None or ([one.unchanged for one in polled], len(seen)) == ([True] * 20, statements), seen


async def test_an_unchanged_feed_costs_a_bounded_number_of_calls(desk: Desk) -> None:
    """Of functions of the program and of its client libraries; the server of the test runs in the same loop."""
    packages = tuple(str(Path(str(one.__file__)).parent) for one in (aggregator, libraries, httpx, httpcore, h11))
    calls = 0

    def note(frame: FrameType, event: str, _function: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename.startswith(packages)

    urls = [desk.origin.on(f"/many/{n}", packed(document(n), '"1"')) for n in range(40)]
    feeds.sync_subscriptions(desk.db, [FeedConfigRow(url) for url in urls], NOW)
    ids = sorted(feeds.subscribed_urls(desk.db))
    counted = []
    for some in (ids, ids, ids[:10], ids):  # the first time everything is new, the second fills caches
        desk.clock.advance(timedelta(hours=1))
        records, calls = feeds.claim(desk.db, some, desk.clock.now(), "me", timedelta(minutes=5)), 0
        sys.setprofile(note)
        try:
            polled = await poll(desk.intake, records)
        finally:
            sys.setprofile(None)
        counted.append(calls)
        assert not any(one.code for one in polled)
    assert (counted[3] - counted[2]) / 30 < 540, counted  # 503 when written


async def test_the_first_poll_asks_neither_for_a_quota_nor_for_earlier_descriptions(desk: Desk) -> None:
    assert (await desk.poll(packed(document(*range(40)), '"1"'))).new == 40
    # The claim 2; saving 8, whatever the number of entries.
    assert len(desk.statements) == 10, desk.statements


async def test_the_same_bytes_from_a_server_without_validators_are_not_read(desk: Desk) -> None:
    page = Page(document(*range(40)))
    await desk.poll(page)
    assert (await desk.poll(page)).unchanged
    assert (len(desk.statements), desk.parser.read) == (6, [40])


async def test_a_changed_feed_costs_what_is_new_in_it(desk: Desk) -> None:
    await desk.poll(packed(document(*range(40)), '"1"'))
    page = packed(document(*range(2, 42)), '"2"')
    assert (await desk.poll(page)).new == 2
    assert desk.parser.read == [40, 2]
    assert desk.wire_bytes() == len(page.body)
    # The claim 2; the note and what it names 3; what the new ones may be, which are undated, and the quota 4; saving 8.
    assert len(desk.statements) == 17, desk.statements
    assert len(feed_entries(desk.db, 1)) == 42


async def test_a_feed_that_only_dates_itself_again_is_hardly_read(desk: Desk) -> None:
    await desk.poll(Page(document(*range(40), date="Tue, 17 Mar 2026 06:00:00 GMT")))
    polled = await desk.poll(Page(document(*range(40), date="Tue, 17 Mar 2026 07:00:00 GMT")))
    assert (polled.new, polled.changed, polled.unchanged) == (0, 0, False)
    assert desk.parser.read == [40, 0]
    assert len(desk.statements) == 9, desk.statements  # the note is the same, and not written again


async def test_an_item_whose_guid_another_takes_keeps_its_entry_and_is_not_read_again(desk: Desk) -> None:
    def item(link: str, text: str) -> bytes:
        head = f"<guid>today</guid><title>Ferries</title><link>https://harbour.example/{link}</link>"
        date = "<pubDate>Mon, 16 Mar 2026 09:30:00 GMT</pubDate>"
        return f"<item>{head}{date}<description>{text}</description></item>".encode()

    def feed(*items: bytes) -> Page:
        return Page(b"<rss version='2.0'><channel><title>Harbour</title>" + b"".join(items) + b"</channel></rss>")

    one, other = item("a", "The first ferry left at noon."), item("b", "No ferry leaves in such a gale.")
    await desk.poll(feed(one))
    assert (await desk.poll(feed(other, one))).new == 1
    assert desk.parser.read == [1, 1]
    texts = sorted(entry.text for entry in feed_entries(desk.db, 1))
    assert texts == ["No ferry leaves in such a gale.", "The first ferry left at noon."]


async def test_force_reads_everything_again(desk: Desk) -> None:
    await desk.poll(Page(document(1, 2)))
    desk.origin.on("/feed", Page(document(1, 2, 3)))
    (record,) = feeds.claim(desk.db, [1], desk.clock.now(), "me", timedelta(minutes=5))
    bare = replace(record, state=replace(record.state, validators=Validators()))
    await poll(desk.intake, [bare])
    assert desk.parser.read == [2, 3]


async def test_so_many_bodies_are_held_whatever_the_number_of_feeds_and_calls() -> None:
    class Slow(Counting):
        held = most = 0

        async def parse(
            self,
            body: bytes,
            url: str,
            headers: dict[str, str],
            known: Collection[bytes] = (),
            page: Mapping[str, str] | None = None,
        ) -> Parsed:
            self.held += 1
            self.most = max(self.most, self.held)
            for _ in range(5):
                await asyncio.sleep(0)
            self.held -= 1
            return await super().parse(body, url, headers, known, page)

    addresses = [f"https://{n}.example/" for n in range(12)]
    db, parser = Database.in_memory(), Slow()
    feeds.sync_subscriptions(db, [FeedConfigRow(url) for url in addresses], NOW)
    records = feeds.claim_due(db, NOW, "me", timedelta(minutes=5), 12)
    source = MemoryFetcher({url: Page(document(1)) for url in addresses})
    intake = Intake(db, source, parser, ManualClock(NOW), "me", concurrency=3)
    done = await asyncio.gather(poll(intake, records[:6]), poll(intake, records[6:]))
    assert [[polled.new for polled in part] for part in done] == [[1] * 6, [1] * 6]
    assert parser.most == 3
    db.close()


async def test_no_more_feeds_are_claimed_than_there_is_room_for(tmp_path: Path) -> None:
    class Noting:
        handed: list[int]

        async def submit(self, name: str, **arguments: Any) -> bool:
            assert name == "poll"
            self.handed = list(arguments["feeds"])
            return True

    with newsroom(tmp_path) as (program, clock, _):
        many = [FeedConfigRow(f"https://{n}.example/") for n in range(300)]
        feeds.sync_subscriptions(program.db, many, clock.now())
        for under_way, claimed in ((0, 256), (156, 44), (200, 0), (256, 0)):  # 44 are all that are left
            engine = Noting()
            engine.handed = []
            program.fetching.in_flight = under_way
            await ticks.poll_tick(program, engine)  # type: ignore[arg-type]
            assert len(engine.handed) == claimed
        program.fetching.in_flight = 0
        await program.aclose()


async def test_what_is_under_way_is_counted_until_it_is_saved(tmp_path: Path) -> None:
    with newsroom(tmp_path, "kurier", "ledger") as (program, _, _server):
        counts: list[int] = []
        await program.fetching.fetch(on_result=lambda _: counts.append(program.fetching.in_flight))
        assert (counts, program.fetching.in_flight) == ([1, 0], 0)
        await program.aclose()
