"""The parts of a story by how firmly its articles were joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.parts import FIRM, Tie, parts

FIRMLY, HARDLY = FIRM, FIRM - 0.01


def test_what_was_hardly_joined_is_another_part() -> None:
    assert parts([1, 2, 3], [Tie(2, 1, FIRMLY), Tie(3, 1, HARDLY)]) == {1: 0, 2: 0, 3: 1}


def test_what_was_firmly_joined_to_it_is_of_the_same_part() -> None:
    ties = [Tie(2, 1, HARDLY), Tie(3, 2, FIRMLY), Tie(4, 1, FIRMLY)]
    assert parts([1, 2, 3, 4], ties) == {1: 0, 2: 1, 3: 1, 4: 0}


def test_the_article_that_opened_the_story_need_not_be_the_first() -> None:
    assert parts([1, 2], [Tie(1, 2, HARDLY)]) == {1: 0, 2: 1}
    assert parts([1, 2], [Tie(1, 2, FIRMLY)]) == {1: 0, 2: 0}


def test_the_last_arrival_of_an_article_counts() -> None:
    assert parts([1, 2], [Tie(2, 1, HARDLY), Tie(2)]) == {1: 0, 2: 0}


def test_what_opened_a_merged_story_and_what_was_like_an_article_that_left_are_of_the_opening_part() -> None:
    assert parts([1, 2, 3], [Tie(3, 99, FIRMLY)]) == {1: 0, 2: 0, 3: 0}


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=9, unique=True),
    st.lists(st.builds(Tie, st.integers(1, 12), st.none() | st.integers(1, 12), st.none() | st.floats(0, 1))),
)
def test_every_article_is_of_one_part_and_they_are_numbered_without_gaps(articles: list[int], ties: list[Tie]) -> None:
    found = parts(articles, ties)
    assert list(found) == articles
    assert list(dict.fromkeys(found.values())) == list(range(len(set(found.values()))))
