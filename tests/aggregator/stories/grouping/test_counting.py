"""Shared numbers as a person reads them: each with what it counts, in the words of the texts."""

from __future__ import annotations

import pytest

from tests.aggregator.stories.grouping.test_phrasing import shared as shared_terms


def shared(one: str, other: str, language: str = "en") -> dict[str, list[str]]:
    """What two texts share by view, the words of the second first."""
    return shared_terms(("en", "", one), (language, "", other))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("It left 98 wounded and took 214 aboard.", "In all 98 wounded were counted.", ["98 wounded"]),
        ("It left 98 wounded.", "The crash killed 98.", ["killed 98 / 98 wounded"]),
        ("The bill is $3.1 million.", "They ask for $3.1 million now.", ["$3.1 million"]),
        ("A quake of magnitude 5.8 damaged homes.", "Magnitude 5.8 damaged them.", ["magnitude 5.8"]),
        ("They won 3-1 at home.", "It was 3-1 in the end.", ["3-1"]),
        ("It rose by 8,400 tonnes.", "It rose by 8,400 tonnes, from 98.", ["8,400 tonnes"]),
        ("The Herald, 98, was there.", "Then the Echo, 98, came.", ["98"]),
        ("Police count 98, 41 of them.", "They say that police count 98 and 41.", ["98", "41"]),
        ("It left 98 wounded.", "There were 77 of them.", []),
        ("It left 98 wounded.", "There were 98 of them.", ["98 / 98 wounded"]),
        ("It cost 71 crowns and left 98 wounded.", "The 71 of 98 wounded.", ["98 wounded"]),
    ],
)
def test_a_number_is_reported_with_what_it_counts_or_not_at_all(one: str, other: str, said: list[str]) -> None:
    assert shared(one, other)["numbers"] == said


def test_each_language_has_its_own_words() -> None:
    assert shared("It left 98 wounded.", "Es gab 98 Verletzte.", "de")["numbers"] == ["98 Verletzte / 98 wounded"]
    assert shared("The police saw 10,000 there.", "Die Polizei sieht 10.000 dort.", "de")["numbers"] == ["10.000"]


def test_a_number_by_itself_is_called_one_and_left_out_beside_words() -> None:
    one, other = "It left 98 wounded of 311 in 1997.", "In all 98 wounded were counted, in 1997, and 311."
    found = shared(one, other)
    assert found["text"] == ["1997", "wounded", "98 wounded"]
    assert found["keys"] == ["wounded", "98 wounded"]
    assert shared("Then 98.", "And 98.")["keys"] == ["98"]
