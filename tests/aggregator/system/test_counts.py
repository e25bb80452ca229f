from __future__ import annotations

import pytest

from aggregator.system.counts import count_of


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(1, "feed", "1 feed"), (0, "feed", "0 feeds"), (2000, "entry", "2,000 entries"), (1, "story", "1 story")],
)
def test_the_noun_follows_the_number(number: int, noun: str, text: str) -> None:
    assert count_of(number, noun) == text
