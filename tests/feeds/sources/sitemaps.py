"""News sitemaps for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
)


def item(url: str, title: str, date: str = "2026-03-18T08:30:00+01:00", more: str = "", inside: str = "") -> str:
    return (
        f"<url><loc>{url}</loc>{more}<news:news><news:publication><news:name>The Harbour Post</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title}</news:title>{inside}</news:news></url>"
    )


def sitemap(*items: str) -> bytes:
    return (HEAD + "".join(items) + "</urlset>").encode()


def index(parts: Iterable[tuple[str, str]]) -> bytes:
    inner = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>" for url, date in parts
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'.encode()
