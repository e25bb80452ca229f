"""Parses feeds of every format."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from feeds.model import Parsed

__all__ = ["parse"]


def parse(
    body: bytes,
    url: str,
    headers: Mapping[str, str],
    known: Collection[bytes] = (),
    page: Mapping[str, str] | None = None,
) -> Parsed:
    """Parse a feed of any format, or a page by selectors: `page` are the values of `PageSelectors`.

    `url` is the final URL of the response, `headers` its headers (any case). `known` are digests of items that were
    parsed before: they are left out of the entries (see `feeds.parse.known`).
    Raises ParseError, and no other error.
    """
    # Imported late: the readers take a tenth of a second to import, and a poll parses in another process.
    from feeds.parse.document import parse_document

    return parse_document(body, url, headers, known, page)
