from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from aggregator.stories.grouping import index as module
from aggregator.stories.grouping.index import Index, Ints

WORDS = 12


def usual(place: int) -> float:
    return 0.001


def put(index: Index, slot: int, words: list[str]) -> Ints:
    terms = index.intern(words, words, usual)
    index.add([slot], [terms], [np.full(len(terms), fill_value=True)])
    return terms


def found(index: Index, word: str) -> list[int]:
    terms = index.intern([word], [word], usual)
    return index.candidates(terms, index.weights(terms), 50).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_an_index_finds_what_one_that_is_built_from_the_articles_left_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOUCHED", 5)
    monkeypatch.setattr(module, "KEPT", 10)
    chance = np.random.default_rng(seed)
    index, held, articles = Index(), dict[int, Ints](), dict[int, list[str]]()

    def rest() -> Iterator[tuple[int, Ints]]:
        return iter(held.items())

    for number in range(160):
        slot = 2 * number + (20 if number % 7 else 13)  # some arrive late
        words = [f"w{k}" for k in range(WORDS) if chance.random() < 1 / (k + 1)]
        if words and slot not in held:
            articles[slot], held[slot] = words, put(index, slot, words)
        if number % 20 == 19:
            gone = set(chance.choice(sorted(held), len(held) // 2, replace=False).tolist())
            terms = [held.pop(slot) for slot in gone]
            index.remove(gone, terms, rest)
            new = Index()
            for left in sorted(held):
                put(new, left, articles[left])
            assert all(found(index, f"w{k}") == found(new, f"w{k}") for k in range(WORDS))
            assert len(index) == len(new)


@pytest.mark.parametrize("seed", range(6))
def test_articles_are_found_alike_whether_they_came_together_or_one_by_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOUCHED", 5)
    monkeypatch.setattr(module, "KEPT", 10)
    chance = np.random.default_rng(seed)
    articles = [[f"w{k}" for k in range(WORDS) if chance.random() < 1 / (k + 1)] for _ in range(120)]
    alone, together = Index(), Index()
    for slot, words in enumerate(articles):
        put(alone, slot, words)
    for start in range(0, len(articles), 30):
        some = articles[start : start + 30]
        flat = [word for words in some for word in words]
        terms = np.split(together.intern(flat, flat, usual), np.cumsum([len(words) for words in some])[:-1])
        together.add(range(start, start + 30), terms, [np.full(len(part), fill_value=True) for part in terms])
    assert all(found(alone, f"w{k}") == found(together, f"w{k}") for k in range(WORDS))
    assert len(alone) == len(together)


def test_a_term_may_be_in_more_articles_than_two_bytes_count() -> None:
    index, many = Index(), module._SMALL + 2
    (term,), (rare,) = index.intern(["common"], ["common"], usual), index.intern(["rare"], ["rare"], usual)
    for start in range(0, many, 30_000):
        slots = range(start, min(start + 30_000, many))
        index.add(slots, [np.array([term])] * len(slots), [np.array([True])] * len(slots))
    index.add([many], [np.array([rare])], [np.array([True])])
    assert index.weights(np.array([term]))[0] < 0.01
    assert index.weights(np.array([rare]))[0] > 10
    index.remove({many}, [np.array([rare])], lambda: iter(()))
    assert found(index, "common") == list(range(many - 1, many - 51, -1))
