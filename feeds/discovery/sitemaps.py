"""Finds the news sitemaps of a site in its robots.txt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feeds.errors import FeedError
from feeds.http.base import ACCEPT_TEXT, Fetcher, Request
from feeds.http.robots import MAX_BYTES
from feeds.urls import join_url

_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news", re.IGNORECASE)
_MAX_LINES = 4  # sitemaps that are tried


async def listed_sitemaps(source: Fetcher, url: str, *, allow_private: bool = False) -> Sequence[str]:
    """Return the sitemaps of the site of `url`, those that say news first; none if robots.txt cannot be read."""
    robots = join_url(url, "/robots.txt")
    if robots is None:
        return ()
    try:
        fetched = await source.fetch(Request(robots, allow_private=allow_private, accept=ACCEPT_TEXT))
    except FeedError:
        return ()
    return sitemap_lines((fetched.body or b"")[:MAX_BYTES].decode("utf-8", "replace"), robots)[:_MAX_LINES]


def sitemap_lines(text: str, url: str) -> list[str]:
    """Return the URLs of the `Sitemap:` lines of a robots.txt (sitemaps.org), those that say news first."""
    found = (join_url(url, written) for written in _LINE.findall(text)[:1000])
    return sorted(dict.fromkeys(one for one in found if one), key=lambda one: _NEWS.search(one) is None)
