"""What a document says as comparable terms: headlines without outlets, names, and numbers with what they count."""

from datetime import UTC, datetime

import pytest

from aggregator.stories.grouping.features import LEAD_CHARS, extract, headline, named
from aggregator.stories.grouping.terms import LEAD, SUBJECT
from aggregator.stories.model import Document
from digests.language import tokens


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


@pytest.mark.parametrize("text", ["Covid-19 vaccine arrives", "Two F-16 jets landed", "The G-7 leaders met"])
def test_a_number_that_is_part_of_a_name_counts_nothing(text: str) -> None:
    assert not [term for term in shown(text) if term[0] in "#%"]


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("午後3時12分5秒に地震、98人が負傷", "ja", {"98"}),
        ("3時間40分の会議", "ja", {"3", "40"}),  # a duration
        ("北京时间12时30分发生地震", "zh", set()),
        ("晚上10点45分开始，下午3点半结束", "zh", set()),
        ("他得了12分", "zh", {"12"}),  # points
        ("오후 3시 30분 지진 98명", "ko", {"98"}),
        ("3시간 뒤", "ko", {"3"}),
        ("12 시민 부상", "ko", {"12"}),  # citizens
    ],
)
def test_a_time_of_day_is_no_number(text: str, language: str, numbers: set[str]) -> None:
    terms = extract(Document(1, text, "", datetime(2026, 3, 2, tzinfo=UTC), language=language)).terms
    assert {term[1:] for term in terms if term.startswith("#")} == numbers


@pytest.mark.parametrize(
    ("text", "term", "written"),
    [
        ("Prices rise by 4.5% again", "%% 4.5", "4.5%"),
        ("The fund pays $300 at once", "%$ 300", "$300"),
        ("The fund pays $3.1 million, at once", "%$ 3.1", "$3.1 million"),
        ("Thieves took 6 million euros, it says", "%million 6", "6 million euros"),
        ("A loss of 7.2 billion. The bank", "%billion 7.2", "7.2 billion"),
        ("A loss of 7.2 billion in all", "%billion 7.2", "7.2 billion"),
        ("Se llevaron 6 millones de euros", "%millon 6", "6 millones de euros"),
        ("A 7-million loss", "%million 7", "7-million loss"),
        ("Twelve towns were cut off", "%town 12", "Twelve towns"),
        ("A 71-year-old passenger died", "%year 71", "71-year-old"),
        ("A quake of magnitude 5.8 damaged homes", "%magnitud 5.8", "magnitude 5.8"),
        ("They won 3 - 1 at home", "%- 3-1", "3-1"),
        ("It is " + "1-a" * 40, "%1 1", ""),
    ],
)
def test_a_number_is_shown_with_what_it_counts_as_the_text_has_it(text: str, term: str, written: str) -> None:
    assert shown(text).get(term, "") == written
    assert max(map(len, shown(text).values())) < 130


def test_a_year_is_no_number_to_compare() -> None:
    assert "#2024" not in shown("The bridge of 2024 falls")
    assert "#2124" in shown("The 2124 seats are sold")


def test_a_name_without_letters_enough_to_know_it_by_is_left_out() -> None:
    text = "They met Lee and Anna Lindt there, and later Anna Lindt left Oslo."
    assert named(text, "en") == {"Anna": 2, "Lindt": 2, "Oslo": 1}
    terms = shown("Council meets Lee and Lindt in the old town", text)
    assert "@lindt" in terms
    assert "@le" not in terms


def test_a_text_is_read_the_same_when_the_memory_of_words_was_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document(
        1, "Ferry hits pier in Oslo", "Two boats of the Oslo line sank.", datetime(2026, 3, 2, tzinfo=UTC)
    )
    once = extract(document)
    monkeypatch.setattr(tokens, "_SEEN", 1)
    again = extract(document)
    assert list(again.terms.items()) == list(once.terms.items())
    assert again.shown == once.shown


@pytest.mark.parametrize("text", ["", "one", "The U.S. pays $2,500.50 - half of it - to Oslo's port, twice.", " 3-1 "])
def test_a_passage_is_its_text(text: str) -> None:
    said = tokens.passage(text, "en")
    assert said.text() == text
    assert said.written == tokens.raw(text)
    assert len(said.gaps) == len(said.words) + 1


@pytest.mark.parametrize(("spare", "reported"), [(6, True), (2, True), (0, False)])
def test_a_name_that_begins_in_the_lead_is_a_subject(spare: int, reported: bool) -> None:
    before = ("x" * (LEAD_CHARS - spare - len(" of "))) + " of "
    terms = extract(
        Document(1, "A title", f"{before}Trondheim today", datetime(2026, 3, 2, tzinfo=UTC), language="en")
    ).terms
    assert bool(terms["=trond"] & SUBJECT) is reported
    assert bool(terms.get("tr", 0) & LEAD) is (spare == 2)
