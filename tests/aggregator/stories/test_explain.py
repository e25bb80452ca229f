"""Reasons as a person reads them: no name of a view, no word of the trade."""

from __future__ import annotations

import pytest

from aggregator.stories.explain import happening, reason
from aggregator.stories.model import Evidence


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence("text", 5.81, "ferry, fog"), "strongly for it: title and text of both say ferry, fog (+5.81)"),
        (Evidence("numbers", 1.2, "12 injured"), "for it: both give 12 injured (+1.20)"),
        (Evidence("names", 0.3, "Maren"), "a little for it: both name Maren (+0.30)"),
        (Evidence("time", -3.1, "19 hours apart"), "strongly against it: 19 hours apart (-3.10)"),
        (Evidence("other numbers", -1.5, "they differ"), "against it: they differ (-1.50)"),
        (Evidence("time", 0.0, "less than an hour apart"), "less than an hour apart"),
        (Evidence("same-text", 1.0, "98% of the text is the same"), "98% of the text is the same"),
        (Evidence("moved", 0.0, "nearer to the other"), "nearer to the other"),
    ],
)
def test_a_reason_says_what_it_rests_on_and_which_way_it_speaks(evidence: Evidence, said: str) -> None:
    assert reason(evidence) == said


@pytest.mark.parametrize(
    ("what", "score", "said"),
    [
        ("joined", 0.51, "joined the story (51% sure)"),
        ("joined", 0.999, "joined the story"),
        ("opened", 0.9, "opened the story"),
        ("carried", None, "prints a text that was there already"),
        ("something new", None, "something new"),
    ],
)
def test_what_happened_names_the_doubt_where_there_was_any(what: str, score: float | None, said: str) -> None:
    assert happening(what, score) == said
