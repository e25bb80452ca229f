"""Reads the items of a web page by CSS selectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from feeds.errors import EmptyResponse, NoItems
from feeds.parse.encoding import decode_document
from feeds.parse.page_tree import page_tree
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, RawPicture, TextKind, newest, read_each
from feeds.sources.selectors import PageSelectors, compiled, is_whole_page
from feeds.text import one_line, safe_html
from feeds.text.images import pictures_in
from feeds.urls import join_url

MAX_LINKS = 100  # of one item; an element with more is a part of the page
MAX_ITEMS = 20_000
_MAX_TEXT = 100_000  # characters of an item's markup
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SKIP = ("mailto:", "javascript:", "tel:", "data:")


def read_page(body: bytes, url: str, headers: Mapping[str, str], selectors: PageSelectors) -> RawFeed:
    """Return the items of a page. Raises NoItems, with the cause, when the selectors find none."""
    text, problems = decode_document(body, headers)
    tree = page_tree(text) if text.strip() else None
    if tree is None:
        raise EmptyResponse(url=url)
    raw = RawFeed(format="page", parser="page", problems=list(problems))
    items = _items(tree, selectors.item, url)
    raw.title = Markup(one_line("".join(tree.xpath("//head/title[1]//text()"))[:1000]), TextKind.TEXT)
    raw.links = [RawLink(url)]
    raw.language = tree.get("lang")
    given = tree.find(".//base[@href]")
    raw.base = given.get("href") if given is not None else None
    base = join_url(url, raw.base) or url if raw.base else url
    reader = _PageReader(selectors, base, url)
    kept = newest(items, raw, lambda item: next(iter(reader.dates(item)), None))
    raw.entries = _each_once(read_each(reader.entry, kept, raw))
    if not raw.entries:
        cause = Counter(cause.partition(": ")[2] for cause in raw.skipped).most_common(1)[0][0]
        raise NoItems(f'"{selectors.item}" matches {len(items)} elements, and none is an item: {cause}', url=url)
    return raw


def _items(tree: Any, selector: str, url: str) -> list[Any]:
    """Return the elements that the selector matches, without those inside another."""
    found = [one for one in compiled(selector)(tree) if isinstance(one.tag, str)]
    if not found:
        raise NoItems(f'"{selector}" matches nothing on the page', url=url)
    if is_whole_page(selector) or any(one.tag in ("html", "body", "head") for one in found):
        raise NoItems(f'"{selector}" matches the whole page and not its items', url=url)
    if len(found) > MAX_ITEMS:
        raise NoItems(f'"{selector}" matches {len(found)} elements, more than {MAX_ITEMS}', url=url)
    matched = set(found)
    outer = [one for one in found if not any(above in matched for above in one.iterancestors())]
    if len(outer) * 2 < len(found):
        inside = len(found) - len(outer)
        raise NoItems(f'"{selector}" matches elements inside each other: {inside} of {len(found)}', url=url)
    return outer


def _each_once(entries: Sequence[RawEntry]) -> list[RawEntry]:
    """Drop entries that repeat link and title of an earlier one: pages show a teaser in several places."""
    found: dict[tuple[str, str], RawEntry] = {}
    for entry in entries:
        key = (entry.links[0].href if entry.links else entry.guid or "", entry.title.value if entry.title else "")
        found.setdefault(key, entry)
    return list(found.values())


class _PageReader:
    """Reads the parts of an item. `base` is the base of relative links, `url` the page."""

    def __init__(self, selectors: PageSelectors, base: str, url: str) -> None:
        self._selectors, self._base, self._url = selectors, base, url.partition("#")[0]

    def entry(self, item: Any) -> RawEntry:
        """Read one item. Raises ValueError with the cause if it has no title, or neither link nor date."""
        count = sum(1 for _ in item.iter("a"))
        if count > MAX_LINKS:
            raise ValueError(f"it has {count} links, so it is a part of the page and no item")
        link, target = self._link(item)
        title = self._title(item, link)
        if not title:
            raise ValueError("it has no title")
        raw = RawEntry(title=Markup(title, TextKind.TEXT), published=self.dates(item))
        if target is not None:
            raw.links = [RawLink(target)]
        elif any(raw.published):
            raw.guid = f"{title} {raw.published[0]}"  # without a link, title and date identify it
        else:
            raise ValueError("it has no link")
        text = "".join(_html(one) for one in self._find(item, self._selectors.text)) if self._selectors.text else ""
        raw.contents = [Markup(text[:_MAX_TEXT], TextKind.HTML, self._base)] if text else []
        raw.pictures = self._pictures(item)
        raw.language = item.get("lang")
        return raw

    def dates(self, item: Any) -> list[str]:
        """Return the texts that may be an item's date, best first: `datetime` and similar attributes, then its text."""
        found = self._find(item, self._selectors.date) if self._selectors.date else list(item.iter("time"))
        texts = []
        for one in found[:3]:
            inner = one if one.get("datetime") or one.tag == "time" else next(one.iter("time"), one)
            texts += [inner.get(name) for name in ("datetime", "content", "title")] + [_text(inner)]
        return [text.strip() for text in texts if text and text.strip()]

    def _find(self, item: Any, selector: str) -> list[Any]:
        return [one for one in compiled(selector)(item) if isinstance(one.tag, str)] if selector else []

    def _link(self, item: Any) -> tuple[Any, str | None]:
        """Return the element of the link and its absolute URL."""
        starts = self._find(item, self._selectors.link) if self._selectors.link else [item]
        links = [link for start in starts for link in start.iter("a")]
        links += [above for start in starts[:1] for above in start.iterancestors("a")]
        for link in links:
            href = (link.get("href") or "").strip()
            target = join_url(self._base, href) if href and not href.lower().startswith(_SKIP) else None
            if target is not None and (target.partition("#")[0] != self._url or len(href) > 1):
                return link, target
        return None, None

    def _title(self, item: Any, link: Any) -> str:
        found = self._find(item, self._selectors.title) if self._selectors.title else list(item.iter(*HEADINGS))[:1]
        for one in [*found, *([] if link is None or self._selectors.title else [link])]:
            if text := _text(one) or one_line(one.get("title") or one.get("aria-label") or ""):
                return text
        return ""

    def _pictures(self, item: Any) -> list[RawPicture]:
        places = self._find(item, self._selectors.picture) if self._selectors.picture else [item]
        html = "".join(_html(one) for place in places for one in place.iter("img"))[:_MAX_TEXT]
        return [RawPicture(one.url, one.width, one.height) for one in pictures_in(safe_html(html, self._base))]


def _text(element: Any) -> str:
    return one_line("".join(element.itertext())[:5000])


def _html(element: Any) -> str:
    from lxml import etree

    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
