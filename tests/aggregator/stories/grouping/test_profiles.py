"""The profile of a story: the same whether its articles are counted at once or one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.index import Flags, Ints
from aggregator.stories.grouping.profiles import StoryProfile


class Read(NamedTuple):
    language: str
    terms: Ints
    flags: Flags
    vector: Vector | None


def read(seed: int, *, vector: bool = True) -> Read:
    chance = np.random.default_rng(seed)
    terms = chance.permutation(60)[:40].astype(np.int32)
    meaning = np.round(chance.normal(size=4) * 64).astype(np.float32) / 64
    return Read("en", terms, chance.integers(0, 2**12, 40, np.uint16), meaning if vector else None)


def same(one: StoryProfile, other: StoryProfile) -> bool:
    return (
        np.array_equal(one.terms, other.terms)
        and np.array_equal(one.counts, other.counts)
        and np.array_equal(one.vector, other.vector)
        and one.languages == other.languages
    )


@pytest.mark.parametrize("many", [1, 2, 9, 300])
def test_articles_counted_at_once_give_the_same_as_one_by_one(many: int) -> None:
    articles = [read(seed, vector=seed != 3) for seed in range(many)]
    slowly = StoryProfile()
    for one in articles:
        slowly.add(one)
    assert same(StoryProfile.of(articles), slowly)


def test_an_article_counted_out_leaves_no_trace() -> None:
    articles = [read(seed) for seed in range(4)]
    profile = StoryProfile.of(articles)
    profile.remove(articles[1])
    assert same(profile, StoryProfile.of([articles[0], *articles[2:]]))
