from __future__ import annotations

import contextlib
import random
from datetime import UTC, datetime

import pytest

from feeds.errors import EmptyResponse, NoItems, ParseError
from feeds.model import GuidOrigin, Parsed
from feeds.parse import parse
from feeds.parse.pool import ParsePool, propose_page
from feeds.sources.selectors import selector_problem

pytestmark = pytest.mark.anyio
URL = "https://town.example/news/"
NAVIGATION = (
    "<nav><ul>"
    + "".join(f'<li class="top"><a href="/{n}">Section number {n}</a></li>' for n in range(9))
    + "</ul></nav>"
)
CARD = """<article class="teaser c{n}"><a href="/tag/{n}">Town</a><img src="/img/{n}-800x600.jpg" width="800" \
height="600">
<h3><a href="/news/{n}?utm_source=list">The council decides on bridge number {n}</a></h3>
<time datetime="2026-03-{day:02}T09:30:00+01:00">{day}. M&auml;rz</time><p class="lead">The council of the town decided
about bridge number {n} on Tuesday <a href="more">after</a> a long debate.</p></article>"""


def page(body: str, head: str = "<title>Town news</title>") -> bytes:
    return (
        f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{NAVIGATION}{body}<footer>x</footer></body></html>'
    ).encode()


def cards(count: int, template: str = CARD) -> bytes:
    return page("".join(template.format(n=n, day=28 - n) for n in range(count)))


def read(body: bytes, **selectors: str) -> Parsed:
    return parse(body, URL, {"content-type": "text/html"}, page=selectors)


def test_the_parts_of_an_item() -> None:
    parsed = read(cards(4), item="article.teaser", title="h3", link="h3 a", text="p.lead")
    assert (parsed.format, parsed.title, parsed.language, parsed.site) == ("page", "Town news", "en", URL)
    first = parsed.entries[0]
    assert (first.title, first.link) == ("The council decides on bridge number 0", "https://town.example/news/0")
    assert (first.guid, first.guid_origin) == (first.link, GuidOrigin.LINK)
    assert first.published == datetime(2026, 3, 28, 8, 30, tzinfo=UTC)
    assert first.text == "The council of the town decided about bridge number 0 on Tuesday after a long debate."
    assert "https://town.example/news/more" in first.content_html
    assert first.image == "https://town.example/img/0-800x600.jpg"
    assert len(parsed.digests) == len(parsed.entries) == 4


def test_without_selectors_of_parts_the_heading_the_first_link_and_the_time_are_read() -> None:
    body = cards(3, CARD.replace('<a href="/tag/{n}">Town</a>', ""))
    entry = read(body, item="article").entries[1]
    assert (entry.title, entry.link) == ("The council decides on bridge number 1", "https://town.example/news/1")
    assert (entry.published, entry.text, entry.teaser) == (datetime(2026, 3, 27, 8, 30, tzinfo=UTC), "", True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('<span class="date">17 March 2026, 14:05</span>', datetime(2026, 3, 17, 14, 5, tzinfo=UTC)),
        ('<span class="date" title="2026-03-17T14:05:00Z">yesterday</span>', datetime(2026, 3, 17, 14, 5, tzinfo=UTC)),
        ('<p class="date">On <time datetime="2026-03-17">Tuesday</time></p>', datetime(2026, 3, 17, tzinfo=UTC)),
        ('<span class="date">17. März 2026</span>', datetime(2026, 3, 17, tzinfo=UTC)),
        ('<span class="date">soon</span>', None),
        ("", None),
    ],
)
def test_dates(written: str, expected: datetime | None) -> None:
    body = page(f'<div class="item"><a href="/a">A title of some words</a>{written}</div>')
    assert read(body, item="div.item", date=".date").entries[0].published == expected


def test_relative_links_start_from_the_base_of_the_page() -> None:
    body = page('<div class="i"><h2><a href="a.html">First</a></h2></div>', '<base href="/archive/">')
    assert read(body, item=".i").entries[0].link == "https://town.example/archive/a.html"


