"""A body in, a feed out."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.errors import NotAFeed
from feeds.model import Parsed
from feeds.parse import jsonfeed, sniff, syndication
from feeds.parse.build import build

__all__ = ["parse"]


def parse(body: bytes, url: str, headers: Mapping[str, str]) -> Parsed:
    """Read a feed of any kind. `url` is where it came from in the end, `headers` the answer's (any case).

    Raises ParseError, and nothing else, when it is no feed.
    """
    text, problems = sniff.decode(body, headers)
    text = text.lstrip("\ufeff \t\r\n\0")
    if text.startswith(("{", "[")):
        raw = jsonfeed.read(text)
    else:
        raw = syndication.read(sniff.without_declaration(text).encode("utf-8", "replace"), url, headers)
        if not raw.format and not raw.entries:
            raise NotAFeed(url=url)
    raw.problems[:0] = problems
    return build(raw, url)
