"""Half characters: whatever spells them, pairs become their character and a lone one costs itself only."""

from __future__ import annotations

import json

import pytest

from feeds import opml
from feeds.discovery import article, candidates
from feeds.model import Entry
from feeds.parse import parse
from feeds.parse.surrogates import without_surrogates

URL = "https://h.example/feed"
PAIRS = (
    "&#55357;&#56832;",
    "&#xD83D;&#xDE00;",
    "&#Xd83d;&#x0de00;",
    "&#0055357;&#56832;",
    "&#55357;&#xDE00;",
    "&amp;#55357;&amp;#56832;",
)
LONE = ("&#55357;", "&#56832;", "&#xD83D;", "&#xDFFF;", "&#55357", "&amp;#xd83d;")
RSS = """<rss version="2.0"><channel><title>F {0}</title><item><title>a {0} b</title><guid>g{0}</guid>
<link>https://h.example/{0}</link><author>A {0}</author><category>c {0}</category><enclosure \
url="https://h.example/{0}.mp3"/>
<description>t {0} &lt;b title="{0}"&gt;u \
{0}&lt;/b&gt;</description></item><item><title>next</title></item></channel></rss>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><title>F</title>
</channel><item rdf:about="https://h.example/{0}"><title>a {0} b</title><description>t {0}</description></item>
<item><title>next</title></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en{0}"><title>F</title><entry><title>a {0} \
b</title><id>g{0}</id>
<link href="https://h.example/{0}" title="{0}"/><summary type="html">t {0}</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">u <b title="{0}">{0}</b></div></content></entry>
<entry><title>next</title></entry></feed>"""
ENTITY = """<!DOCTYPE rss [<!ENTITY half "{0}">]><rss version="2.0"><channel><title>F</title><item><title>a &half; \
b</title></item>
<item><title>next</title></item></channel></rss>"""
CDATA = """<rss version="2.0"><channel><title>F</title><item><title><![CDATA[a {0} b]]></title></item>
<item><title>next</title></item></channel></rss>"""
BROKEN = RSS.replace("<item><title>next", "</wrong><item><title>next")
DOCUMENTS = {"rss": RSS, "rdf": RDF, "atom": ATOM, "entity": ENTITY, "cdata": CDATA, "broken": BROKEN}


def read(body: str) -> tuple[Entry, ...]:
    feed = parse(body.encode(), URL, {})
    assert feed.skipped == ()
    whole(feed)
    return feed.entries


def whole(value: object) -> None:
    """That no half character is anywhere in a value: `repr` writes one as an escape."""
    assert "\\ud8" not in repr(value)
    assert "\\ude" not in repr(value)
    assert "\\udf" not in repr(value)


@pytest.mark.parametrize("reference", PAIRS)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_pair_is_its_character(document: str, reference: str) -> None:
    first, second = read(document.format(reference))
    assert (first.title, second.title) == ("a 😀 b", "next")
    assert "#" not in first.text


@pytest.mark.parametrize("reference", LONE)
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_lone_half_costs_itself_only(document: str, reference: str) -> None:
    first, second = read(document.format(reference))
    assert (first.title, second.title) == ("a \ufffd b", "next")


def test_a_guid_and_an_address_keep_the_character() -> None:
    entry = read(RSS.format(PAIRS[0]))[0]
    assert entry.guid == "g😀"
    assert entry.link == "https://h.example/%F0%9F%98%80"
    assert entry.text == "t 😀 u 😀"


def test_two_halves_in_the_wrong_order_are_two_losses() -> None:
    assert without_surrogates("&#56832;&#55357;") == "\ufffd\ufffd"
    assert without_surrogates("\ude00\ud83d\ud83d\ude00x") == "\ufffd\ufffd😀x"


@pytest.mark.parametrize("text", ["&#128512;", "&#xD83DE;", "&#553570;", "#55357;", "&#55295;", "&#57344;", "é & #"])
def test_what_is_no_half_stays(text: str) -> None:
    assert without_surrogates(text) == text


def test_an_encoding_that_can_spell_halves_does_not_let_them_through() -> None:
    body = b'<?xml version="1.0" encoding="raw_unicode_escape"?>' + RSS.format("\\ud83d \xe9").encode("latin-1")
    feed = parse(body, URL, {})
    whole(feed)
    assert feed.entries[0].title == "a \ufffd é b"


def test_halves_in_json_do_not_get_through() -> None:
    for half in ("\\ud83d", "&#55357;"):
        item = (
            f'{{"id":"i{half}","url":"https://h.example/{half}","title":"t {half}","content_html":"<p>x{half}</p>",'
            f'"date_published":"{half}","language":"{half}","tags":["{half}"],"attachments":[{{"url":"/{half}","mime_type":"{half}"}}]}}'
        )
        feed = parse(
            f'{{"version":"https://jsonfeed.org/version/1.1","title":"{half}","items":[{item}]}}'.encode(), URL, {}
        )
        whole(feed)
        assert feed.entries[0].title.startswith("t")
    paired = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"\\ud83d\\ude00"}]}'
    assert read(paired)[0].title == "😀"


def test_halves_in_a_page_do_not_get_through() -> None:
    facts = {
        "@type": "NewsArticle",
        "headline": "h \ud83d",
        "author": "A \ud83d",
        "datePublished": "\ud83d",
        "image": "/\ud83d",
    }
    words = (
        "<p>The ferry was late again on Monday, and many people had to wait at the quay for hours. &#55357;&#56832;</p>"
    )
    page = (
        f'<html lang="en"><head><title>T &#55357;</title><meta property="og:image" content="/&#xD83D;.png">'
        '<link rel="canonical" href="/&#55357;"><link rel="alternate" type="application/rss+xml" '
        'title="&#55357;" href="/&#55357;">'
        f'<script type="application/ld+json">{json.dumps(facts)}</script></head><body><article>'
        f"{words * 9}</article></body></html>"
    ).encode()
    found = article.extract_article(page, URL)
    whole(found)
    assert "hours. 😀" in found.text
    links = candidates.find_feeds(page, URL, {})
    assert len(links) == 1
    whole(links)


@pytest.mark.parametrize("end", ["</opml>", ""], ids=["well-formed", "broken"])
def test_halves_in_a_list_do_not_get_through(end: str) -> None:
    body = '<opml><body><outline text="f &#55357;"><outline text="&#55357;&#56832;" xmlUrl="https://h.example/&#55357;"/></outline></body>'
    [one] = opml.read_opml((body + end).encode())
    whole(one)
    assert one.title == "😀"