def test_a_card_inside_a_link_has_that_link() -> None:
    body = page(
        '<a href="/one"><div class="i"><h2>First of all</h2></div></a><a class="i" href="/two"><h2>Second</h2></a>'
    )
    assert [(e.title, e.link) for e in read(body, item=".i").entries] == [
        ("First of all", "https://town.example/one"),
        ("Second", "https://town.example/two"),
    ]


def test_items_without_link_or_title_are_skipped_and_counted() -> None:
    body = page(
        '<div class="i"><a href="/a">First of all</a></div><div class="i"><h2>No link</h2></div>'
        '<div class="i"><a href="/b"><img src="x.jpg"></a></div><div class="i"><h2>Script</h2><a '
        'href="javascript:x()">x</a></div>'
    )
    parsed = read(body, item=".i")
    assert [entry.title for entry in parsed.entries] == ["First of all"]
    assert parsed.skipped == ("ValueError: it has no link", "ValueError: it has no title", "ValueError: it has no link")


def test_without_a_link_title_and_date_identify() -> None:
    one = '<div class="i"><h2>Water is off</h2><time datetime="2026-03-17">x</time><p>{text}</p></div>'
    before = read(page(one.format(text="In the north")), item=".i", text="p").entries[0]
    after = read(page(one.format(text="In the north and the south")), item=".i", text="p").entries[0]
    assert (before.link, before.guid) == (None, after.guid)
    assert before.content_hash != after.content_hash


def test_an_item_that_is_shown_twice_is_one() -> None:
    card = '<div class="i"><a href="/a">First of all</a></div>'
    assert len(read(page(card + card), item=".i").entries) == 1


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (".gone", "matches nothing on the page"),
        ("*", "matches the whole page"),
        ("body", "matches the whole page"),
        ("html, article", "matches the whole page"),
        ("div", "matches elements inside each other"),
        ("main", "it has 120 links, so it is a part of the page"),
        ("main p", "none is an item: it has no title"),
    ],
)
def test_a_selector_that_finds_no_items_fails_in_words(selector: str, words: str) -> None:
    nested = "<div><div><div><div>x</div></div></div></div>"
    links = "".join(f'<a href="/{n}">Link number {n}</a>' for n in range(120))
    with pytest.raises(NoItems, match=words) as caught:
        read(page(f"<main>{links}<p>One</p><p>Two</p></main>{nested}"), item=selector)
    assert caught.value.code == "no-items"


def test_an_empty_page_is_an_empty_response() -> None:
    for body in (b"", b" \n ", b"\0"):
        with pytest.raises((EmptyResponse, NoItems)):
            read(body, item="article")


def test_the_newest_items_of_a_huge_page_are_read() -> None:
    body = cards(6000, CARD.replace("{day:02}", "17").replace("{day}", "17"))
    parsed = read(body, item="article.teaser", link="h3 a")
    assert len(parsed.entries) == 5000
    assert parsed.limits == ("too large: it has 6000 items, of which the newest 5000 are read",)


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("article..teaser", "column 9"),
        ("div[", "column 5"),
        ("a:visited-twice", "not supported"),
        ("h2::before", ""),
        ("x" * 501, "longer than 500"),
        ("((((", "column 1"),
    ],
)
def test_what_is_wrong_with_a_selector(selector: str, words: str) -> None:
    assert words in selector_problem(selector)


@pytest.mark.parametrize(
    "selector", ["article.teaser > h2 a[href^='/news']", "li:not(.ad):nth-child(2n+1)", "a:has(h2)", ""]
)
def test_valid_selectors(selector: str) -> None:
    assert selector == "" or selector_problem(selector) == ""


