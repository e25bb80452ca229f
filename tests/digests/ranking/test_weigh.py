"""What the weigher adds to the score of a story."""

from __future__ import annotations

import pytest

from digests.model import ItemKind, Pick, Reported, Story
from digests.ranking.weigh import Weigher
from tests.support.stories import NOW, source, story


def game(outlets: int) -> Story:
    """A story of a game, with an article of each outlet."""
    return story("game", *(source(n, "Orr wins at home", "Orr won.") for n in range(1, outlets + 1)), topic="Sport")


def update(of: Story, known: int) -> Pick:
    """An update for a recipient who knows the first articles."""
    articles = frozenset(one.article for one in of.sources[:known])
    return Pick(of, ItemKind.UPDATE, "Sport", 0.5, reported=Reported(of.id, NOW, "", frozenset(), articles))


@pytest.mark.parametrize(("known", "loss"), [(2, 0.08), (3, 0.15)])
def test_an_update_of_a_light_story_is_lowered_most_where_one_outlet_has_it(known: int, loss: float) -> None:
    tale = game(4)
    first = Pick(tale, ItemKind.NEW, "Sport", 0.5)
    weigher = Weigher([first], 30, [tale])
    assert weigher.weigh(first).score - weigher.weigh(update(tale, known)).score == pytest.approx(loss)


def test_an_update_of_another_story_is_not_lowered() -> None:
    tale = story("flood", *(source(n, "Flood kills 12 in Orr", "Orr is under water.") for n in (1, 2)))
    first = Pick(tale, ItemKind.NEW, "World", 0.5)
    weigher = Weigher([first], 30, [tale])
    later = Pick(tale, ItemKind.UPDATE, "World", 0.5, reported=Reported("flood", NOW, "", frozenset(), frozenset({1})))
    assert weigher.weigh(first).score == weigher.weigh(later).score
