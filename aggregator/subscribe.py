"""From any site's address to a feed worth subscribing to: asked over the network, read, and described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from feeds.errors import FeedError, NotAFeed
from feeds.http import Request, Source
from feeds.model import FeedLink, Fetched, Parsed

_TRIED = 6  # of the feeds a page names, as many are asked at most


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
    """The feed at an address, or the first working one that its page names. Raises FeedError.

    The address of a permanent redirect is the one kept; a temporary one keeps what was asked.
    """
    url = complete(address)
    fetched = await source.fetch(Request(url, allow_private=allow_private))
    try:
        return Found(url, _kept(fetched), _parse(fetched))
    except FeedError as no_feed:
        links = _links(fetched)
        if not links:
            raise NotAFeed(f"there is no feed here, and the page names none ({no_feed})", url=url) from no_feed
        return await _first_working(source, url, links, allow_private=allow_private)


async def _first_working(source: Source, asked: str, links: Sequence[FeedLink], *, allow_private: bool) -> Found:
    failure: FeedError | None = None
    for link in links[:_TRIED]:
        try:
            fetched = await source.fetch(Request(link.url, allow_private=allow_private))
            parsed = _parse(fetched)
        except FeedError as error:
            failure = failure or error
            continue
        others = tuple(other for other in links if other.url != link.url)
        return Found(asked, _kept(fetched), parsed, link.how, others)
    raise NotAFeed(f"the page names {len(links)} feeds and none can be read ({failure})", url=asked) from failure


def _kept(fetched: Fetched) -> str:
    return fetched.final_url if fetched.redirects and all(hop.permanent for hop in fetched.redirects) else fetched.url


def _parse(fetched: Fetched) -> Parsed:
    from feeds.parse import parse

    return parse(fetched.body or b"", fetched.final_url, fetched.headers)


def _links(fetched: Fetched) -> list[FeedLink]:
    from feeds.page import find_feeds

    return list(find_feeds(fetched.body or b"", fetched.final_url, fetched.headers))
