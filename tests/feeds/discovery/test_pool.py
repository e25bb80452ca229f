"""No page, however hostile, costs more than its own limits."""

from __future__ import annotations

import asyncio
import os
import pickle
import time
from contextlib import suppress

import pytest
from lxml import html as lxml_html

from feeds.discovery.article import extract_article
from feeds.discovery.metadata import read_facts
from feeds.discovery.pool import MAX_PAGE, PagePool
from feeds.errors import ExtractFailed
from feeds.process.child import Handler

pytestmark = pytest.mark.anyio
P = "<p>The parliament passed the law on Friday, the speaker said. It takes effect in January.</p>"
ARTICLE = f"<html><head><title>A law</title></head><body><article>{P * 8}</article></body></html>".encode()


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def block(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


NEWS = '{"@type":"NewsArticle","headline":"%s","author":{"name":"%s"},"articleBody":"%s","datePublished":"%s"}'
HOSTILE = {
    "one paragraph many times": page(f"<article>{P * 40000}</article>"),
    "many paragraphs": page(
        "".join(f"<p>Item {n} word{n * 7} passed the law on day {n}, he said.</p>" for n in range(50000))
    ),
    "deep": page("<div>" * 200 + P + "</div>" * 200 + "<b>" * 300000),
    "inline elements": page(f"<article><p>{'<b>x</b>' * 400000}</p></article>"),
    "tables": page("<article>" + "<table><tr><td>" * 20000 + P),
    "lists": page("<ul><li>" * 40000 + P),
    "one long paragraph": page(f"<article><p>{'word ' * 700000}</p></article>"),
    "dates": page('<time class="published" datetime="2026-01-0">1 Jan</time> 2026-11-1 ' * 50000),
    "brackets in JSON": page(P * 20, block("[" * 400000)),
    "objects in JSON": page(P * 20, block('{"@graph":' * 40000)),
    "a long list in JSON": page(P * 20, block("[" + "{}," * 100000 + "{}]")),
    "articles in JSON": page(P * 20, block(NEWS % ("a - " * 9000, "a, " * 9000, "\\n<p>" * 50000, "1 " * 9000)) * 15),
    "names": page(P * 20, '<meta name="author" content="By A and B, C">' * 70000),
    "many names in one": page(P * 20, f'<meta name="{"author " * 90000}" content="x">' * 4),
    "separators in a title": page(P * 20, f"<title>{'a - ' * 900000}</title>"),
    "separators in a heading": page(f"<h1>{'a – ' * 900000}</h1>" + P * 20, "<title>a – b</title>"),
    "separators in a card": page(P * 20, f'<meta property="og:title" content="{"a | " * 900000}">'),
    "blanks in a title": page(P * 20, f"<title>a{' ' * 3000000}b</title>"),
    "entities in a title": page(P * 20, f"<title>{'&amp;' * 600000}amp;</title>"),
    "open tags in a title": page(P * 20, f"<title>{'&lt;b ' * 600000}</title>"),
    "links": page(f"<article>{'<p><a href=/x>abc def</a></p>' * 100000}</article>"),
    "line breaks": page(f"<article><p>a{'<br>' * 900000}</p></article>"),
    "white space": page("<article><p>a" + " \n" * 1900000 + "b</p></article>"),
    "comments": "<!--" * 900000,
    "attributes": page("<p " + "a=b " * 500000 + ">x</p>"),
    "one attribute": page(f'<p class="{"a " * 1500000}">x</p>'),
    "zeros": "\0" * 3000000,
    "brackets": "<" * 3000000,
    "references": page("&#x41;" * 600000),
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


# One of each cause; each that is killed costs a new process.
KILLED = ("one paragraph many times", "deep", "tables", "links", "white space", "articles in JSON", "references")


@pytest.mark.timeout(300)
async def test_every_page_has_an_answer_within_its_limits() -> None:
    """Also those in front of and behind it: the pool goes on with the next page."""
    async with PagePool(workers=1, cpu_seconds=1.5) as pool:
        for name in KILLED:
            begun = time.monotonic()
            with suppress(ExtractFailed):
                found = await pool.extract(HOSTILE[name].encode(), "https://evil.example/a")
                assert len(found.title) <= 1000, name
            assert time.monotonic() - begun < 1.5 * 4 + 20, name
        assert (await pool.extract(ARTICLE, "https://news.example/a")).text.startswith("The parliament")


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in HOSTILE
        if "title" in name or "head" in name or "card" in name or "JSON" in name or "name" in name
    ],
)
def test_titles_and_metadata_take_time_in_proportion(name: str) -> None:
    """In the calling process: it parses the page, and its facts are read in less than a second."""
    tree = lxml_html.document_fromstring(HOSTILE[name].encode())
    begun = time.process_time()
    facts = read_facts(tree, "https://evil.example/a")
    assert time.process_time() - begun < 1.0
    assert len(facts.title) <= 1000


def dies() -> Handler:
    """A process that is killed by what it reads, or sends what nobody asked for."""

    def handle(request: bytes) -> bytes:
        html, _ = pickle.loads(request)
        if html == b"die":
            os.kill(os.getpid(), 9)
        return pickle.dumps({b"class": (os.getcwd, ""), b"junk": 7}.get(html, ("text", "")))

    return handle


@pytest.mark.parametrize(
    ("html", "code"), [(b"die", "extract-limit"), (b"class", "extract"), (b"junk", "extract"), (b"x", "extract")]
)
async def test_what_a_process_sends_is_not_trusted(html: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.discovery.pool._HANDLER", "tests.feeds.discovery.test_pool:dies")
    async with PagePool(workers=1) as pool:
        with pytest.raises(ExtractFailed) as caught:
            await pool.extract(html, "https://evil.example/a")
    assert caught.value.code == code


async def test_a_page_that_is_too_long_is_cut() -> None:
    async with PagePool(workers=1) as pool:
        whole = await pool.extract(ARTICLE + b" " * MAX_PAGE * 2, "https://news.example/a")
    assert whole == extract_article(ARTICLE, "https://news.example/a")


async def test_one_hostile_page_does_not_keep_others_waiting() -> None:
    async with PagePool(workers=2) as pool:
        hostile = asyncio.create_task(
            pool.extract(HOSTILE["one paragraph many times"].encode(), "https://evil.example/a")
        )
        await asyncio.sleep(0)
        assert (await pool.extract(ARTICLE, "https://news.example/a")).title == "A law"
        assert not hostile.done()
        hostile.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hostile
