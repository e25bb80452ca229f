"""Reasons as a person reads them: no name of a view, no word of the trade."""

from __future__ import annotations

import pytest

from aggregator.stories.grouping.explain import LOOKALIKE, MOVED, happening, reason, statement
from aggregator.stories.model import NEAREST, Evidence, MoveReason, compared

MOVES = {
    MoveReason.LATER: "later articles show that it belongs there",
    MoveReason.GREW: "the stories grew and are now about one event",
    MoveReason.OTHER_EVENT: "the story went on, and the article is about another event",
}


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence("text", 5.81, ("ferry", "fog")), "strongly for: title and text of both have ferry, fog"),
        (Evidence("numbers", 1.2, ("12 injured",)), "for: both give 12 injured"),
        (Evidence("numbers", 1.2, ("12", "1,400")), "for: both give the numbers 12 and 1,400"),
        (Evidence("names", 0.3, ("Maren",)), "a little for: both name Maren"),
        (Evidence("links", 0.0, ("coast.example/1",)), "one links to the other, or both link to coast.example/1"),
        (Evidence("time", -3.1, (19.2,)), "strongly against: they were published 19 hours apart"),
        (Evidence("time", 0.0, (0.4,)), "they were published less than an hour apart"),
        (Evidence("time", 0.0, (1.2,)), "they were published 1 hour apart"),
        (Evidence("time", 0.0, (73.0,)), "they were published 3 days apart"),
        (Evidence("meaning", 1.0), "for: as a whole, the words of both mean much the same"),
        (Evidence("meaning", -1.0), "against: as a whole, the words of both mean different things"),
        (
            Evidence("other counts", -1.5, (("98 wounded", "3-1"), ("61 wounded",), ("2-0",), ("1-1",))),
            (
                "against: they give different numbers for the same thing: 98 wounded and 3-1 here, 61 "
                "wounded there; 2-0 here, 1-1 there"
            ),
        ),
        (Evidence("other numbers", -1.5), "against: they have no number in common"),
        (
            Evidence("other subjects", -1.5, (("Ilse",), ("Jonas",))),
            "against: each has names, by their spelling, that the other lacks: Ilse here, Jonas there",
        ),
        (Evidence("same source", -1.5), "against: they are from the same outlet"),
        (Evidence("same-text", 1.0, (0.98,)), "no name or number differs, and 98% of the text is the same"),
        (Evidence("stories", 4.0, (0.31,)), "strongly for: the two stories, each as a whole, are 31% alike"),
        (Evidence("likeness", 0.0), "no open story is similar"),
        (Evidence(NEAREST, 0.0, (17,)), "compared with entry 17"),
        (Evidence(LOOKALIKE, -4.0), "both are made from one template, about different events, a day or more apart"),
        *((Evidence(MOVED, 0.0, (code,)), said) for code, said in MOVES.items()),
        # As earlier versions stored them.
        (Evidence("text", 5.81, text="ferry, fog"), "strongly for: title and text of both have ferry, fog"),
        (Evidence("time", 0.0, text="they came an hour apart"), "they came an hour apart"),
        (Evidence("moved", 0.0, text="nearer to the other"), "nearer to the other"),
        (Evidence(LOOKALIKE, -4.0, text="a / b"), "both are made from one template and differ in a / b"),
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
        ("carried", None, "has the same text as an earlier article"),
        ("something new", None, "something new"),
    ],
)
def test_what_happened_names_the_doubt_where_there_was_any(what: str, score: float | None, said: str) -> None:
    assert happening(what, score) == said


def test_the_weight_is_reported_to_who_asks() -> None:
    assert reason(Evidence("numbers", 1.2, ("12 injured",)), weighed=True) == "for: both give 12 injured (+1.20)"
    apart = "not similar enough to join: 30% likely to be the same event, and 50% is required"
    assert reason(Evidence("likeness", 0.3, (0.3, 0.5)), weighed=True) == apart


def test_a_statement_takes_no_side() -> None:
    assert statement(Evidence("senses", 2.0, ("Sturm / storm",))) == "words with the same meaning: Sturm / storm"
    assert statement(Evidence("time", -2.0, (72.0,))) == "they were published 3 days apart"


def test_what_was_compared_is_found_among_the_reasons() -> None:
    assert compared((Evidence(NEAREST, 0.0, (17,)), Evidence("text", 2.0, ("ferry",)))) == 17
    assert compared((Evidence(NEAREST, 0.0, text="17"),)) == 17
    assert compared((Evidence("text", 2.0, ("ferry",)),)) is None
