from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.stories.copies import postings
from aggregator.stories.copies.postings import Hashes, Postings

COMMON = 3


def hashes(pieces: set[int]) -> Hashes:
    return np.array(sorted(pieces), np.uint32)


def plainly(held: dict[int, set[int]], sought: set[int]) -> Counter[int]:
    """Return how many of `sought` each article holds, counted with plain sets."""
    votes: Counter[int] = Counter()
    for piece in sought:
        holders = [article for article, pieces in held.items() if piece in pieces]
        if len(holders) <= COMMON:
            votes.update(holders)
    return votes


PIECES = st.sets(st.integers(0, 30), max_size=12)
STEPS = st.lists(st.tuples(st.integers(0, 9), PIECES), max_size=60)


@settings(max_examples=200)
@given(STEPS, PIECES, st.sampled_from([2, 5, postings.MOST]))
def test_votes_are_a_function_of_what_is_held_however_it_was_sorted(
    steps: list[tuple[int, set[int]]], sought: set[int], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "RECENT", 20)
        patch.setattr(postings, "MOST", most)
        index, held = Postings(), dict[int, set[int]]()
        for article, pieces in steps:  # an article that is held is discarded, another added
            if article in held:
                index.discard(article, hashes(held.pop(article)))
            else:
                index.add(article, hashes(pieces))
                held[article] = pieces
            assert index.votes(hashes(sought), COMMON) == plainly(held, sought)


@settings(max_examples=100)
@given(st.lists(st.dictionaries(st.integers(0, 60), PIECES, max_size=9), max_size=6), PIECES)
def test_votes_are_the_same_for_articles_that_came_together(
    batches: list[dict[int, set[int]]], sought: set[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "RECENT", 20)
        patch.setattr(postings, "MANY", 3)
        patch.setattr(postings, "MOST", 4)
        index, held = Postings(), dict[int, set[int]]()
        for batch in batches:  # one that is held is discarded first
            for article in batch.keys() & held.keys():
                index.discard(article, hashes(held.pop(article)))
            index.add_all([(article, hashes(pieces)) for article, pieces in batch.items()])
            held |= batch
            assert index.votes(hashes(sought), COMMON) == plainly(held, sought)


def test_what_was_discarded_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "RECENT", 20)
    index = Postings()
    for article in range(100):
        index.add(article, hashes({article, 1000, 2000 + article}))
    assert len(index) == 300
    for article in range(99):
        index.discard(article, hashes({article, 1000, 2000 + article}))
    assert len(index) <= 3 + 20
    assert index.votes(hashes({99, 1000}), COMMON) == {99: 2}
