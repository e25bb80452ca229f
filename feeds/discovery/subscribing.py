"""Finds the feed of a site: fetches the URL, tries the feeds that the page links, then the site's news sitemaps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from feeds.discovery.sitemaps import listed_sitemaps
from feeds.errors import ConnectFailed, FeedError, FetchError, NotAFeed, NoTls
from feeds.http import Fetcher, Request
from feeds.http.base import ACCEPT_PAGE
from feeds.model import FeedLink, Fetched, Parsed, Validators
from feeds.urls import same_host

_MAX_TRIED = 9  # feeds that are fetched at most
_MAX_REFRESHES = 3  # pages in a row that lead on by a refresh
ParseBody = Callable[[bytes, str, dict[str, str]], Awaitable[Parsed]]
"""Parses a body; it takes its URL and the headers of the response."""


@dataclass(frozen=True, slots=True)
class DiscoveredFeed:
    """A feed found for a URL: its own URL, its contents, and the other feeds that the page links."""

    asked: str
    url: str
    parsed: Parsed
    how: str = "feed"
    others: tuple[FeedLink, ...] = ()

    @property
    def name(self) -> str:
        """The feed's title, or its host if it has no title."""
        return self.parsed.title.strip() or (urlsplit(self.url).hostname or self.url)


def with_scheme(address: str) -> str:
    """Return the URL with its scheme: people type `example.org`, and programs copy `feed://…`."""
    text = address.strip()
    for scheme in ("feed://", "rss://"):
        if text.lower().startswith(scheme):
            return "https://" + text[len(scheme) :]
    if text.lower().startswith("feed:http"):
        return text[5:]
    return text if "://" in text else f"https://{text}"


async def _fetch_typed(source: Fetcher, address: str, request: Request) -> Fetched:
    """Fetch an address that a person typed. Where it names no scheme and there is no https, by http. Raises FetchError.

    `request` has everything but the URL.
    """
    try:
        return await source.fetch(replace(request, url=with_scheme(address)))
    except (NoTls, ConnectFailed) as failure:
        if ":/" in address:
            raise
        try:
            return await source.fetch(replace(request, url=f"http://{address.strip()}"))
        except FetchError:
            raise failure from None


async def parse_here(body: bytes, url: str, headers: dict[str, str]) -> Parsed:
    """Return the feed in `body`, parsed in this process without limits: for one-off commands. Raises ParseError."""
    from feeds.parse import parse

    return parse(body, url, headers)


async def find_feed(
    source: Fetcher, address: str, *, allow_private: bool = False, parse: ParseBody = parse_here
) -> DiscoveredFeed:
    """Return the feed at a URL, else the first working feed that its page links or at a usual path. Raises FeedError.

    The URL of the feed is the final one if all redirects were permanent, else the requested one.
    """
    fetched = await _fetch_typed(source, address, Request("", allow_private=allow_private))
    url = asked = fetched.url
    refreshes = 0
    while True:
        try:
            kept = asked if refreshes else kept_url(fetched)
            return DiscoveredFeed(url, kept, await _parse(source, parse, fetched, url, allow_private=allow_private))
        except FeedError as no_feed:
            target = await asyncio.to_thread(_refresh, fetched)
            if target is not None and refreshes < _MAX_REFRESHES:
                asked, refreshes = target, refreshes + 1
                fetched = await source.fetch(Request(asked, allow_private=allow_private and same_host(asked, url)))
                continue
            return await _behind(source, parse, url, fetched, no_feed, allow_private=allow_private)


@dataclass(frozen=True, slots=True)
class ProposedList:
    """A page whose list of articles is read by selectors, and what they find."""

    url: str
    selectors: dict[str, str]
    parsed: Parsed


async def propose_list(source: Fetcher, address: str, *, allow_private: bool = False) -> ProposedList:
    """Propose selectors for the list of articles on a page. Raises FeedError."""
    from feeds.parse.pool import propose_page

    page = await _fetch_typed(source, address, Request("", allow_private=allow_private, accept=ACCEPT_PAGE))
    selectors, parsed = await asyncio.to_thread(propose_page, page.body or b"", page.final_url, page.headers)
    return ProposedList(kept_url(page), selectors, parsed)


