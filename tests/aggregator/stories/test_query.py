from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.query import QueryError, Subject, parse
from tests.aggregator.stories.news import START

SUBJECT = Subject(
    title="Norges Bank raises key rate to 4.75 percent",
    text="Governor Ida Bache said that more rises may follow. Elections are near.",
    source="Nordlys News",
    feed="https://nordlys.example/feed",
    author="Kari Vik\nOla Lund",
    language="en-GB",
    topic="Business\nPolitics",
    story="abcd234567",
    arrived=START,
)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "rate",
        "RATES",
        "election",
        "elect*",
        "rate bank",
        "rate AND bank",
        "rate OR football",
        "football | rate",
        "NOT football",
        "-football rate",
        '"key rate"',
        '"Key   Rate"',
        "title:bank text:governor",
        "title:(football OR bank)",
        "(football OR rate) AND NOT (cup OR goal)",
        "source:nordlys",
        "by:vik author:lund",
        "lang:en",
        "language:en-gb",
        "topic:business topic:politics",
        "story:abcd234567",
        r"title:/\d+\.\d+ percent$/",
        "since:2h",
        "since:2026-03-01",
        "oratory OR rate",
    ],
)
def test_matches(query: str) -> None:
    assert parse(query).matches(SUBJECT, START + timedelta(hours=1))


@pytest.mark.parametrize(
    "query",
    [
        "football",
        "rate AND football",
        "NOT rate",
        '"rate key"',
        "rat",
        "title:governor",
        "lang:de",
        "story:abcd",
        "since:30m",
        "since:2026-04-01",
        "topic:sport",
        "rate -bank",
        "-(rate OR cup)",
        "source:nord",
    ],
)
def test_does_not_match(query: str) -> None:
    assert not parse(query).matches(SUBJECT, START + timedelta(hours=1))


@pytest.mark.parametrize(
    ("query", "column", "word"),
    [
        ("(", 2, "too early"),
        ("rate AND", 9, "too early"),
        ("rate )", 6, "')'"),
        ("colour:red", 1, "colour"),
        ("rate colour:red", 6, "colour"),
        ('bank "open', 6, "quotation"),
        ("title:/(/", 7, "regular expression"),
        ("since:soon", 7, "24h"),
        ("a OR OR b", 6, "OR"),
    ],
)
def test_errors_point_at_the_column(query: str, column: int, word: str) -> None:
    with pytest.raises(QueryError, match=rf"^column {column}: ") as caught:
        parse(query)
    assert caught.value.column == column
    assert word in caught.value.message


def test_like_an_example() -> None:
    query = parse('like:"Norges Bank raises its key rate, says governor Ida Bache"')
    assert query.matches(SUBJECT)
    assert not query.matches(Subject(title="Cup final ends in penalties", text="The goalkeeper saved two."))


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_an_error_with_a_column(text: str) -> None:
    column = 1
    try:
        parse(text).matches(SUBJECT, START)
    except QueryError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"([a-z]+)*\d", r"(1+1+)+2"])
def test_a_regular_expression_without_end_is_refused_where_it_is(pattern: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(f"rate title:/{pattern}/")
    assert caught.value.column == 12
    assert "too long" in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(z+)+$", "z" * 5_000 + "!"),
        (r"(a|a)*b", "a" * 5_000 + "cb"),
        (r"(.*)*x", "y" * 5_000 + "\nx"),
        (r"(\w+\s?)*!!", "word " * 999 + "! !!"),
    ],
)
def test_a_slow_regular_expression_that_passed_is_cut_short(pattern: str, text: str) -> None:
    query = parse(f"text:/{pattern}/")
    began = time.process_time()
    for _ in range(1_000):
        query.matches(Subject(text=text))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("(" * 5_000 + "a" + ")" * 5_000, 4_001),
        ("(" * 41 + "a" + ")" * 41, 41),
        ("a " * 3_000, 4_001),
        ("NOT " * 500 + "a", 1),
    ],
)
def test_a_query_is_bounded(query: str, column: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("query", "title", "language"),
    [
        ("Wahl", "Alle Wahlen abgesagt", "de"),
        ("élection", "Les élections reportées", "fr"),
        ("выборы", "На выборах победил Иванов", "ru"),
        ("goal", "Goals galore", ""),
        ("地震", "東北で地震発生", "ja"),
    ],
)
def test_inflected_forms_follow_the_language_of_the_text(query: str, title: str, language: str) -> None:
    assert parse(query).matches(Subject(title=title, language=language))


def test_like_takes_an_example() -> None:
    query = parse('like:"The central bank of Norway raised interest rates" NOT football')
    assert query.matches(SUBJECT)
    assert not query.matches(Subject(title="Striker scores twice", text="The league match ended three to one."))
