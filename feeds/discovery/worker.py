"""What a page process does: pickled arguments in; an ExtractedArticle and an empty text, or None and a message out."""

from __future__ import annotations

import pickle
from contextlib import suppress

from feeds.errors import ExtractFailed
from feeds.process.child import Handler

_SAMPLE = b"<html><body><article><p>Nothing happened today.</p></article></body></html>"


def article_handler() -> Handler:
    """Return a function that extracts articles, from the pickled arguments of `extract_article`."""
    from feeds.discovery.article import extract_article

    # Imports the rest before memory is limited and the first page waits. A missing package is reported with each page.
    with suppress(ExtractFailed):
        extract_article(_SAMPLE, "http://localhost/")

    def handle(request: bytes) -> bytes:
        try:
            response = extract_article(*pickle.loads(request)), ""  # noqa: S301 - from our own parent
        except ExtractFailed as error:
            if isinstance(error.__cause__, MemoryError):
                raise error.__cause__ from None
            return pickle.dumps((None, error.message), protocol=5)
        return pickle.dumps(response, protocol=5)

    return handle
