"""An item at which a library fails is left out; the others are read, and the cause is reported."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feeds.errors import ParseCrashed
from feeds.parse import items, parse
from feeds.parse.known import item_index, with_unchanged_items
from feeds.sources import fast, json_feed, tolerant
from feeds.text import safe_html

RSS = b"""<rss version="2.0"><channel><title>F</title>
<item><guid>1</guid><title>first</title><description>&lt;b&gt;one&lt;/b&gt;</description></item>
<item><guid>2</guid><title>second</title><description>&lt;b&gt;trap&lt;/b&gt;</description></item>
<item><guid>3</guid><title>third</title><description>&lt;b&gt;three&lt;/b&gt;</description></item></channel></rss>"""
JSON = b"""{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"first"},{"id":"trap","title":"second"},
{"id":"3","title":"third"}]}"""
URL = "https://h.example/feed"


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sanitizer that fails at one text."""

    def failing(html: str, base: str = "") -> str:
        if "trap" in html:
            raise ImportError("no module for this text")
        return safe_html(html, base)

    monkeypatch.setattr(items, "safe_html", failing)


@pytest.mark.usefixtures("trap")
def test_an_item_that_cannot_be_judged_costs_itself_only() -> None:
    feed = parse(RSS, URL, {})
    assert [entry.title for entry in feed.entries] == ["first", "third"]
    assert feed.skipped == ("ImportError: no module for this text",)


@pytest.mark.usefixtures("trap")
def test_an_item_that_was_left_out_is_tried_again_next_time() -> None:
    feed = parse(RSS, URL, {})
    assert len(item_index(feed)) > 0
    assert len(feed.digests) == 2
    again = parse(RSS, URL, {}, feed.digests[:1])
    assert [entry.title for entry in again.entries] == ["third"]
    assert len(again.skipped) == 1
    assert with_unchanged_items(again, {}).digests == feed.digests


@pytest.mark.usefixtures("trap")
def test_a_feed_of_which_nothing_can_be_read_is_an_error() -> None:
    with pytest.raises(ParseCrashed, match="none of the feed's items can be read: ImportError: no module"):
        parse(RSS.replace(b"one", b"trap").replace(b"three", b"trap"), URL, {})


@pytest.mark.parametrize(
    ("reader", "name", "body"),
    [(fast._FeedReader, "_media", RSS), (json_feed, "_identity", JSON)],
    ids=["fast", "json"],
)
def test_each_reader_loses_only_the_item_at_which_it_fails(
    monkeypatch: pytest.MonkeyPatch, reader: object, name: str, body: bytes
) -> None:
    monkeypatch.setattr(reader, name, failing_at_trap(getattr(reader, name)))
    feed = parse(body, URL, {})
    assert [entry.title for entry in feed.entries] == ["first", "third"]
    assert feed.skipped == ("ValueError: a trap",)


def test_the_tolerant_reader_loses_only_the_item_at_which_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tolerant, "_authors", failing_at_trap(tolerant._authors))
    raw = tolerant.read_any(RSS, {})
    assert [entry.guid for entry in raw.entries] == ["1", "3"]
    assert raw.skipped == ["ValueError: a trap"]


def failing_at_trap(whole: Callable[..., object]) -> Callable[..., object]:
    def failing(*args: object) -> object:
        if "trap" in repr([getattr(arg, "summary", arg) for arg in args]):
            raise ValueError("a trap")
        return whole(*args)

    return failing
