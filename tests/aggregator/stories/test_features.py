"""What a document says as comparable terms: headlines without outlets, names, and numbers with what they count."""

from datetime import UTC, datetime

import pytest

from aggregator.stories.features import extract, headline, named
from aggregator.stories.model import Document


def shown(title: str, text: str = "") -> dict[str, str]:
    return dict(extract(Document(1, title, text, datetime(2026, 3, 2, tzinfo=UTC), language="en")).shown)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Ferry runs aground off Bodø – North Today", "Ferry runs aground off Bodø"),
        ("Ferry runs aground off Bodø – Live | North Today", "Ferry runs aground off Bodø"),
        ("Storm – North Today", "Storm – North Today"),  # too little would be left
    ],
)
def test_an_outlet_behind_a_headline_is_no_part_of_it(title: str, bare: str) -> None:
    assert headline(title) == bare


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Prices rise by 4.5% again", "%% 4.5"),
        ("The fund pays $300 at once", "%$ 300"),
        ("Help comes to 12 towns here", "%town 12"),
        ("The team wins 3-1 at home", "%- 3-1"),
    ],
)
def test_a_number_counts_something(text: str, term: str) -> None:
    assert term in shown(text)


def test_a_year_is_no_number_to_compare() -> None:
    assert "#2024" not in shown("The bridge of 2024 falls")
    assert "#2124" in shown("The 2124 seats are sold")


def test_a_name_without_letters_enough_to_know_it_by_is_left_out() -> None:
    text = "They met Lee and Anna Lindt there, and later Anna Lindt left Oslo."
    assert named(text, "en") == {"Anna": 2, "Lindt": 2, "Oslo": 1}
    terms = shown("Council meets Lee and Lindt in the old town", text)
    assert "@lindt" in terms
    assert "@le" not in terms
