"""The kinds of terms, found again in their encoding."""

from __future__ import annotations

import pytest

from aggregator.stories.grouping import terms
from aggregator.stories.grouping.terms import TermKind

TERMS = [
    ("pier", TermKind.WORD, "pier", None),
    ("71", TermKind.WORD, "71", "71"),
    (terms.pair_term("pier", "collaps"), TermKind.WORD, "pier collaps", None),
    (terms.name_term("solveig"), TermKind.NAME, "@solveig", None),
    (terms.start_term("solve"), TermKind.START, "=solve", None),
    (terms.start_term("71"), TermKind.START, "=71", "71"),
    (terms.number_term("4.5"), TermKind.NUMBER, "#4.5", "4.5"),
    (terms.unit_term("%"), TermKind.COUNT, "%%", None),
    (terms.count_term("town", "12"), TermKind.COUNT, "%town 12", None),
    (terms.sense_term("quake"), TermKind.SENSE, "~quake", None),
    (terms.link_term("https://a.example/1"), TermKind.LINK, ">https://a.example/1", None),
]


@pytest.mark.parametrize(("term", "kind", "stored", "figure"), TERMS)
def test_a_term_reports_its_kind_and_is_written_as_earlier_versions_stored_it(
    term: str, kind: TermKind, stored: str, figure: str | None
) -> None:
    assert terms.kind_of(term) is kind
    assert term == stored
    assert terms.figure(term) == figure


@pytest.mark.parametrize(("unit", "digits"), [("town", "12"), ("%", "4.5"), ("$", "300"), ("-", "3-1")])
def test_a_count_comes_apart_again(unit: str, digits: str) -> None:
    assert terms.count_parts(terms.count_term(unit, digits)) == (unit, digits)


def test_how_common_a_term_is_depends_on_its_kind() -> None:
    share = terms.usual_share
    assert share("year", "en") > share("solveig", "en")
    assert share(terms.number_term("12"), "en") > share(terms.number_term("4713"), "en")
    assert share(terms.count_term("town", "12"), "en") < share(terms.unit_term("town"), "en")
    assert share(terms.pair_term("year", "town"), "en") < share("town", "en")
    assert share(terms.sense_term("quake"), "en") > share(terms.link_term("https://a.example/1"), "en")
