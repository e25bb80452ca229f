from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest

from aggregator.stories.grouping import articles
from aggregator.stories.grouping.articles import Articles, rounded
from aggregator.stories.grouping.views import IndexedArticle, Several
from aggregator.stories.record_store import MemoryRecords
from tests.aggregator.stories.news import START


def article(slot: int, story: str = "s", *, vector: bool = True) -> IndexedArticle:
    chance = np.random.default_rng(slot)
    return IndexedArticle(
        entry=slot,
        slot=slot,
        arrived=START + timedelta(hours=slot, microseconds=1),
        published=START - timedelta(days=slot),
        source=f"Outlet {slot % 3}",
        language="pl",
        terms=chance.integers(0, 2**31 - 1, slot, np.int32),
        flags=chance.integers(0, 2**12, slot, np.uint16),
        words=slot,
        has_body=slot > 2,
        story=story,
        vector=rounded(chance.normal(size=16).astype(np.float32)) if vector else None,
        own="3 Łódź" if slot % 2 else "",
        head="Title\nŁódź is a city.",
        title_keys=chance.integers(0, 2**16, slot % 4, np.uint16),
    )


def same(one: IndexedArticle, other: IndexedArticle) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(IndexedArticle))


def test_an_article_is_the_same_after_it_was_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", 1)
    held = Articles(MemoryRecords())
    put = [article(slot, vector=slot != 4) for slot in (5, 1, 4, 200)]
    for one in put:
        held.add(one)
    for one in put:
        assert same(held[one.slot], one)
        assert held.only_in("pl")
        assert held.foreign("cs", np.array([one.slot], np.int32)).tolist() == [one.slot]
        assert held.foreign("pl", np.array([one.slot], np.int32)).tolist() == []
        assert held.times(one.slot) == (one.arrived, one.published)
    assert held[4].vector is None
    held.remove(4)
    assert (4 in held, list(held), len(held)) == (False, [1, 5, 200], 3)


@pytest.mark.parametrize("recent", [0, 1000])
def test_a_move_is_seen_whether_the_article_is_packed_or_not(recent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", recent)
    held = Articles(MemoryRecords())
    held.add(article(1, "one"))
    held.add(replace(article(2), story="one"))
    held.move(1, "two")
    assert (held[1].story, held.story(1), held[2].story) == ("two", "two", "one")


def test_a_vector_that_is_rounded_again_stays_as_it_is() -> None:
    chance = np.random.default_rng(7)
    for size in (3, 256, 640):
        vector = chance.normal(size=size).astype(np.float32)
        once, twice = rounded(vector), rounded(rounded(vector))
        assert once is not None
        assert twice is not None
        assert np.array_equal(once, twice)
        assert np.abs(once - vector).max() <= np.abs(vector).max() / 127 * 0.51
    assert rounded(None) is None


@pytest.mark.parametrize("recent", [0, 1000])
def test_a_profile_gets_the_same_of_an_article_as_a_comparison(recent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", recent)
    held = Articles(MemoryRecords())
    for slot in (5, 4, 200):
        put = article(slot, vector=slot != 4)
        held.add(put)
        counted = held.counted(slot)
        for name in ("language", "terms", "flags", "vector"):
            assert np.array_equal(getattr(counted, name), getattr(put, name))


def test_articles_are_kept_as_objects_up_to_a_number_of_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", 95)
    monkeypatch.setattr(articles, "_BESIDE", 20)
    held = Articles(MemoryRecords())
    for slot in (20, 21, 22, 23, 5):
        held.add(article(slot))
    assert list(held._recent) == [23, 5]
    held.remove(23)
    assert [held[slot].slot for slot in (20, 21, 20)] == [20, 21, 20]
    assert list(held._recent) == [21, 20]


@pytest.mark.parametrize("recent", [0, 1000])
def test_who_holds_an_article_however_long_sees_its_move(recent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", recent)
    held = Articles(MemoryRecords())
    held.add(article(200, "one"))
    held.add(article(1, "one"))
    one = held[200]
    held.move(200, "two")
    assert one.story == "two"


def test_articles_as_columns_are_the_same_from_their_records_as_from_objects() -> None:
    held = Articles(MemoryRecords())
    put = [article(slot, f"story {slot}", vector=slot != 4) for slot in (5, 1, 4, 200)]
    put.append(replace(article(7, "story 7"), vector=rounded(np.ones(3, np.float32)), language="cs", dated=False))
    for one in put:
        held.add(one)
    slots = [one.slot for one in put]
    made, expected = held.several(slots), Several.of(put)
    assert all(
        np.array_equal(getattr(made, f.name), getattr(expected, f.name)) for f in fields(Several) if f.name != "article"
    )
    assert all(same(made.article(place), one) for place, one in enumerate(put))
    assert held.stories(slots) == [one.story for one in put]
    assert made.meant.tolist() == [True, True, False, True, True]
    assert (made.in_language("cs").tolist(), made.from_source("").any()) == ([False] * 4 + [True], False)
    assert not held.several([4]).vectors.size
