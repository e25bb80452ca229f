"""Reasons as a person reads them: no name of a view, no word of the trade."""

from __future__ import annotations

import pytest

from aggregator.stories.grouping.explain import NEAREST, compared, happening, reason, statement
from aggregator.stories.model import Evidence


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence("text", 5.81, "ferry, fog"), "strongly for: title and text of both say ferry, fog"),
        (Evidence("numbers", 1.2, "12 injured"), "for: both give 12 injured"),
        (Evidence("names", 0.3, "Maren"), "a little for: both name Maren"),
        (Evidence("time", -3.1, "they came 19 hours apart"), "strongly against: they came 19 hours apart"),
        (Evidence("other numbers", -1.5, "they differ"), "against: they differ"),
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


def test_the_weight_is_told_to_who_asks() -> None:
    assert reason(Evidence("numbers", 1.2, "12 injured"), weighed=True) == "for: both give 12 injured (+1.20)"
    assert reason(Evidence("likeness", 0.3, "not near enough"), weighed=True) == "not near enough"


def test_a_statement_takes_no_side() -> None:
    assert statement(Evidence("senses", 2.0, "Sturm / storm")) == "words that mean the same: Sturm / storm"
    assert statement(Evidence("time", -2.0, "they came 3 days apart")) == "they came 3 days apart"


def test_what_was_compared_is_found_among_the_reasons() -> None:
    assert compared((Evidence(NEAREST, 0.0, "17"), Evidence("text", 2.0, "ferry"))) == 17
    assert compared((Evidence("text", 2.0, "ferry"),)) is None
