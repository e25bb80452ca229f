"""When two stories are brought together, and how many of their articles are compared until it is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from aggregator.stories.grouping import evidence, weights
from aggregator.stories.grouping.engine import CLIPPED, Grouper, _Choice
from aggregator.stories.grouping.index import Floats, Ints
from aggregator.stories.grouping.views import IndexedArticle, Several
from aggregator.stories.grouping.weights import FULL, MERGE, PAIR, STORY
from aggregator.stories.model import Document, Placed
from tests.aggregator.stories.news import START

MEMBERS = 4
TEXT = "The {} council of Calder voted on {} for the {} bridge across the river, officials said at the town hall."


@pytest.fixture
def grouper() -> Grouper:
    """A window with two stories of four articles."""
    made = Grouper()
    words = ("whole", "upper", "lower", "city")
    made.restore(
        Placed(
            Document(n, f"Bridge vote {n}", TEXT.format(words[n % 4], day, name), START + timedelta(hours=n), f"o{n}"),
            n,
            day,
        )
        for n, (day, name) in enumerate((d, w) for d in ("Monday", "Friday") for w in words)
    )
    return made


def rows_of(grouper: Grouper) -> Iterator[Floats]:
    """Compare the two stories."""
    one, other = (grouper._window.stories[day] for day in ("Monday", "Friday"))
    choice = _Choice("Friday", 1.0, 4, np.zeros(len(PAIR)), np.zeros(len(STORY)), FULL)
    return grouper._merge_rows(one, other, grouper._likeness(one, other), choice)


def test_the_more_pairs_of_two_stories_are_known_the_less_likely_they_are_one(grouper: Grouper) -> None:
    rows = list(rows_of(grouper))
    assert len(rows) == 1 + MEMBERS
    odds = [grouper._model.merged(row, FULL) for row in rows]
    assert odds == sorted(odds, reverse=True)
    assert odds[0] > odds[-1]
    stories, articles = grouper._window.stories, grouper._window.articles
    one, other = stories["Monday"], stories["Friday"]
    theirs = articles.several(list(other.slots))
    pairs = np.array([grouper._model.pairs(*grouper._pairs(articles[slot], theirs)) for slot in one.slots])
    words = min(np.mean([articles[slot].words for slot in side.slots]) for side in (one, other))
    pairs = np.clip(pairs, -CLIPPED, CLIPPED)
    whole = evidence.merge_columns(one, other, grouper._likeness(one, other), 1.0, pairs, float(words))
    assert rows[-1] == pytest.approx(whole)


@pytest.mark.parametrize(("bias", "compared"), [(-100.0, 0), (100.0, MEMBERS)])
def test_articles_are_compared_only_while_two_stories_may_be_one(
    bias: float, compared: int, grouper: Grouper, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = grouper._model.merge.copy()
    learned[FULL, MERGE.index("bias")] = bias
    grouper._model = weights.Model(grouper._model.pair, grouper._model.story, learned)
    calls, pairs = list[int](), Grouper._pairs

    def counted(self: Grouper, article: IndexedArticle, others: Several) -> tuple[Floats, Ints]:
        calls.append(article.slot)
        return pairs(self, article, others)

    monkeypatch.setattr(Grouper, "_pairs", counted)
    stories = grouper._window.stories
    one, other = stories["Monday"], stories["Friday"]
    choice = _Choice("Friday", 1.0, 4, np.zeros(len(PAIR)), np.zeros(len(STORY)), FULL)
    odds = grouper._merge_odds(one, other, grouper._likeness(one, other), choice)
    assert (odds > 0) == (bias > 0)
    assert len(calls) == compared


@pytest.mark.parametrize("encoded", [False, True])
def test_a_pair_that_is_more_alike_never_makes_two_stories_less_likely_one(*, encoded: bool) -> None:
    columns = [MERGE.index("linked"), MERGE.index("covered")]
    assert (weights.default(encoded=encoded).merge[:, columns] >= 0).all()