async def test_a_page_that_takes_too_long_ends_its_process() -> None:
    body = ("<div>" * 200 + "<p>x</p>" * 40_000).encode()
    async with ParsePool(cpu_seconds=1.0) as pool:
        with pytest.raises(ParseError) as caught:
            await pool.parse(body, URL, {}, (), {"item": "p ~ p ~ p ~ p"})
        assert caught.value.code in ("parse-time", "parse-crash")
        parsed = await pool.parse(cards(3), URL, {}, (), {"item": "article", "link": "h3 a"})
    assert len(parsed.entries) == 3


LAYOUTS = {
    "cards": (CARD, ""),
    "a list": (
        (
            '<li class="entry"><a href="/story/{n}">A long headline about event number {n}</a> <span '
            'class="pubdate">{day} March 2026</span></li>'
        ),
        "ul",
    ),
    "a table": (
        (
            '<tr class="row"><td><a href="/story/{n}">A long headline about event number {n}</a></td><td '
            'class="date">{day}.03.2026</td></tr>'
        ),
        "table",
    ),
    "links around cards": (
        (
            '<a class="card" href="/story/{n}"><img src="{n}.jpg"><h2>A long headline about event number '
            "{n}</h2><p>Some words about what has happened at place number {n} in the night.</p></a>"
        ),
        "div",
    ),
    "no classes": (
        (
            '<section><h2><a href="/story/{n}">A long headline about event number {n}</a></h2><time '
            'datetime="2026-03-{day:02}">x</time></section>'
        ),
        "main",
    ),
    "generated classes": (
        '<div class="css-1x{n}z9"><h3><a href="/story/{n}">A long headline about event number {n}</a></h3></div>',
        'div class="feed"',
    ),
    "Japanese": ('<li class="item"><a href="/story/{n}">市議会は橋{n}号の建設を承認した</a></li>', "ul"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_selectors_are_proposed_from_the_structure_of_the_page(name: str) -> None:
    template, around = LAYOUTS[name]
    items = "".join(template.format(n=n, day=28 - n) for n in range(8))
    items = f"<{around}>{items}</{around.split()[0]}>" if around else items
    links = "".join(
        f'<li class="item-link"><a href="/about/{n}">About us and our partners {n}</a></li>' for n in range(12)
    )
    body = page(f'<div id="sidebar"><ul>{links}</ul></div>{items}<footer><ul>{links}</ul></footer>')
    selectors, parsed = propose_page(body, URL, {"content-type": "text/html; charset=utf-8"})
    assert len(parsed.entries) == 8, selectors
    assert [entry.link.rpartition("/")[2] for entry in parsed.entries if entry.link] == [str(n) for n in range(8)]
    assert all(("number" in entry.title) or ("市議会" in entry.title) for entry in parsed.entries), selectors
    if "{day" in template:
        assert parsed.entries[0].published is not None, selectors
        assert parsed.entries[0].published.date().isoformat() == "2026-03-28"


def test_a_page_without_a_list_is_refused() -> None:
    for body in (
        page("<p>Welcome to our town.</p>"),
        page('<h1>One</h1><p><a href="/a">A single link of some words</a></p>'),
    ):
        with pytest.raises(NoItems, match="no list of articles"):
            propose_page(body, URL, {})


def test_tags_that_no_selector_can_name_are_no_part_of_a_proposal() -> None:
    items = "".join(f'<div><h2><a href="/{n}">A long headline about event number {n}</a></h2></div>' for n in range(5))
    selectors, _ = propose_page(page(f'<news:list class="all">{items}</news:list>'), URL, {})
    assert ":" not in selectors["item"]


def test_random_pages_raise_nothing_but_parse_errors() -> None:
    chance = random.Random(7)
    source = cards(5).decode()
    for _ in range(150):
        text = list(source)
        for _ in range(chance.randrange(1, 60)):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(4)] = chance.choice(
                ["<", ">", '"', "&#0;", "</article>", "<article>", "\x00", "é"]
            )
        for selectors in ({"item": "article"}, {"item": "a", "title": "a"}, {"item": "article, p", "date": "*"}):
            with contextlib.suppress(ParseError):
                parse("".join(text).encode(), URL, {}, page=selectors)
