from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.discovery.article import extract_article

PARAGRAPHS = [
    (
        f"The harbour council met for the {word} time and spoke at length about the ferry, which had been "
        "late again on most days of the week."
    )
    for word in ("first", "second", "third", "fourth", "fifth")
]
PAGE = f"""<html lang="en-GB"><head><title>Ferry late again - Harbour News</title><meta property="og:site_name" \
content="Harbour News"><meta property="og:title" content="You will not believe this ferry">
<meta property="og:type" content="article"><meta property="og:image" content="/ferry.jpg"><link rel="canonical" \
href="/ferry?utm_source=x">
<script type="application/ld+json">{{"@graph":[{{"@type":"NewsArticle","headline":"Ferry late \
again","datePublished":"2024-03-01T10:00:00+01:00","author":[{{"@type":"Person","name":"Ada \
Quay"}}]}}]}}</script></head>
<body><nav><a href="/">Home</a><a href="/sport">Sport</a></nav><article><h1>Ferry late again</h1><p>By Ada \
Quay</p>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}<p>Read more</p></article><footer>All rights \
reserved</footer></body></html>"""


def test_an_article_is_read_with_its_facts() -> None:
    article = extract_article(PAGE.encode(), "https://h.example/a/b")
    assert article.title == "Ferry late again"
    assert article.published == datetime(2024, 3, 1, 9, tzinfo=UTC)
    assert (article.authors, article.language, article.image, article.canonical) == (
        ("Ada Quay",),
        "en-GB",
        "https://h.example/ferry.jpg",
        "https://h.example/ferry",
    )
    assert [line for line in article.text.split("\n") if line in PARAGRAPHS] == PARAGRAPHS
    assert "Sport" not in article.text
    assert "Read more" not in article.text
    assert article.confidence > 0.7


def test_a_headline_is_the_pages_heading_when_its_title_says_the_same() -> None:
    page = b"<html><head><title>Ferry sinks | Harbour</title></head><body><h1>Ferry sinks</h1><p>x</p></body></html>"
    assert extract_article(page, "").title == "Ferry sinks"
    assert extract_article(page.replace(b"<h1>Ferry sinks", b"<h1>Menu"), "").title in (
        "Ferry sinks | Harbour",
        "Ferry sinks",
    )


def test_a_day_in_the_address_is_better_than_none() -> None:
    page = b"<html><body><h1>x</h1><p>words</p></body></html>"
    assert extract_article(page, "https://h.example/2023/04/05/x").published == datetime(2023, 4, 5, tzinfo=UTC)


def test_a_page_without_text_is_no_article() -> None:
    assert extract_article(b"", "https://h.example/").text == ""
    assert extract_article(b"\x89PNG\r\n", "https://h.example/").confidence < 0.3


@settings(max_examples=40)
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.sampled_from([PAGE.encode()[:size] for size in range(0, len(PAGE), 97)])
)
def test_no_page_raises(body: bytes) -> None:
    assert 0 <= extract_article(body, "https://h.example/").confidence <= 1


BODY = "<p>" + "The ferry to Ostra was late again, and many people had to wait at the quay for two hours. " * 6 + "</p>"


@pytest.mark.parametrize(
    "inside",
    [
        f"{BODY}<p>In 2019 the ferry was late as well.</p>",
        f"{BODY}<footer>© 2019 Herald</footer>",
        f'{BODY}<meta name="date" content="2019">',
        f"<p>Ferries, 2019</p>{BODY}",
    ],
    ids=["prose", "copyright", "declared", "caption"],
)
def test_a_bare_year_is_no_date(inside: str) -> None:
    page = (
        f"<html><head><title>Ferry late</title></head><body><article><h1>Ferry late</h1>{inside}</article>"
        "</body></html>"
    )
    assert extract_article(page.encode(), "https://h.example/ferry").published is None


@pytest.mark.parametrize(
    "inside",
    [
        f'<time itemprop="datePublished" datetime="2019-01-01">New Year</time>{BODY}',
        f"<p>Published on 1 January 2019</p>{BODY}",
        f"<p>January 1, 2019</p>{BODY}",
    ],
)
def test_the_first_of_january_is_a_date_where_the_page_has_it(inside: str) -> None:
    page = (
        f"<html><head><title>Ferry late</title></head><body><article><h1>Ferry late</h1>{inside}</article>"
        "</body></html>"
    )
    found = extract_article(page.encode(), "https://h.example/ferry").published
    assert found is not None
    assert f"{found:%Y-%m-%d}" == "2019-01-01"


@pytest.mark.parametrize(
    "heading", ["Ferry to Ostra late again", "FERRY TO OSTRA LATE AGAIN", "Ferry to Ostra late again | Herald"]
)
def test_the_heading_of_a_page_is_no_sentence_of_its_text(heading: str) -> None:
    title = "Ferry to Ostra late again"
    page = (
        f"<html><head><title>{title} | Herald</title></head><body><article><h2>{heading}</h2>{BODY}</article>"
        "</body></html>"
    )
    found = extract_article(page.encode(), "https://h.example/ferry")
    assert found.text.startswith("The ferry to Ostra was late")
