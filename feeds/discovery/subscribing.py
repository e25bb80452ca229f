"""From any site's address to a feed worth subscribing to: asked over the network, read, and described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from feeds.errors import FeedError, NotAFeed
from feeds.http import Request, Source
from feeds.model import FeedLink, Fetched, Parsed

_TRIED = 9  # addresses that are asked at most


@dataclass(frozen=True, slots=True)
class Found:
    """A feed behind an address: where it is, what it says of itself, and what else the page names."""

    asked: str
    url: str
    parsed: Parsed
    how: str = "feed"
    others: tuple[FeedLink, ...] = ()

    @property
    def name(self) -> str:
        """What to call it: its title, else its host."""
        return self.parsed.title.strip() or (urlsplit(self.url).hostname or self.url)


def complete(address: str) -> str:
    """The address with its scheme: people type `example.org`, and programs copy `feed://…`."""
    text = address.strip()
    for scheme in ("feed://", "rss://"):
        if text.lower().startswith(scheme):
            return "https://" + text[len(scheme) :]
    if text.lower().startswith("feed:http"):
        return text[5:]
    return text if "://" in text else f"https://{text}"


async def find(source: Source, address: str, *, allow_private: bool = False) -> Found:
    """The feed at an address, else the first working one that its page names or that lies at a well-known path. Raises FeedError.

    The address of a permanent redirect is the one kept; a temporary one keeps what was asked.
    """
    url = complete(address)
    fetched = await source.fetch(Request(url, allow_private=allow_private))
    try:
        return Found(url, _kept(fetched), _parse(fetched))
    except FeedError as no_feed:
        return await _behind(source, url, fetched, no_feed, allow_private=allow_private)


async def _behind(source: Source, asked: str, page: Fetched, no_feed: FeedError, *, allow_private: bool) -> Found:
    """The first feed that works of those the page names, or where sites often keep theirs when it names none."""
    links = _links(page)
    try:
        link, found = await _first_working(source, asked, links or _guesses(page), allow_private=allow_private)
    except FeedError as failure:
        if links:
            told = f"the page names {len(links)} feeds and none can be read ({failure})"
            raise NotAFeed(told, url=asked) from failure
        told = f"there is no feed here, the page names none, and none is where sites often keep theirs ({no_feed})"
        raise NotAFeed(told, url=asked) from no_feed
    return replace(found, others=tuple(other for other in links if other.url != link.url))


async def _first_working(
    source: Source, asked: str, links: Sequence[FeedLink], *, allow_private: bool
) -> tuple[FeedLink, Found]:
    """Raises the first FeedError when none works."""
    failures: list[FeedError] = []
    for link in links[:_TRIED]:
        try:
            fetched = await source.fetch(Request(link.url, allow_private=allow_private))
            return link, Found(asked, _kept(fetched), _parse(fetched), link.how)
        except FeedError as error:
            failures.append(error)
    raise failures[0]


def _kept(fetched: Fetched) -> str:
    return fetched.final_url if fetched.redirects and all(hop.permanent for hop in fetched.redirects) else fetched.url


def _parse(fetched: Fetched) -> Parsed:
    from feeds.parse import parse

    return parse(fetched.body or b"", fetched.final_url, fetched.headers)


def _links(fetched: Fetched) -> list[FeedLink]:
    from feeds.discovery.candidates import find_feeds

    return list(find_feeds(fetched.body or b"", fetched.final_url, fetched.headers))


def _guesses(fetched: Fetched) -> list[FeedLink]:
    from feeds.discovery.candidates import guesses

    return guesses(fetched.final_url)
