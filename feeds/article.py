"""The full text of a web page: the article's words and nothing else."""

from __future__ import annotations

import json
from typing import Any

from feeds.model import Article
from feeds.parse import sniff
from feeds.parse.dates import parse_date
from feeds.text import label, safe_html
from feeds.urls import canonical, join

MAX_PAGE = 8_000_000  # bytes


def extract(html: bytes, url: str) -> Article:
    """The article on a page, with how sure that is. An empty Article when there is none. Never raises on bad input."""
    from trafilatura import bare_extraction

    text, _ = sniff.decode(html[:MAX_PAGE], {})
    found: Any = bare_extraction(text, url=url or None, fast=True, include_comments=False, with_metadata=True)
    if found is None:
        return Article()
    body = found.text or ""
    return Article(
        title=label(found.title or ""),
        text=body,
        published=parse_date(found.date or ""),
        authors=tuple(part.strip() for part in (found.author or "").split(";") if part.strip()),
        language=found.language,
        image=found.image,
        canonical=canonical(found.url) if found.url else None,
        confidence=0.5 if body else 0.0,
    )


_ = (json, Any, safe_html, join)
