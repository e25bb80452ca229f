"""What one entry costs, counted without a clock: articles read, bytes in memory and in the file."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from aggregator.stories.copies import postings
from aggregator.stories.copies.copies import ComparedText
from aggregator.stories.copies.near_duplicates import LOOKED_AT
from aggregator.stories.copies.postings import Hashes, Postings
from aggregator.stories.grouping import articles, engine, views, vocabulary, window
from aggregator.stories.grouping.articles import Articles
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.index import Flags, Index, Ints
from aggregator.stories.grouping.views import IndexedArticle, Met, Several
from aggregator.stories.model import Document
from aggregator.stories.record_store import MemoryRecords
from tests.aggregator.stories.news import START
from tests.benchmarks.grouping_memory import parts

SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "du")


class _Counting(MemoryRecords):
    """Records in memory that count how many are read, and how many bytes are put."""

    def __init__(self) -> None:
        super().__init__()
        self.read = self.bytes = 0

    def put(self, record: bytes) -> int:
        self.bytes += len(record)
        return super().put(record)

    def get(self, place: int) -> bytes:
        self.read += 1
        return super().get(place)


class _NoTexts:
    def read(self, entries: Sequence[int]) -> Mapping[int, ComparedText]:
        return {}

    def keep(self, document: Document) -> None:
        pass

    def drop(self, entry: int) -> None:
        pass


def news(entry: int) -> Document:
    """Return a report of some hundred usual words and a few rare ones."""
    chance = random.Random(entry)
    usual = ["".join(chance.choices(SYLLABLES, k=2)) for _ in range(100)]
    rare = ["".join(chance.choices(SYLLABLES, k=6)).title() for _ in range(4)]
    words = [*usual, *rare]
    chance.shuffle(words)
    return Document(
        entry, " ".join(words[:9]), " ".join(words), START + timedelta(minutes=entry), f"outlet {entry % 40}"
    )


def empty(records: _Counting) -> Grouper:
    grouper = Grouper()
    grouper.keep_in(_NoTexts(), records)
    return grouper


def test_an_entry_reads_as_few_articles_in_a_large_window_as_in_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", 1)
    records = _Counting()
    grouper, counts = empty(records), list[float]()
    for entry in range(320):
        if entry in (160, 300):
            records.read = 0
        grouper.add(news(entry))
        if entry in (179, 319):
            counts.append(records.read / 20)
    assert counts[1] <= counts[0] + 8
    assert counts[1] <= engine.CANDIDATES + engine.FOREIGN + 3 * LOOKED_AT


def test_an_entry_is_compared_with_a_bounded_number_of_articles_and_meets_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    met, looked = list[int](), list[int]()
    meet, overlap = views.meet, Index.overlap

    def counted(document: IndexedArticle, others: Several, index: Index) -> Met:
        met.append(len(others))
        return meet(document, others, index)

    def searched(index: Index, terms: Ints, flags: Flags, flat: Ints) -> Flags:
        looked.append(len(flat))
        return overlap(index, terms, flags, flat)

    monkeypatch.setattr(views, "meet", counted)
    monkeypatch.setattr(Index, "overlap", searched)
    grouper = empty(_Counting())
    for entry in range(120):
        grouper.add(news(entry))
    for entry in range(100, 120):
        met.clear()
        looked.clear()
        grouper._choices(grouper._window.articles[entry])
        assert engine.CANDIDATES / 2 <= met[0] <= engine.CANDIDATES + engine.FOREIGN
        # The terms of each are looked up once, then those of all stories of several articles at once.
        assert len(met) == 1
        assert len(looked) <= 2


def test_few_articles_are_made_objects_of_for_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "RECENT", 1)
    made, read = list[int](), Articles._read

    def counted(held: Articles, slot: int, row: int) -> IndexedArticle:
        made.append(slot)
        return read(held, slot, row)

    monkeypatch.setattr(Articles, "_read", counted)
    grouper = empty(_Counting())
    for entry in range(120):
        if entry == 100:
            made.clear()
        grouper.add(news(entry))
    # The others of some 40 are only read as columns; these have half of its usual words and may be look-alikes.
    assert len(made) / 20 <= 16


def test_the_articles_with_a_title_are_looked_up_once_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, holders = list[Hashes](), Postings.holders

    def counted(held: Postings, sought: Hashes) -> list[int]:
        looked.append(sought)
        return holders(held, sought)

    monkeypatch.setattr(Postings, "holders", counted)
    grouper = empty(_Counting())
    for entry in range(40):
        grouper.add(news(entry))
    assert len(looked) == 40


def test_an_article_takes_little_memory_and_little_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = ((articles, "RECENT"), (window, "PROFILED"), (postings, "RECENT"), (vocabulary, "KNOWN"))
    for module, bound in bounds:
        monkeypatch.setattr(module, bound, 10)  # what has a fixed size is left out
    monkeypatch.setattr(window, "LAST", 1)
    records = _Counting()
    grouper, sizes = empty(records), list[int]()
    for entry in range(300):
        grouper.add(news(entry))
        if entry in (99, 299):
            sizes.append(parts(grouper, records).total())
    assert (sizes[1] - sizes[0]) / 200 < 1450
    assert records.bytes / 300 < 1800
