from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime, timedelta

import pytest

from feeds.discovery.sitemaps import sitemap_lines
from feeds.discovery.subscribing import find_feed
from feeds.errors import NotAFeed, NotNews
from feeds.http.base import Request
from feeds.http.fake import MemoryFetcher, Page
from feeds.model import Fetched, GuidOrigin, ListedSitemap, Parsed, Validators
from feeds.parse import parse
from feeds.parse.pool import ParsePool
from feeds.sources.parts import MAX_DOCUMENTS, after_unchanged, own_validators, read_parts, recent_parts
from tests.feeds.sources.sitemaps import NOW, index, item, sitemap
from tests.support.site import GRID, rss

pytestmark = pytest.mark.anyio
SITE = "https://post.example/"
NEWS = f"{SITE}news-sitemap.xml"


def test_the_values_of_an_item() -> None:
    parsed = parse(
        sitemap(
            item(
                f"{SITE}2026/bridge?utm_source=x",
                "Bridge &amp; tunnel &quot;closed&quot;",
                more="<lastmod>2026-03-18T09:00:00Z</lastmod>"
                "<image:image><image:loc>https://cdn.example/bridge-1200x800.jpg</image:loc></image:image>",
                inside="<news:keywords>traffic, Harbour ,, bridges</news:keywords><news:genres>Opinion</news:genres>",
            ),
            "<url><loc>https://post.example/about</loc></url>",
        ),
        NEWS,
        {},
    )
    assert (parsed.format, parsed.title, parsed.language, parsed.site) == ("sitemap", "The Harbour Post", "en", SITE)
    (entry,) = parsed.entries
    assert (entry.title, entry.link) == ('Bridge & tunnel "closed"', f"{SITE}2026/bridge")
    assert (entry.guid, entry.guid_origin) == (entry.link, GuidOrigin.LINK)
    assert entry.published == datetime(2026, 3, 18, 7, 30, tzinfo=UTC)
    assert entry.updated == datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
    assert entry.categories == ("traffic", "Harbour", "bridges", "Opinion")
    assert (entry.image, entry.language) == ("https://cdn.example/bridge-1200x800.jpg", "en")
    assert (entry.text, entry.teaser, entry.source_title) == ("", True, None)


def test_several_publications_are_the_sources_of_their_items() -> None:
    other = item(f"{SITE}b", "Strike at the port").replace("Harbour Post", "Port Gazette")
    parsed = parse(sitemap(item(f"{SITE}a", "Bridge closed"), other), NEWS, {})
    assert [entry.source_title for entry in parsed.entries] == ["The Harbour Post", "The Port Gazette"]
    assert parsed.title == SITE


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"<news:title>", b"<news:title><![CDATA[").replace(
            b"</news:title>", b"]]></news:title>"
        ),
        lambda text: text.replace(b' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"', b""),
        lambda text: text.replace(b' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"', b""),
        lambda text: text.replace(b"http://www.google.com", b"https://www.google.com"),
        lambda text: b"\xef\xbb\xbf\n<!-- made by a plugin -->" + text.partition(b"?>")[2],
        lambda text: text.replace(b"</urlset>", b"<url><loc>https://post.example/c"),
        lambda text: text.replace(b"closed", b"closed\x0b & opened"),
    ],
)
def test_sitemaps_as_publishers_write_them(change) -> None:  # type: ignore[no-untyped-def]
    parsed = parse(change(sitemap(item(f"{SITE}a", "Bridge closed"))), NEWS, {})
    assert [entry.title.split(" &")[0] for entry in parsed.entries] == ["Bridge closed"]
    assert parsed.entries[0].published == datetime(2026, 3, 18, 7, 30, tzinfo=UTC)


def test_an_item_without_a_url_costs_only_itself() -> None:
    parsed = parse(sitemap(item("", "No page"), item(f"{SITE}a", "Bridge closed")), NEWS, {})
    assert [entry.title for entry in parsed.entries] == ["Bridge closed"]
    assert parsed.skipped == ("ValueError: it has no loc",)


def test_a_sitemap_without_news_is_refused_in_words() -> None:
    with pytest.raises(NotNews, match="lists pages and no news"):
        parse(sitemap("<url><loc>https://post.example/about</loc></url>"), NEWS, {})
    with pytest.raises(NotNews, match="lists no sitemap"):
        parse(index([]), NEWS, {})


