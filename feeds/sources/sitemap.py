"""Reads news sitemaps: sitemaps.org 0.9 with the elements of Google News and images, and their index files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from feeds.errors import NotNews
from feeds.sources.elements import short_name, xml_root
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, RawPicture, TextKind, newest, read_each

_ROOT = re.compile(
    r"\s*(?:<\?.{0,1000}?\?>\s*|<!--.{0,5000}?-->\s*|<!DOCTYPE[^>\[]{0,300}>\s*){0,20}"
    r"<(?:[\w.\-]{1,40}:)?(?:urlset|sitemapindex)[\s>/]",
    re.DOTALL,
)
_MAX_PARTS = 50_000  # sitemaps.org: the most that an index may list
_MAX_KEYWORDS = 50
_MAX_PICTURES = 10


def is_sitemap(text: str) -> bool:
    """Whether a document begins as a sitemap or as an index of sitemaps."""
    return _ROOT.match(text) is not None


def read_sitemap(text: str, *, recover: bool = False) -> RawFeed | None:
    """Return the news of a sitemap, or the sitemaps that an index lists; None if it is not well-formed.

    With `recover`, a malformed document is read as far as possible. Raises NotNews for a sitemap without news.
    """
    root = xml_root(text, recover=recover)
    kind = root.tag.rpartition("}")[2].lower() if root is not None else ""
    if kind == "sitemapindex":
        return _index(root)
    return _urlset(root) if kind == "urlset" else None


def _index(root: Any) -> RawFeed:
    raw = RawFeed(format="sitemap-index", parser="sitemap")
    for child in root.iterchildren("{*}sitemap"):
        found = _texts(child)
        if found.get("loc") and len(raw.parts) < _MAX_PARTS:
            raw.parts.append((found["loc"], found.get("lastmod", "")))
    if not raw.parts:
        raise NotNews("the sitemap index lists no sitemap")
    return raw


def _urlset(root: Any) -> RawFeed:
    raw = RawFeed(format="sitemap", parser="sitemap")
    pages = [(page, news) for page in root.iterchildren("{*}url") if (news := _news(page)) is not None]
    if not pages:
        raise NotNews
    publications = {(_texts(_first(news, "news:publication")).get("news:name", "")) for _, news in pages} - {""}
    raw.entries = read_each(lambda pair: _entry(*pair, several=len(publications) > 1), newest(pages, raw, _date), raw)
    if publications:
        raw.title = Markup(min(publications), TextKind.TEXT) if len(publications) == 1 else None
    raw.links = [RawLink(site)] if (site := _site(raw.entries)) else []
    languages = {entry.language for entry in raw.entries} - {None}
    raw.language = languages.pop() if len(languages) == 1 else None
    return raw


def _news(page: Any) -> Any:
    """Return the first element with the news of a page; None if it has none."""
    return _first(page, "news:news")


def _date(pair: tuple[Any, Any]) -> str:
    page, news = pair
    return _texts(news).get("news:publication_date") or _texts(page).get("lastmod", "")


def _entry(page: Any, news: Any, *, several: bool) -> RawEntry:
    """Return one page. `several`: the sitemap has news of several publications. Raises ValueError without a URL."""
    own, said = _texts(page), _texts(news)
    if not own.get("loc"):
        raise ValueError("it has no loc")
    entry = RawEntry(links=[RawLink(own["loc"])])
    title = said.get("news:title", "")
    entry.title = Markup(title, TextKind.UNKNOWN) if title else None
    entry.published = [said.get("news:publication_date", "")]
    entry.updated = [own.get("lastmod", "")]
    entry.categories = _words(said, "news:keywords") + _words(said, "news:genres")
    entry.pictures = [
        RawPicture(url)
        for image in [child for child in page if short_name(child.tag) == "image:image"][:_MAX_PICTURES]
        if (url := _texts(image).get("image:loc"))
    ]
    publication = _texts(_first(news, "news:publication"))
    entry.language = publication.get("news:language") or None
    entry.source_title = publication.get("news:name") if several else None
    return entry


def _words(found: Mapping[str, str], name: str) -> list[str]:
    return [word for part in found.get(name, "").split(",")[:_MAX_KEYWORDS] if (word := part.strip())]


def _first(element: Any, name: str) -> Any:
    return next((child for child in element if short_name(child.tag) == name), None)


def _texts(element: Any) -> dict[str, str]:
    """Return the text of the first child of each short name, without the prefix of sitemaps."""
    found: dict[str, str] = {}
    for child in () if element is None else element:
        if child.text:
            found.setdefault(short_name(child.tag).removeprefix("sitemap:"), child.text.strip())
    return found


def _site(entries: list[RawEntry]) -> str:
    """Return the front page of the site of the first entry."""
    for entry in entries[:1]:
        try:
            parts = urlsplit(entry.links[0].href)
        except ValueError:
            return ""
        if parts.scheme and parts.netloc:
            return f"{parts.scheme}://{parts.netloc}/"
    return ""
