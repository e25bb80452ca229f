"""A body in, a feed out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from feeds.model import Parsed

__all__ = ["parse"]


def parse(body: bytes, url: str, headers: Mapping[str, str], known: Collection[bytes] = ()) -> Parsed:
    """Read a feed of any kind. `url` is where it came from in the end, `headers` the answer's (any case).

    `known` are digests of items that were read before: they are left out of the entries (see `feeds.parse.known`). Raises ParseError, and nothing else, when it is no feed.
    """
    # The readers take a tenth of a second to import, and a poll parses in another process.
    from feeds.parse import document as reader

    return reader.parse(body, url, headers, known)