async def test_of_fifty_thousand_items_the_newest_are_kept_within_the_limits() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    items = (
        item(f"{SITE}{at}", f"Title {at}", (start + timedelta(seconds=20 * at)).isoformat()) for at in range(50_000)
    )
    body = sitemap(*items)
    assert len(body) > 13_000_000
    async with ParsePool() as pool:
        begin = time.process_time()
        parsed = await pool.parse(body, NEWS, {})
    assert time.process_time() - begin < 5
    assert len(parsed.entries) == 5000
    assert parsed.entries[-1].title == "Title 49999"
    assert parsed.limits == ("too large: it has 50000 items, of which the newest 5000 are read",)


async def test_the_parse_process_sends_the_kind_of_error() -> None:
    async with ParsePool() as pool:
        with pytest.raises(NotNews) as caught:
            await pool.parse(sitemap("<url><loc>https://post.example/about</loc></url>"), NEWS, {})
    assert caught.value.code == "not-news"


def test_which_sitemaps_of_an_index_are_read() -> None:
    old, new = NOW - timedelta(days=40), NOW - timedelta(hours=3)
    named = [
        ListedSitemap(f"{SITE}sitemap-pages.xml", new),
        ListedSitemap(f"{SITE}sitemap-news-2.xml", new),
        ListedSitemap(f"{SITE}news-1.xml", old),
    ]
    assert [part.url for part in recent_parts(named, NOW)] == [f"{SITE}sitemap-news-2.xml"]
    months = [ListedSitemap(f"{SITE}archive-{year}-{month:02}.xml") for year in (2025, 2026) for month in (1, 2, 3)]
    assert recent_parts(months, NOW)[0].url == f"{SITE}archive-2026-03.xml"
    assert len(recent_parts([ListedSitemap(f"{SITE}{n}.xml") for n in range(50_000)], NOW)) == MAX_DOCUMENTS
    assert recent_parts(
        [ListedSitemap(f"{SITE}a.xml", old), ListedSitemap(f"{SITE}b.xml", old + timedelta(days=1))], NOW
    ) == [ListedSitemap(f"{SITE}b.xml", old + timedelta(days=1))]


class Reading:
    """Polls of an index, as the pipeline makes them."""

    def __init__(self, source: MemoryFetcher) -> None:
        self.source, self.stored = source, Validators()

    async def poll(self) -> Parsed | Exception | None:
        async def fetch(url: str, validators: Validators) -> Fetched:
            return await self.source.fetch(Request(url, validators))

        async def read(document: Fetched) -> Parsed:
            return parse(document.body or b"", document.final_url, document.headers)

        fetched = after_unchanged(await fetch(NEWS, own_validators(self.stored)), self.stored)
        found: Parsed | Exception | None = None
        if fetched.body is not None:
            fetched, found = await read_parts(fetched, await read(fetched), self.stored, fetch, read, NOW)
        if not isinstance(found, Exception):
            self.stored = fetched.validators
        return found


async def test_an_index_is_read_with_conditional_requests_for_each_sitemap() -> None:
    first, second = f"{SITE}news-1.xml", f"{SITE}news-2.xml"
    source = MemoryFetcher(
        {
            NEWS: Page(index([(first, ""), (second, "")]), etag='"i"'),
            first: Page(gzip.compress(sitemap(item(f"{SITE}a", "Bridge closed"))), etag='"1"'),
            second: Page(sitemap(item(f"{SITE}b", "Strike at the port")), etag='"2"'),
        }
    )
    reading = Reading(source)
    parsed = await reading.poll()
    assert isinstance(parsed, Parsed)
    assert {entry.title for entry in parsed.entries} == {"Bridge closed", "Strike at the port"}
    assert len(parsed.digests) == 2
    assert "a sitemap index: 2 of 2 sitemaps read" in parsed.limits
    assert await reading.poll() is None
    assert [request.validators.etag for request in source.requests[3:]] == [None, '"2"', '"1"']
    source.pages[first] = Page(sitemap(item(f"{SITE}c", "Bridge open again")), etag='"3"')
    parsed = await reading.poll()
    assert isinstance(parsed, Parsed)
    assert [entry.title for entry in parsed.entries] == ["Bridge open again"]