async def _behind(
    source: Fetcher, parse: ParseBody, asked: str, page: Fetched, no_feed: FeedError, *, allow_private: bool
) -> DiscoveredFeed:
    """Return the first working feed of those that the page links, or of the usual paths when it links none.

    If none of them works, the site's news sitemap.
    """
    links = await asyncio.to_thread(_links, page)
    try:
        link, found = await _first_working(
            source, parse, asked, links or await asyncio.to_thread(_guesses, page), allow_private=allow_private
        )
    except FeedError as failure:
        found_sitemap = await _news_sitemap(source, parse, asked, page, allow_private=allow_private)
        if found_sitemap is not None:
            return replace(found_sitemap, others=tuple(links))
        if links:
            linked = "the page links a feed that cannot be read"
            if len(links) > 1:
                linked = f"the page links {len(links)} feeds and none can be read"
            message = f"{linked} ({failure})"
            raise NotAFeed(message, url=asked) from failure
        message = f"this is not a feed, the page links none, and none has a usual path ({no_feed})"
        raise NotAFeed(message, url=asked) from no_feed
    return replace(found, others=tuple(other for other in links if other.url != link.url))


async def _first_working(
    source: Fetcher, parse: ParseBody, asked: str, links: Sequence[FeedLink], *, allow_private: bool
) -> tuple[FeedLink, DiscoveredFeed]:
    """Return the first feed with an entry, else the first that can be parsed, else raise the first FeedError."""
    failures: list[FeedError] = []
    empty: tuple[FeedLink, DiscoveredFeed] | None = None
    for link in links[:_MAX_TRIED]:
        try:
            trusted = allow_private and same_host(link.url, asked)
            fetched = await source.fetch(Request(link.url, allow_private=trusted))
            parsed = await _parse(source, parse, fetched, asked, allow_private=allow_private)
            found = link, DiscoveredFeed(asked, kept_url(fetched), parsed, link.how)
        except FeedError as error:
            failures.append(error)
            continue
        if found[1].parsed.entries:
            return found
        empty = empty or found
    if empty is not None:
        return empty
    raise failures[0]


def kept_url(fetched: Fetched) -> str:
    """Return the URL to subscribe to: the final one if all redirects were permanent, else the requested one."""
    return fetched.final_url if fetched.redirects and all(hop.permanent for hop in fetched.redirects) else fetched.url


async def _news_sitemap(
    source: Fetcher, parse: ParseBody, asked: str, page: Fetched, *, allow_private: bool
) -> DiscoveredFeed | None:
    """Return the first sitemap of those in robots.txt that has news."""
    listed = await listed_sitemaps(
        source, page.final_url, allow_private=allow_private and same_host(page.final_url, asked)
    )
    links = [FeedLink(url, how="sitemap") for url in listed]
    if not links:
        return None
    try:
        return (await _first_working(source, parse, asked, links, allow_private=allow_private))[1]
    except FeedError:
        return None


async def _parse(source: Fetcher, parse: ParseBody, fetched: Fetched, asked: str, *, allow_private: bool) -> Parsed:
    """Return the contents of a feed; of a sitemap index with its recent sitemaps. Raises FeedError."""
    from feeds.sources.parts import read_parts

    async def get(url: str, validators: Validators) -> Fetched:
        trusted = allow_private and same_host(url, asked)
        return await source.fetch(Request(url, validators=validators, allow_private=trusted))

    async def parse_part(part: Fetched) -> Parsed:
        return await parse(part.body or b"", part.final_url, part.headers)

    parsed = await parse_part(fetched)
    if parsed.parts:
        _, found = await read_parts(fetched, parsed, Validators(), get, parse_part, datetime.now(UTC))
        if not isinstance(found, Parsed):
            raise found or NotAFeed(url=fetched.url)
        return found
    return parsed


def _links(fetched: Fetched) -> list[FeedLink]:
    from feeds.discovery.candidates import find_feeds

    return find_feeds(fetched.body or b"", fetched.final_url, fetched.headers)


def _refresh(fetched: Fetched) -> str | None:
    from feeds.discovery.candidates import refresh_target

    return refresh_target(fetched.body or b"", fetched.final_url, fetched.headers)


def _guesses(fetched: Fetched) -> list[FeedLink]:
    from feeds.discovery.candidates import guessed_feeds

    return guessed_feeds(fetched.final_url)
