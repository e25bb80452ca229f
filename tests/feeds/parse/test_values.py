"""Values as publishers write them and not as a specification says."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from feeds.errors import EmptyResponse, NotAFeed, RobotCheck
from feeds.model import Entry
from feeds.parse.document import parse_document


def rss(item: str, url: str = "https://p.example/feed.xml") -> Entry:
    document = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>'
        f"<link>https://p.example/</link><item>{item}</item></channel></rss>"
    )
    (entry,) = parse_document(document.encode(), url, {}).entries
    return entry


def atom(title: str) -> Entry:
    document = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id>{title}</entry></feed>'
    (entry,) = parse_document(document.encode(), "https://p.example/feed.xml", {}).entries
    return entry


def test_characters_of_windows_1252_are_meant_by_the_numbers_of_control_characters() -> None:
    entry = rss("<title>don&#146;t &#150; stop</title><description>&#147;No&#148;, x&amp;#146;s</description>")
    assert (entry.title, entry.text) == ("don’t – stop", "“No”, x’s")


def test_authors_and_categories_may_have_markup_inside() -> None:
    entry = rss('<title>x</title><author><name>Ann</name></author><category><a href="y">World</a> news</category>')
    assert (entry.authors, entry.categories) == (("Ann",), ("World news",))


def test_the_first_of_several_links_of_one_relation_counts_and_the_last_that_says_none() -> None:
    links = '<title>x</title><link href="https://p.example/1"/><link rel="alternate" href="https://p.example/2"/>'
    assert atom(links).link == "https://p.example/1"
    assert rss("<link>https://p.example/1</link><link>https://p.example/2</link>").link == "https://p.example/2"


@pytest.mark.parametrize("declared", ["", ' xmlns:rss="http://purl.org/rss/1.0/"'])
def test_a_document_whose_elements_all_have_the_prefix_of_rss_is_read(declared: str) -> None:
    text = (
        f'<rss:rss version="2.0"{declared}><rss:channel><rss:title>T</rss:title><rss:item><rss:title>A</rss:title>'
        "<rss:link>https://p.example/1</rss:link></rss:item></rss:channel></rss:rss>"
    )
    (entry,) = parse_document(text.encode(), "https://p.example/feed.xml", {}).entries
    assert (entry.title, entry.link) == ("A", "https://p.example/1")


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="https://v.example/embed/1"></iframe>',
        "<video controls><source type='video/mp4' src='https://v.example/embed/1'></video>",
        '<p></p><audio src="https://v.example/embed/1"></audio>',
    ],
)
def test_an_item_that_only_embeds_something_has_a_link_to_it(markup: str) -> None:
    entry = rss(f"<title>Watch</title><description>{escape(markup)}</description>")
    assert entry.link == "https://v.example/embed/1"
    assert 'href="https://v.example/embed/1"' in entry.content_html
    assert entry.text == ""


def test_a_formula_is_text() -> None:
    markup = "<p>Let <math><mi>x</mi><mo>=</mo><mn>2</mn><annotation encoding='TeX'>x=2</annotation></math> be.</p>"
    assert rss(f"<description>{escape(markup)}</description>").text == "Let x=2 be."


def test_a_document_type_inside_a_text_is_no_text() -> None:
    assert (
        rss("<description><![CDATA[ <!DOCTYPE html><html><body>Hello</body></html> ]]></description>").text == "Hello"
    )


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ('<title type="text">When to use the &lt;details&gt; element</title>', "When to use the <details> element"),
        ("<title>A &lt;b&gt; tag &amp;amp; more</title>", "A <b> tag &amp; more"),
        ('<title type="html">&amp;lt;title&amp;gt; explained</title>', "<title> explained"),
        ('<title type="html">&lt;b&gt;Bold&lt;/b&gt; move</title>', "Bold move"),
        (
            (
                '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Less: <em>&lt;</em> and &lt;'
                "div&gt;</div></title>"
            ),
            "Less: < and <div>",
        ),
    ],
)
def test_a_title_of_a_declared_kind_is_shown_as_it_is(title: str, shown: str) -> None:
    assert atom(title).title == shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("How to use the &lt;details&gt; element", "How to use the <details> element"),
        ("How to use the &amp;lt;details&amp;gt; element", "How to use the <details> element"),
        ("The &lt;title&gt; and &lt;video&gt; tags", "The <title> and <video> tags"),
        ("Map&lt;String, List&lt;Integer&gt;&gt; explained", "Map<String, List<Integer>> explained"),
        ("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; move", "Bold move"),
        ("Rain&lt;br&gt;and &lt;i&gt;wind&lt;/i&gt;", "Rain and wind"),
    ],
)
def test_a_title_of_an_unknown_kind_keeps_the_tags_that_it_is_about(title: str, shown: str) -> None:
    assert rss(f"<title>{title}</title>").title == shown


def test_a_title_of_json_feed_is_plain_text() -> None:
    document = (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "title": "List<String> & <details>"}]}'
    )
    (entry,) = parse_document(document, "https://p.example/feed.json", {}).entries
    assert entry.title == "List<String> & <details>"


def test_relative_addresses_of_a_text_start_from_the_page_of_the_entry() -> None:
    markup = escape('<img src="photo.jpg"><a href="#fn1">1</a> Text.')
    entry = rss(f"<link>https://p.example/2026/post/</link><description>{markup}</description>")
    assert entry.image == "https://p.example/2026/post/photo.jpg"
    assert 'href="https://p.example/2026/post/#fn1"' in entry.summary_html


def test_the_largest_picture_of_a_feed_is_taken() -> None:
    entry = rss(
        '<media:thumbnail url="https://c.example/s.jpg" width="50" height="50"/>'
        '<media:content medium="image" url="https://c.example/m.jpg" width="300" height="200"/>'
        '<media:content type="image/jpeg" url="https://c.example/l.jpg" width="1200" height="800"/>'
    )
    assert entry.image == "https://c.example/l.jpg"


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 +0000", "1899-12-30T00:00:00Z", "Sun, 31 Dec 1989 10:00:00 GMT"]
)
def test_a_date_before_the_web_is_none(date: str) -> None:
    assert rss(f"<title>x</title><pubDate>{date}</pubDate>").published is None


def test_the_next_date_counts_where_the_first_is_none() -> None:
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id><title>x</title>'
        "<published>1970-01-01T00:00:00Z</published><updated>2026-05-04T10:00:00Z</updated></entry></feed>"
    )
    (entry,) = parse_document(document.encode(), "https://p.example/f", {}).entries
    assert (entry.published, entry.updated) == (None, datetime(2026, 5, 4, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyResponse),
        (b" \n\xef\xbb\xbf", EmptyResponse),
        (b"<!doctype html><title>Just a moment...</title>Enable JavaScript and cookies to continue", RobotCheck),
        (b"<html><head><title>Attention Required! | Shield</title></head></html>", RobotCheck),
        ("<html><title>请稍候…</title></html>".encode(), RobotCheck),
        (b"<html><script src='/cdn-cgi/challenge-platform/x.js'></script></html>", RobotCheck),
        (b"<!doctype html><title>Our site</title><p>Moment by moment.</p>", NotAFeed),
    ],
)
def test_what_is_no_feed_is_named_by_its_cause(body: bytes, error: type[NotAFeed]) -> None:
    with pytest.raises(NotAFeed) as caught:
        parse_document(body, "https://p.example/feed.xml", {})
    assert type(caught.value) is error
