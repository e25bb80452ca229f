from __future__ import annotations

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
