from __future__ import annotations

import pytest

from feeds.discovery.subscribing import find_feed
from feeds.errors import ConnectFailed, FeedError, NotAFeed, NoTls
from feeds.http.fake import MemoryFetcher, Page
from tests.support.site import GRID, rss

pytestmark = pytest.mark.anyio
SITE = "https://site.example/"
FEED = Page(rss("Grid Weekly", ("Storm cuts power line", GRID)))
BARE = Page(b"<html><body><p>Welcome</p></body></html>", headers={"content-type": "text/html"})


def asked(source: MemoryFetcher) -> list[str]:
    return [request.url for request in source.requests]


async def test_a_page_that_names_no_feed_is_searched_at_the_paths_where_feeds_lie() -> None:
    source = MemoryFetcher({SITE: BARE, f"{SITE}rss.xml": FEED})
    found = await find_feed(source, "site.example")
    assert (found.url, found.how, found.name, found.others) == (f"{SITE}rss.xml", "guess", "Grid Weekly", ())
    assert asked(source)[-1] == found.url


async def test_an_address_without_a_scheme_is_tried_without_tls_where_there_is_none() -> None:
    plain = {SITE: NoTls(), "http://site.example/": FEED}
    assert (await find_feed(MemoryFetcher(plain), "site.example")).url == "http://site.example"
    source = MemoryFetcher(plain)
    with pytest.raises(NoTls):
        await find_feed(source, SITE)
    assert asked(source) == [SITE]
    with pytest.raises(ConnectFailed, match="first"):  # neither answers: the error of https, which was tried first
        await find_feed(MemoryFetcher({SITE: ConnectFailed("first")}), "site.example")


async def test_what_a_page_names_is_taken_at_its_word() -> None:
    named = Page(b'<link rel="alternate" type="application/rss+xml" href="/gone">', headers=BARE.headers)
    source = MemoryFetcher({SITE: named, f"{SITE}rss.xml": FEED})
    with pytest.raises(NotAFeed, match="links a feed that cannot be read"):
        await find_feed(source, SITE)
    assert asked(source) == [SITE, f"{SITE}gone", f"{SITE}robots.txt"]


async def test_a_site_without_a_feed_is_asked_a_few_times_and_no_more() -> None:
    source = MemoryFetcher({SITE: BARE})
    with pytest.raises(NotAFeed, match="the page links none, and none has a usual path"):
        await find_feed(source, SITE)
    assert len(source.requests) == 11


@pytest.mark.parametrize(
    "head",
    [
        '<meta http-equiv="refresh" content="0;url=http://10.0.0.2/feed">',
        '<link rel="alternate" type="application/rss+xml" href="http://10.0.0.2/feed">',
    ],
)
async def test_permission_for_a_private_host_covers_no_other_to_which_its_page_leads(head: str) -> None:
    page = Page(head.encode(), headers=BARE.headers)
    source = MemoryFetcher({"http://10.0.0.1/": page, "http://10.0.0.2/feed": FEED})
    with pytest.raises(FeedError):
        await find_feed(source, "http://10.0.0.1/", allow_private=True)
    same = Page(head.replace("10.0.0.2", "10.0.0.1").encode(), headers=BARE.headers)
    source = MemoryFetcher({"http://10.0.0.1/": same, "http://10.0.0.1/feed": FEED})
    assert (await find_feed(source, "http://10.0.0.1/", allow_private=True)).name == "Grid Weekly"
