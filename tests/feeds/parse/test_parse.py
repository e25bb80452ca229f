from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.errors import NotAFeed, ParseError
from feeds.model import GuidOrigin
from feeds.parse import parse

URL = "https://news.example.org/feed.xml"

RSS = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour News</title><link>https://news.example.org/</link><description>All of \
it</description><language>en-gb</language><ttl>30</ttl>
<item><guid isPermaLink="false">hn-1</guid><title>Ferry &amp;amp; tide: &lt;b&gt;late&lt;/b&gt; \
again</title><link>/a/ferry?utm_source=rss&amp;id=3</link>
<pubDate>Tue, 03 Mar 2020 10:00:00 EST</pubDate><dc:creator>Ada Quay</dc:creator><category>Ports</category>
<description>The ferry was late.</description><content:encoded><![CDATA[<p>The ferry was <a \
href="/tide">late</a>.</p><script>x()</script>]]></content:encoded>
<enclosure url="https://cdn.example.org/a.mp3" length="123" type="audio/mpeg"/></item>
<item><link>https://news.example.org/a/second-story.html</link></item>
</channel></rss>"""


def test_an_rss_item_gives_every_value() -> None:
    feed = parse(RSS, URL, {"content-type": "application/rss+xml"})
    entry = feed.entries[0]
    assert (feed.format, feed.title, feed.site, feed.language) == (
        "rss20",
        "Harbour News",
        "https://news.example.org/",
        "en-gb",
    )
    assert feed.hints.ttl == 1800
    assert (entry.guid, entry.guid_origin) == ("hn-1", GuidOrigin.GUID)
    assert entry.title == "Ferry & tide: late again"
    assert entry.link == "https://news.example.org/a/ferry?id=3"
    assert entry.link_published == "https://news.example.org/a/ferry?utm_source=rss&id=3"
    assert entry.published == datetime(2020, 3, 3, 15, tzinfo=UTC)
    assert entry.authors == ("Ada Quay",)
    assert entry.categories == ("Ports",)
    assert entry.text == "The ferry was late."
    assert "script" not in entry.content_html
    assert entry.links == ("https://news.example.org/tide",)
    assert (entry.enclosures[0].url, entry.enclosures[0].length) == ("https://cdn.example.org/a.mp3", 123)


def test_an_item_without_title_and_guid_is_named_by_its_link() -> None:
    entry = parse(RSS, URL, {}).entries[1]
    assert entry.guid == "https://news.example.org/a/second-story.html"
    assert entry.guid_origin is GuidOrigin.LINK
    assert entry.title == "https://news.example.org/a/second-story.html"
    assert entry.title_published is None


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>404</body></html>", b"\x89PNG\r\n", b'{"a": 1}', b"[1, 2]", b"just words"]
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        parse(body, URL, {})


def test_the_refusal_is_a_parse_error() -> None:
    assert issubclass(NotAFeed, ParseError)
