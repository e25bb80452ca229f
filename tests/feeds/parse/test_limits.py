"""Of a document with more items than are read, the newest are; what is left out is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from feeds.decide import PollSettings, decide
from feeds.model import FeedState, Fetched, Parsed
from feeds.parse import parse
from feeds.sources.raw import MAX_ENTRIES

URL = "https://archive.example/feed"
START = datetime(2020, 1, 1, tzinfo=UTC)
EXTRA = 3
COUNT = MAX_ENTRIES + EXTRA


def rss(places: list[int], *, dated: bool = True, broken: str = "") -> bytes:
    def date(n: int) -> str:
        return f"<pubDate>{format_datetime(START + timedelta(hours=n))}</pubDate>" if dated else ""

    items = "".join(f"<item><title>Ep {n}</title><guid>{n}</guid>{date(n)}</item>" for n in places)
    return f"<rss version='2.0'><channel><title>A</title>{items}{broken}</channel></rss>".encode()


def atom(places: list[int]) -> bytes:
    items = "".join(
        f"<entry><id>{n}</id><title>Ep {n}</title><updated>2030-01-01T00:00:00Z</updated>"
        f"<published>{(START + timedelta(hours=n)).isoformat()}</published></entry>"
        for n in places
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>{items}</feed>'.encode()


def json_feed(places: list[int]) -> bytes:
    items = [
        {"id": str(n), "title": f"Ep {n}", "date_published": (START + timedelta(hours=n)).isoformat()} for n in places
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


RISING = list(range(COUNT))
FALLING = RISING[::-1]
MIXED = RISING[COUNT // 2 :] + RISING[: COUNT // 2]
NEWEST = {str(n) for n in RISING[EXTRA:]}


@pytest.mark.parametrize(
    "body",
    [
        rss(RISING),
        rss(FALLING),
        rss(MIXED),
        atom(RISING),
        json_feed(RISING),
        rss(RISING, broken="<item><title>&x;</b>"),
    ],
    ids=["oldest first", "newest first", "mixed", "atom", "json", "broken"],
)
def test_the_newest_are_read_in_the_order_of_the_document(body: bytes) -> None:
    feed = parse(body, URL, {})
    found = [entry.guid for entry in feed.entries if entry.guid.isdigit()]
    assert len(feed.entries) == MAX_ENTRIES
    assert len(NEWEST - set(found)) <= 1  # the broken document has one more
    assert len(feed.limits) == 1
    assert f"of which the newest {MAX_ENTRIES} are read" in feed.limits[0]


def test_items_of_one_date_follow_the_order_of_the_others() -> None:
    days = [n // 1000 for n in RISING]
    rising = parse(rss(days), URL, {})
    assert rising.entries[-1].published == START + timedelta(hours=days[-1])
    assert rising.digests == parse(rss(days), URL, {}).digests
    falling = parse(rss(days[::-1]), URL, {})
    assert falling.entries[0].published == START + timedelta(hours=days[-1])
    assert len(rising.entries) == len(falling.entries) == MAX_ENTRIES


def test_without_dates_the_first_are_read() -> None:
    feed = parse(rss(RISING, dated=False), URL, {})
    assert [entry.guid for entry in feed.entries] == [str(n) for n in RISING[:MAX_ENTRIES]]
    assert f"of which the first {MAX_ENTRIES} are read" in feed.limits[0]


def test_an_item_without_a_date_is_as_old_as_the_one_before_it() -> None:
    body = rss(RISING).replace(b"</item>", b"</item><item><title>a note</title></item>", 1)
    assert all(entry.title != "a note" for entry in parse(body, URL, {}).entries)


def planned(parsed: Parsed) -> tuple[str, ...]:
    fetched = Fetched(url=URL, final_url=URL, status=200, headers={}, body=b"x")
    return decide(START, FeedState(URL), fetched, parsed, (), PollSettings()).notes


def test_the_poll_says_that_not_everything_was_read() -> None:
    assert any(f"the newest {MAX_ENTRIES} are read" in note for note in planned(parse(rss(RISING), URL, {})))
    assert planned(parse(rss(RISING[:9]), URL, {})) == ()
