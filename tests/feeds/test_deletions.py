"""What publishers take back: read from any document, and judged against what is known of their feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide import FUTURE_TOLERANCE, PollSettings, decide
from feeds.model import Entry, FeedPlan, FeedState, Fetched, GuidOrigin, KnownEntry, Parsed, Tombstone
from feeds.parse import parse
from feeds.parse.known import needs_full_parse
from feeds.sources.raw import MAX_ENTRIES

NOW = datetime(2024, 5, 6, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://news.example/feed"
SPACE = "http://purl.org/atompub/tombstones/1.0"
STONES = (
    '<at:deleted-entry ref="tag:1" when="2024-05-06T09:00:00Z"/>'
    '<at:deleted-entry ref=" tag:2 " when="2024-05-06T11:00:00+02:00"><at:comment>wrong</at:comment></at:deleted-entry>'
    '<at:deleted-entry ref="tag:3" when="the other day"/><at:deleted-entry when="2024-05-06T09:00:00Z"/>'
    '<at:deleted-entry ref="tag:1" when="2024-05-06T08:00:00Z"/><at:deleted-entry ref="tag:1"/>'
)
READ = (Tombstone("tag:1", NOW - 1.5 * HOUR), Tombstone("tag:2", NOW - 1.5 * HOUR), Tombstone("tag:3"))
ENTRY = "<entry><id>tag:9</id><title>Ferry is late</title><updated>2024-05-06T09:00:00Z</updated>{}</entry>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" {}><title>Harbour</title>{}</feed>'
RSS = (
    '<rss version="2.0" {}><channel><title>Harbour</title>{}<item><guid>tag:9</guid><title>Ferry is '
    "late</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("document", "parser"),
    [
        (ATOM.format(f'xmlns:at="{SPACE}"', STONES + ENTRY.format("")), "fast"),
        (ATOM.format(f'xmlns:gone="{SPACE}"', STONES.replace("at:", "gone:") + ENTRY.format("")), "fast"),
        (ATOM.format("", STONES + ENTRY.format("")), "fast"),
        (RSS.format(f'xmlns:at="{SPACE}"', STONES), "fast"),
        (ATOM.format(f'xmlns:at="{SPACE}"', STONES + ENTRY.format("<summary><b></summary>")), "feedparser"),
        # What libxml2 makes nothing of at all.
        ("oops " + ATOM.format(f'xmlns:at="{SPACE}"', STONES + ENTRY.format("<summary><b></summary>")), "feedparser"),
        ("oops " + ATOM.format(f'xmlns:x="{SPACE}"', STONES.replace("at:", "x:") + ENTRY.format("")), "feedparser"),
    ],
    ids=["atom", "another prefix", "not declared", "rss", "broken", "broken from the start", "broken, another prefix"],
)
def test_tombstones_are_read_by_every_reader(document: str, parser: str) -> None:
    feed = parse(document.encode(), URL, {})
    assert feed.parser == parser
    assert feed.tombstones == READ
    assert [entry.guid for entry in feed.entries] == ["tag:9"]
    assert feed.title == "Harbour"


def test_what_only_looks_like_a_tombstone_is_none() -> None:
    inside = ENTRY.format('<at:deleted-entry ref="tag:1" when="2024-05-06T09:00:00Z"/>')
    quoted = ENTRY.format(f"<content><![CDATA[{STONES}]]></content>")
    for start in ("", "oops "):
        for document in (inside, quoted, '<deleted-entry ref="tag:1" when="2024-05-06T09:00:00Z"/>' + ENTRY.format("")):
            assert parse((start + ATOM.format(f'xmlns:at="{SPACE}"', document)).encode(), URL, {}).tombstones == ()


def test_of_very_many_tombstones_the_first_are_read() -> None:
    many = "".join(f'<at:deleted-entry ref="tag:{n}" when="x"/>' for n in range(3 * MAX_ENTRIES))
    feed = parse(ATOM.format(f'xmlns:at="{SPACE}"', many + ENTRY.format("")).encode(), URL, {})
    assert len(feed.tombstones) == MAX_ENTRIES
    assert feed.tombstones[-1] == Tombstone(f"tag:{MAX_ENTRIES - 1}")
    assert any("tombstones" in limit for limit in feed.limits)
    assert [entry.guid for entry in feed.entries] == ["tag:9"]


def known(guid: str, published: datetime | None = NOW - 3 * HOUR, **facts: object) -> KnownEntry:
    return KnownEntry(guid, guid, f"https://news.example/{guid}", f"title {guid}", published, **facts)  # type: ignore[arg-type]


def entry(guid: str, published: datetime | None = NOW - 3 * HOUR, **facts: object) -> Entry:
    made = {"title": f"title {guid}", "link": f"https://news.example/{guid}", "content_hash": guid, **facts}
    return Entry(guid, GuidOrigin.GUID, published=published, **made)  # type: ignore[arg-type]


def poll(stones: list[Tombstone], listed: list[Entry], stored: list[KnownEntry]) -> FeedPlan:
    state = FeedState(URL, polls=3, last_success=NOW - HOUR)
    parsed = Parsed("atom10", entries=tuple(listed), tombstones=tuple(stones))
    return decide(NOW, state, Fetched(URL, URL, 200, {}, b"<feed/>"), parsed, stored, PollSettings())


@pytest.mark.parametrize(
    ("when", "stored", "gone"),
    [
        (NOW - HOUR, known("a"), True),
        (NOW - 3 * HOUR, known("a"), True),
        (NOW - 4 * HOUR, known("a"), False),
        (NOW - 2 * HOUR, known("a", updated=NOW - HOUR), False),
        (NOW - HOUR, known("a", None), True),
        (None, known("a"), True),
        (NOW + timedelta(days=400), known("a"), True),
        (NOW - HOUR, known("a", withdrawn=True), False),
    ],
    ids=["later", "same", "earlier", "updated since", "undated", "no date", "ahead", "again"],
)
def test_an_entry_is_withdrawn_that_is_no_newer_than_its_tombstone(
    when: datetime | None, stored: KnownEntry, *, gone: bool
) -> None:
    plan = poll([Tombstone("a", when)], [], [stored, known("b")])
    assert plan.withdrawn == (("a",) if gone else ())
    assert plan.notes == (("withdrawn: the publisher deleted 1 entry",) if gone else ())


def test_absence_is_no_withdrawal_and_a_tombstone_for_nobody_is_nothing() -> None:
    assert poll([], [], [known("a")]).withdrawn == ()
    assert poll([Tombstone("x", NOW)], [entry("a")], [known("a")]).withdrawn == ()


@pytest.mark.parametrize(
    ("when", "listed", "gone"),
    [
        (NOW - HOUR, entry("a"), True),
        (NOW - HOUR, entry("a", updated=NOW - HOUR / 2), False),
        (None, entry("a"), False),
        (NOW + FUTURE_TOLERANCE + HOUR, entry("a"), False),
        (NOW - HOUR, entry("a", None), False),
    ],
    ids=["older", "newer", "no date", "ahead", "undated"],
)
def test_what_is_listed_beside_its_tombstone_is_gone_only_if_it_is_surely_older(
    when: datetime | None, listed: Entry, *, gone: bool
) -> None:
    stones = [Tombstone("a", when)]
    assert poll(stones, [listed], [known("a")]).withdrawn == (("a",) if gone else ())
    assert [e.guid for e in poll(stones, [listed], []).new] == ([] if gone else ["a"])


def test_a_text_that_moved_to_another_guid_is_not_withdrawn() -> None:
    plan = poll([Tombstone("a", NOW)], [entry("b", link="https://news.example/a", content_hash="a")], [known("a")])
    assert (plan.withdrawn, plan.new) == ((), ())


def test_what_was_withdrawn_comes_back_in_a_newer_form_only() -> None:
    gone = [known("a", withdrawn=True), known("b", withdrawn=True), known("c", withdrawn=True), known("d")]
    ahead = NOW + timedelta(days=9)
    listed = [entry("a"), entry("b", updated=ahead), entry("c", content_hash="other"), entry("d", updated=NOW)]
    plan = poll([], listed, gone)
    assert [(e.guid, e.updated) for e in plan.restored] == [("c", None), ("b", NOW)]
    assert "restored: the publisher again lists 2 entries" in plan.notes


def test_a_stand_in_is_not_withdrawn_unseen() -> None:
    plan = poll([Tombstone("a", NOW)], [entry("a")], [known("a")])
    assert needs_full_parse(plan, {b"digest": known("a")})
    assert not needs_full_parse(plan, {b"digest": known("b")})