async def test_an_index_that_says_when_its_sitemaps_changed_is_asked_with_conditions() -> None:
    source = MemoryFetcher(
        {
            NEWS: Page(index([(f"{SITE}news-1.xml", "2026-03-18T11:00:00Z")]), etag='"i"'),
            f"{SITE}news-1.xml": Page(sitemap(item(f"{SITE}a", "Bridge closed")), etag='"1"'),
        }
    )
    reading = Reading(source)
    assert isinstance(await reading.poll(), Parsed)
    before = reading.stored
    assert await reading.poll() is None
    assert len(source.requests) == 3
    assert reading.stored == before


async def test_a_sitemap_that_fails_costs_no_other_and_is_asked_again() -> None:
    first, second = f"{SITE}news-1.xml", f"{SITE}news-2.xml"
    source = MemoryFetcher(
        {
            NEWS: Page(index([(first, "2026-03-18T11:00:00Z"), (second, "2026-03-18T11:00:00Z")]), etag='"i"'),
            first: Page(status=410),
            second: Page(sitemap(item(f"{SITE}b", "Strike at the port"))),
        }
    )
    reading = Reading(source)
    parsed = await reading.poll()
    assert isinstance(parsed, Parsed)
    assert parsed.limits[-1].startswith("1 sitemaps failed: ")
    source.pages[first] = Page(sitemap(item(f"{SITE}a", "Bridge closed")))
    parsed = await reading.poll()
    assert isinstance(parsed, Parsed)
    assert [entry.title for entry in parsed.entries] == ["Bridge closed"]
    source.pages[first] = source.pages[second] = Page(status=410)
    reading.stored = Validators()
    failed = await reading.poll()
    assert isinstance(failed, NotAFeed)
    assert "none of the sitemaps" in str(failed)


async def test_an_index_that_leads_to_indexes_ends() -> None:
    source = MemoryFetcher({NEWS: Page(index([(NEWS + f"?{n}", "") for n in range(50)]))})
    for n in range(50):
        source.pages[NEWS + f"?{n}"] = Page(index([(NEWS + f"?{m}", "") for m in range(50)]))
    assert isinstance(await Reading(source).poll(), NotNews)
    assert len(source.requests) == 1 + MAX_DOCUMENTS


async def test_a_site_without_a_feed_is_subscribed_by_its_news_sitemap() -> None:
    robots = (
        b"User-agent: *\nDisallow: /x\nSitemap: https://post.example/sitemap.xml\nsitemap: /news-sitemap.xml # ours\n"
    )
    source = MemoryFetcher(
        {
            SITE: Page(b"<html><body><p>Welcome</p></body></html>", headers={"content-type": "text/html"}),
            f"{SITE}robots.txt": Page(robots),
            f"{SITE}sitemap.xml": Page(sitemap("<url><loc>https://post.example/about</loc></url>")),
            NEWS: Page(sitemap(item(f"{SITE}a", "Bridge closed"))),
        }
    )
    found = await find_feed(source, SITE)
    assert (found.url, found.how, found.name) == (NEWS, "sitemap", "The Harbour Post")
    source.pages[f"{SITE}feed"] = Page(rss("Grid Weekly", ("Storm cuts power line", GRID)))
    assert (await find_feed(source, SITE)).url == f"{SITE}feed"


async def test_the_sitemaps_of_a_private_host_get_no_permission_for_another() -> None:
    source = MemoryFetcher(
        {
            "http://10.0.0.1/": Page(b"<html><p>Welcome</p></html>", headers={"content-type": "text/html"}),
            "http://10.0.0.1/robots.txt": Page(b"Sitemap: http://10.0.0.2/news.xml"),
            "http://10.0.0.2/news.xml": Page(sitemap(item(f"{SITE}a", "Bridge closed"))),
        }
    )
    with pytest.raises(NotAFeed):
        await find_feed(source, "http://10.0.0.1/", allow_private=True)


def test_sitemap_lines() -> None:
    text = (
        "\ufeffSITEMAP:https://a.example/all.xml\r\nSitemap: ftp://a.example/x\n #Sitemap: /no\n Sitemap : news.xml\n"
    )
    assert sitemap_lines(text.lstrip("\ufeff"), "https://a.example/robots.txt") == [
        "https://a.example/news.xml",
        "https://a.example/all.xml",
    ]


def test_what_libxml2_recovers_with_invalid_text_is_no_feed() -> None:
    broken = sitemap(item(f"{SITE}a", "Bridge closed")).replace(b"sitemaps.org/", b"sitemaps.org/&#xD80&#0;0;", 1)
    with pytest.raises(NotAFeed, match="cannot be read"):
        parse(broken.replace(b"</news:title>", b"</https://[news:title>"), NEWS, {})
