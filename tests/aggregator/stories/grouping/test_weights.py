"""Where few articles have company, more resemblance is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.weights import ASSUMED, LOWEST, USUAL, rarity
from aggregator.stories.model import Action, Document, Placed
from tests.aggregator.stories.news import START

COUNTS = st.integers(0, 100_000)
HELD = 400  # articles in the window
LATER = timedelta(hours=30)
# A day and six hours apart; each two share a name or two words and tell different events.
STRANGERS = (
    ("Strike closes the port of Velmora for a third day", "Port of Velmora gets a new director"),
    ("Storm damages hundreds of roofs in Velmora", "Velmora plans a storm museum"),
    ("Minister defends higher tax on sugar", "Sugar tax: what a baker from the coast thinks"),
    ("Court stops the sale of the Velmora shipyard", "Shipyard workers of Velmora meet their old friends"),
    ("New phone by Corvex has a bigger battery", "Corvex battery recycled into a lamp"),
)
SAME = ("Storm damages hundreds of roofs in Velmora", "Hundreds of roofs damaged as storm hits Velmora")


@given(COUNTS, COUNTS)
def test_it_never_raises_the_odds_and_falls_with_the_share_that_joined(one: int, other: int) -> None:
    articles, stories = max(one, other), min(one, other)
    assert LOWEST <= rarity(articles, stories) <= 0.0
    assert rarity(articles, stories) >= rarity(articles + 1, stories + 1)  # one more that opened a story
    assert rarity(articles, stories) <= rarity(articles + 1, stories)  # one more that joined


def test_nothing_is_asked_beyond_the_model_of_an_empty_window_and_where_many_join() -> None:
    assert ASSUMED > USUAL
    assert rarity(0, 0) == rarity(1000, 600) == 0.0
    assert rarity(1000, 900) < 0.0
    assert rarity(1000, 1000) == LOWEST


def arrived(entry: int, title: str, moment: datetime) -> Document:
    return Document(entry, title, "", moment, f"outlet{entry}.example", "en", moment)


def filled(reports: int) -> Grouper:
    """Return an engine that holds the same titles in stories of so many articles."""
    grouper, chance = Grouper(), Random(1)
    syllables = [a + b for a in "bdfgklmnprst" for b in "aeiou"]
    titles = [
        " ".join("".join(chance.choices(syllables, k=3)) for _ in range(chance.randint(4, 8))) for _ in range(HELD)
    ]
    grouper.restore(
        Placed(arrived(entry, title, START + timedelta(minutes=entry)), entry, f"story{entry // reports}")
        for entry, title in enumerate(titles)
    )
    return grouper


def joined(reports: int, one: str, other: str) -> bool:
    """Whether `other` joins the story of `one`, which is 30 hours older, in a window of stories of so many articles."""
    grouper, moment = filled(reports), START + timedelta(hours=4)
    grouper.add(arrived(HELD, one, moment))
    return grouper.add(arrived(HELD + 1, other, moment + LATER)).action is Action.JOINS


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_words_in_common_are_not_enough_where_articles_stand_alone(one: str, other: str) -> None:
    assert joined(4, one, other)
    assert not joined(1, one, other)


def test_a_second_report_is_found_among_articles_that_stand_alone() -> None:
    assert joined(1, *SAME)
