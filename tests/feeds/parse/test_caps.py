"""Hostile documents cost little and yield their valid items; limits are processor seconds with a margin."""

from __future__ import annotations

import time

import pytest

from feeds.errors import ParseError
from feeds.parse import parse
from feeds.parse.repair import repair_xml

HEAD = '<rss version="2.0"><channel><title>t</title><item><title>ok</title></item>'
TAIL = "</channel></rss>"
HOSTILE = {
    "nested elements": HEAD + "<item><description>" + "<b>" * 100_000 + "</description></item>" + TAIL,
    "nested markup": HEAD + "<item><description>" + "&lt;div&gt;" * 60_000 + "</description></item>" + TAIL,
    "bare ampersands": HEAD + "<item><description>" + "&" * 500_000 + "</description></item>" + TAIL,
    "one entity often": f'<!DOCTYPE r [<!ENTITY a "{"x" * 200}">]>'
    + HEAD
    + "<item><title>"
    + "&a;" * 50_000
    + "</title></item>"
    + TAIL,
    "opened comments": HEAD + "<!--" * 200_000 + TAIL,
    "many prefixes": HEAD + "".join(f"<p{number}:x/>" for number in range(31_000)) + TAIL,
    "blanks": HEAD + "<item><title>" + " " * 500_000 + "x</title></item>" + TAIL,
    "half tags": HEAD + "<item><title>" + "&lt;" * 500_000 + "</title></item>" + TAIL,
    "comments in a title": HEAD + "<item><title>" + "&lt;!--" * 100_000 + "</title></item>" + TAIL,
    "comments in a source": HEAD + "<item><source>" + "&lt;!--" * 100_000 + "</source></item>" + TAIL,
    "comments in categories": HEAD
    + "<item>"
    + ("<category>" + "&lt;!--" * 8000 + "</category>") * 40
    + "</item>"
    + TAIL,
    "values in a title": HEAD + "<item><title>&lt;a" + "=" * 50_000 + "</title></item>" + TAIL,
    "sections that do not end": HEAD + "<item><title>a & b" + "<![CDATA[" * 60_000 + TAIL,
    "one entity in many items": f'<!DOCTYPE r [<!ENTITY a "{"x" * 200}">]>'
    + HEAD
    + ("<item><title>x</title><description>" + "&a;" * 1000 + "</description></item>") * 300
    + TAIL,
    "a number of thousands of digits": HEAD + "<item><title>&#" + "9" * 50_000 + ";</title></item>" + TAIL,
    "broken, and full of ampersands": HEAD + "<item><title>x</titl></item>" + "&" * 400_000 + TAIL,
    "tombstones": HEAD
    + '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="x" when="31 June 25:00"/>' * 100_000
    + TAIL,
    "phrases": HEAD + "<item><description>" + "Continue reading " * 50_000 + "</description></item>" + TAIL,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_feeds_stay_cheap_and_keep_their_good_item(name: str) -> None:
    start = time.process_time()
    feed = parse(HOSTILE[name].encode(), "https://h.example/f", {})
    assert time.process_time() - start < 4
    assert feed.entries[0].title == "ok"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>" + b"<div>" * 100_000,
        b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 100_000,
        b"\0" * 1_000_000,
    ],
)
def test_what_is_no_feed_is_refused_cheaply(body: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ParseError):
        parse(body, "https://h.example/f", {})
    assert time.process_time() - start < 3


def test_a_document_of_very_many_items_is_read_as_far_as_the_cap() -> None:
    feed = parse((HEAD + "<item><title>x</title></item>" * 6000 + TAIL).encode(), "https://h.example/f", {})
    assert len(feed.entries) == 5000
    assert feed.limits == ("too large: it has 6001 items, of which the first 5000 are read",)


def test_categories_of_the_feed_do_not_multiply_by_its_items() -> None:
    named = "".join(f"<category>c{number}</category>" for number in range(1000))
    feed = parse((HEAD + named + TAIL).encode(), "https://h.example/f", {})
    assert len(feed.entries[0].categories) == 100


def test_entities_of_the_document_are_resolved_as_far_as_they_stay_small() -> None:
    head = '<!DOCTYPE rss [<!ENTITY a "harbour"><!ENTITY two-words "Harbour News"><!ENTITY big "' + "x" * 200 + '">]>'
    small = head + HEAD.replace(">ok<", ">&a;, &two-words;, &eacute;, &none;, &lt;3<") + TAIL
    assert parse(small.encode(), "https://h.example/f", {}).entries[0].title == "harbour, Harbour News, é, &none;, <3"
    large = head + HEAD + "<item><description>" + "&big;" * 20_000 + "</description></item>" + TAIL
    assert 900_000 < len(repair_xml(large, {"big": "x" * 200})) - len(large) < 2_000_000
