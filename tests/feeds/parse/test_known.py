"""Unchanged items are not read again, and the result is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.identity import reconcile
from feeds.model import Entry, FeedPlan, FeedState, KnownEntry
from feeds.parse import parse
from feeds.parse.known import indexed_hashes, item_index, needs_full_parse, unchanged_items, with_unchanged_items

URL = "https://harbour.example/feed.xml"
NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)


def document(*numbers: int, title: str = "Harbour Gazette", more: str = "", edited: int = -1) -> bytes:
    items = "".join(
        f"<item><guid>harbour-{n}</guid><title>Ferry {n} is late</title><link>https://harbour.example/{n}</link>"
        f"<description>Ferry {n} left {n + (n == edited)} minutes after noon.</description></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{more}{items}</channel></rss>".encode()


def stored(entries: tuple[Entry, ...]) -> list[KnownEntry]:
    return [KnownEntry(e.guid, e.content_hash, e.link, e.title, e.published) for e in entries]


def test_only_what_was_not_there_is_read_and_the_rest_is_in_its_place() -> None:
    before = parse(document(1, 2, 3), URL, {})
    known = unchanged_items(item_index(before), stored(before.entries))
    after = parse(document(4, 1, 3, 2, edited=3), URL, {}, known.keys())
    assert [entry.guid for entry in after.entries] == ["harbour-4", "harbour-3"]
    whole = with_unchanged_items(after, known)
    assert [entry.guid for entry in whole.entries] == ["harbour-4", "harbour-1", "harbour-3", "harbour-2"]
    changes = reconcile(whole.entries, stored(before.entries))
    assert [[e.guid for e in part] for part in (changes.new, changes.changed, changes.same)] == [
        ["harbour-4"],
        ["harbour-3"],
        ["harbour-1", "harbour-2"],
    ]
    assert item_index(whole) == item_index(parse(document(4, 1, 3, 2, edited=3), URL, {}))


@given(st.lists(st.integers(0, 9), max_size=8), st.lists(st.integers(0, 9), max_size=8), st.integers(-1, 9))
def test_what_is_new_and_changed_is_what_it_would_be_without_memory(first: list[int], then: list[int], edited: int):
    before = parse(document(*first), URL, {})
    memory = stored(reconcile(before.entries, []).new)
    known = unchanged_items(item_index(before), memory)
    body = document(*then, edited=edited)
    with_memory = reconcile(with_unchanged_items(parse(body, URL, {}, known.keys()), known).entries, memory)
    without = reconcile(parse(body, URL, {}).entries, memory)
    assert with_memory.new == without.new
    assert with_memory.changed == without.changed
    assert [entry.guid for entry in with_memory.same] == [entry.guid for entry in without.same]


@pytest.mark.parametrize(
    "changed",
    [
        document(1, title="Harbour Gazette, evening"),  # cut from the ends of texts
        document(1, more="<language>de</language>"),
        document(1, more="<link>https://www.harbour.example/</link>"),  # where relative links start from
        document(1, more="<category>Ships</category>"),
        document(1, more="<managingEditor>Ada Quay</managingEditor>"),
        document(1, edited=1),
    ],
)
def test_whatever_an_entry_is_made_from_counts(changed: bytes) -> None:
    before = parse(document(1), URL, {})
    known = unchanged_items(item_index(before), stored(before.entries))
    assert len(parse(changed, URL, {}, known.keys()).entries) == 1
    assert parse(document(1), URL, {}, known.keys()).entries == ()


def test_one_that_is_stored_under_another_name_or_not_surely_one_is_read() -> None:
    before = parse(document(1, 2, 3), URL, {})
    one, two, three = stored(before.entries)
    renamed, twin = replace(two, guid=two.link or ""), replace(three, guid="another")
    known = unchanged_items(item_index(before), [one, renamed, three, twin])
    assert [item.guid for item in known.values()] == ["harbour-1"]
    assert indexed_hashes(item_index(before)) == [one.content_hash, two.content_hash, three.content_hash]


def test_a_stand_in_is_never_stored() -> None:
    before = parse(document(1, 2), URL, {})
    known = unchanged_items(item_index(before), stored(before.entries))
    one, two = with_unchanged_items(parse(document(1, 2), URL, {}, known.keys()), known).entries
    state = FeedState(URL)
    assert needs_full_parse(FeedPlan(state, new=(one,)), known)
    assert needs_full_parse(FeedPlan(state, changed=(replace(two, guid="else"),)), known)
    assert not needs_full_parse(FeedPlan(state, new=(replace(one, content_hash="f" * 32),)), known)


def test_a_reader_that_reports_no_digests_leaves_no_note() -> None:
    parsed = replace(parse(document(1), URL, {}), digests=())
    assert item_index(parsed) == b""
    assert with_unchanged_items(parsed, {}) is parsed
