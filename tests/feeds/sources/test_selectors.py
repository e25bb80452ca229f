"""CSS selectors, checked before they are used."""

from __future__ import annotations

import pytest

from feeds.sources.selectors import MAX_SELECTOR, compiled, selector_problem


@pytest.mark.parametrize("selector", ["article.teaser", "h2 > a", "li:not(.ad) h3, .card", 'a[href^="/news/"]'])
def test_a_valid_selector_has_no_problem(selector: str) -> None:
    assert selector_problem(selector) == ""
    assert compiled(selector) is not None


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("article >", "at column"),
        ("a::before", "not supported"),
        ("a:hover(", "cannot be read"),
        ("\\6", "not supported"),
        ("a" * (MAX_SELECTOR + 1), "longer than"),
        ("(" * 400, "cannot be read"),
    ],
)
def test_an_invalid_selector_is_described(selector: str, words: str) -> None:
    assert words in selector_problem(selector)
