"""Builds entries from the items that the readers found. All cleaning and checking of an item's values is here.

The items of a document go through a few steps, each over a batch of items before the next one begins. This takes two
thirds of the time of all steps for one item after the other, because the code of one step stays in the processor's
caches.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from feeds.identity import content_hash
from feeds.model import Enclosure, Entry, GuidOrigin
from feeds.parse.dates import parse_date
from feeds.parse.people import author_names
from feeds.parse.titles import fallback_title
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, TextKind, item_digest, read_each
from feeds.text import (
    is_teaser,
    one_line,
    plain_line,
    read_content,
    resolved,
    safe_html,
    text_of,
    title_of,
    without_boilerplate,
)
from feeds.text.counters import title_without_counters
from feeds.text.images import Picture, best_picture, pictures_of
from feeds.text.markup import Content
from feeds.text.placeholders import is_placeholder
from feeds.urls import canonical_url, join_url

MAX_TEXT = 400_000  # characters of one content; longer ones are cut
BATCH = 40  # items that go through a step together
_SHORT = 50_000  # characters of a title, a name, a category
_NAME = 1000  # characters of a category
_MAX_LINKS = 100
_EARLIEST_YEAR = 1990
_MAX_CATEGORIES = 100
_PAGES = ("text/html", "application/xhtml+xml")
_LOOKS_LIKE_HTML = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]*(?:[\s/][^<>]*)?>|<!--|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);"
)
_EMBED = re.compile(
    r"<(?:iframe|video|audio|embed|source)\b[^<>]*?\ssrc\s*=\s*(?:\"([^\"<>]+)\"|'([^'<>]+)')", re.IGNORECASE
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:[?#]|\Z)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*\Z")
_MAX_GUID = 4000  # characters
_ABSENT = frozenset(("n/a", "none", "null", "nil", "undefined", "-", "#"))  # written for a missing guid or link
_BRIEF = 80  # characters; with less text, the image is the news: a webcam, a comic, a chart
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")  # not allowed in databases and headers


@dataclass(frozen=True, slots=True)
class Shared:
    """The feed's values that its entries inherit."""

    feed: RawFeed
    title: str
    authors: tuple[str, ...]
    language: str | None
    about: str  # the feed's own description


@dataclass(slots=True)
class Items:
    """The items of a document: their digests in order, also of known ones, and the entries of the others.

    `distinct`: no two of these entries have the same description.
    """

    digests: tuple[bytes, ...]
    entries: tuple[Entry, ...]
    distinct: bool


@dataclass(slots=True)
class _Draft:
    """An item on its way to an entry; each step fills in what the next ones need."""

    raw: RawEntry
    digest: bytes
    base: str = ""
    page: str = ""  # the base of a text's relative links
    link_published: str | None = None
    link: str | None = None
    body: Markup | None = None
    content_html: str = ""
    summary_html: str = ""
    whole: str = ""  # the HTML that the text is made of
    content: Content = field(default_factory=lambda: Content("", [], []))
    description: str = ""  # the text as published
    authors: tuple[str, ...] = ()
    title_published: str | None = None
    text: str = ""
    entry: Entry | None = None


def read_items(items: Sequence[RawEntry], base: str, shared: Shared, known: Collection[bytes]) -> Items:
    """Return the entries of a feed's items. `base` is the base of their relative links.

    Items whose digests are in `known` are left out. Those that cannot be read are listed in `shared.feed.skipped`.
    """
    feed = shared.feed
    inherited = (base, feed.format, feed.categories, shared.title, shared.authors, shared.language)
    start = sha256(repr(inherited).encode())
    drafts = read_each(lambda item: _Draft(item, item_digest(item, start.copy()), base), items, feed)
    unknown = [draft for draft in drafts if draft.digest not in known]
    for at in range(0, len(unknown), BATCH):
        batch: Sequence[_Draft] = unknown[at : at + BATCH]
        for step in _STEPS:
            batch = read_each(partial(step, shared), batch, feed)
    texts = Counter(draft.description for draft in unknown if draft.description)
    return Items(
        digests=tuple(draft.digest for draft in drafts if draft.entry is not None or draft.digest in known),
        entries=tuple(draft.entry for draft in unknown if draft.entry is not None),
        distinct=texts.total() == len(texts),
    )


def _cleaned(shared: Shared, draft: _Draft) -> _Draft:
    """Find the links, and make the texts safe."""
    raw = draft.raw
    base = draft.base = own_base(draft.base, raw.base)
    published_link = _entry_link(raw, base)
    origin = join_url(base, raw.origin) if raw.origin else None
    published_link = draft.link_published = published_link or origin
    draft.link = canonical_url(origin or published_link) if published_link else None
    # Relative links of a text start from the entry's page, where nothing else is declared: the picture is beside the
    # post.
    page = draft.page = base if raw.base or shared.feed.base else published_link or base
    body, body_base = _body(raw, page)
    draft.body = body
    draft.content_html = _clean_html(body, body_base) if body else ""
    summary = raw.summary if raw.summary is not body else None
    draft.summary_html = _clean_html(summary, own_base(page, summary.base)) if summary and summary.value else ""
    draft.whole = draft.content_html or draft.summary_html
    return draft


def _read(_shared: Shared, draft: _Draft) -> _Draft:
    """Read the text, the links and the images of the HTML."""
    draft.content = read_content(draft.whole)
    draft.description = draft.content.text
    if draft.description or "<img" in draft.whole:
        return draft
    summary = draft.raw.summary if draft.raw.summary is not draft.body else None
    embedded = _embedded((draft.body, summary), draft.page)
    if embedded is not None:
        draft.description = host_of(embedded) or embedded
        draft.content_html = f'<a href="{escape(embedded)}" rel="noopener noreferrer">{escape(draft.description)}</a>'
        draft.link_published = draft.link_published or embedded
        draft.link = draft.link or canonical_url(embedded)
    return draft


def _named(shared: Shared, draft: _Draft) -> _Draft:
    """Read the title and the authors; a text that is only a placeholder is none."""
    draft.authors = author_names(draft.raw.authors) or shared.authors
    draft.title_published = one_label(draft.raw.title) or None
    names = (shared.title, shared.about)
    read = draft.content.text
    draft.text = "" if is_placeholder(draft.whole, read, draft.title_published or "", names) else read
    return draft


def _trimmed(shared: Shared, draft: _Draft) -> _Draft:
    """Cut the boilerplate off the text."""
    if draft.text:
        draft.text = without_boilerplate(draft.text, (*draft.authors, shared.title))
    return draft


def _finished(shared: Shared, draft: _Draft) -> _Draft:
    """Build the entry."""
    raw, base, text, link = draft.raw, draft.base, draft.text, draft.link
    title = title_without_counters(draft.title_published or "") or _title_of_text(draft)
    image = _picture(raw, base, draft.content.images)
    enclosures = _enclosures(raw, base)
    digest = content_hash(title, text, link or "", _files(enclosures, image if len(text) < _BRIEF else None))
    guid, guid_origin = _guid(raw, link, digest)
    published, updated = _dates(raw, shared.feed)
    draft.entry = Entry(
        guid=guid,
        guid_origin=guid_origin,
        title=title,
        link=link,
        link_published=draft.link_published,
        authors=draft.authors,
        published=published,
        updated=updated,
        summary_html=draft.summary_html,
        content_html=draft.content_html,
        text=text,
        language=language(raw.language) or shared.language,
        image=image,
        enclosures=enclosures,
        categories=_categories(raw.categories or shared.feed.categories),
        content_hash=digest,
        teaser=draft.title_published is not None and is_teaser(draft.whole, draft.content.text),
        source_title=plain_line(raw.source_title[:_SHORT]) or None if raw.source_title else None,
        links=_links(draft.content.links, link),
        title_published=draft.title_published,
    )
    return draft


_STEPS: tuple[Callable[[Shared, _Draft], _Draft], ...] = (_cleaned, _read, _named, _trimmed, _finished)


def _title_of_text(draft: _Draft) -> str:
    """Return a title made of the summary, else of the text, else of the link."""
    summary = without_boilerplate(text_of(draft.summary_html)) if draft.summary_html else ""
    return fallback_title(summary or draft.text, draft.link_published)


def _guid(raw: RawEntry, link: str | None, digest: str) -> tuple[str, GuidOrigin]:
    """Return the key within the feed: the guid as published, else the link, else the content's hash."""
    guid = clean_guid(raw.guid)
    if guid:
        return guid, GuidOrigin.GUID
    return (link, GuidOrigin.LINK) if link else (digest, GuidOrigin.HASH)


def clean_guid(published: str | None) -> str:
    """Return a guid as it can be stored; empty for one that cannot."""
    guid = published.strip() if published else ""
    if not guid.isprintable():
        guid = _CONTROL.sub("", guid).strip()
    return guid if len(guid) <= _MAX_GUID and guid.lower() not in _ABSENT else ""


def _entry_link(raw: RawEntry, base: str) -> str | None:
    """Return the absolute URL of the article."""
    found = first_link(raw.links, base, ("alternate", ""))
    if (
        found is None
        and raw.guid
        and (raw.permalink or raw.guid.lstrip()[:8].lower().startswith(("http://", "https://")))
    ):
        found = join_url(base, raw.guid)
    return (
        found
        or first_link(raw.links, base, ("related", "via", "replies", "self"))
        or first_link(raw.enclosures, base, ("",), any_rel=True)
    )


def first_link(links: list[RawLink], base: str, rels: tuple[str, ...], *, any_rel: bool = False) -> str | None:
    """Return the link of the first relation that has one: pages before files, the first of several."""
    if not links:
        return None
    for rel in rels:
        found = [link for link in links if any_rel or link.rel == rel]
        if len(found) > 1:
            found.sort(key=lambda link: 0 if link.type in _PAGES else 1 if not link.type else 2)
        for link in found:
            written = link.href.strip()
            given = (written or link.base) and written.lower() not in _ABSENT
            href = join_url(own_base(base, link.base), link.href) if given else None
            if href:
                return href
    return None


def own_base(base: str, own: str | None) -> str:
    """Return the base of relative URLs, with the element's own xml:base applied."""
    return join_url(base, own) or base if own else base


def host_of(url: str) -> str | None:
    """Return the host of a URL; None if it has none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _body(raw: RawEntry, base: str) -> tuple[Markup | None, str]:
    """Return the longest of the contents, with its base; None without contents, as a summary stays a summary."""
    best = max(
        (content for content in raw.contents if content.value.strip()),
        key=lambda content: len(content.value),
        default=None,
    )
    if best is None:
        return None, base
    return best, own_base(base, best.base)


def _clean_html(markup: Markup, base: str) -> str:
    value = markup.value[:MAX_TEXT]
    if markup.kind is TextKind.TEXT or (markup.kind is TextKind.UNKNOWN and not _LOOKS_LIKE_HTML.search(value)):
        return escape(value.strip(), quote=False).replace("\n\n", "<br>")
    return _unwrapped(safe_html(value, base).strip())


def _unwrapped(html: str) -> str:
    """Return the HTML without a div around all of it: Atom requires one, and it has no meaning."""
    if html.startswith("<div>") and html.endswith("</div>") and html.count("<div") == 1:
        return html[5:-6].strip()
    return html


def one_label(markup: Markup | None) -> str:
    """Return a title or a name as one plain line; empty without one."""
    if markup is None:
        return ""
    value = markup.value[:_SHORT]
    return (
        plain_line(value) if markup.kind is TextKind.UNKNOWN else title_of(value, markup=markup.kind is TextKind.HTML)
    )


def _entry_date(texts: list[str]) -> datetime | None:
    """Return the first date that may be that of an entry: 1970 is an unset clock, and the web began in 1990."""
    return next((found for found in map(parse_date, texts) if found and found.year >= _EARLIEST_YEAR), None)


def _dates(raw: RawEntry, feed: RawFeed) -> tuple[datetime | None, datetime | None]:
    """Return when the entry was published and updated. The only date of an RSS item is its publication."""
    published, updated = _entry_date(raw.published), _entry_date(raw.updated)
    if published is None and not feed.format.startswith(("atom", "json")):
        return updated, None
    return published, updated


def language(text: str | None) -> str | None:
    """Return a language tag as written, with hyphens; None for any other text."""
    if not text:
        return None
    text = text.strip()
    return text.replace("_", "-") if _LANGUAGE.match(text) else None


def _links(written: Sequence[str], own: str | None) -> tuple[str, ...]:
    """Return the canonical URLs linked from the text, in order and once each."""
    found = (canonical_url(resolved(url)) for url in written[:_MAX_LINKS])
    return tuple(dict.fromkeys(url for url in found if url != own))


def _picture(raw: RawEntry, base: str, images: Sequence[str]) -> str | None:
    """Return the picture of an entry: from the feed, else from the text; no icon, avatar or counting pixel."""
    named = [Picture(join_url(base, one.url) or "", one.width, one.height) for one in raw.pictures]
    enclosed = [
        Picture(join_url(base, link.href) or "") for link in raw.enclosures if (link.type or "").startswith("image/")
    ]
    return best_picture(named) or best_picture(enclosed) or best_picture(pictures_of(images))


def _embedded(texts: Iterable[Markup | None], base: str) -> str | None:
    """Return the URL of a frame or a video that an entry embeds without a text."""
    for text in texts:
        found = _EMBED.search(text.value[:MAX_TEXT]) if text is not None else None
        if found and (url := join_url(base, resolved(found[1] or found[2]))):
            return url
    return None


def _enclosures(raw: RawEntry, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for link in raw.enclosures:
        url = join_url(base, link.href) if link.href.strip() else None
        if url and url not in found:
            length = (link.length or "").strip()
            size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            found[url] = Enclosure(url, one_line(link.type or "")[:200] or None, size)
    return tuple(found.values())


def _files(enclosures: Iterable[Enclosure], image: str | None) -> list[str]:
    """Return the URLs of the sound, video and documents of an entry; images are left out, as most are decoration."""
    files = [
        file.url for file in enclosures if not ((file.type or "").startswith("image/") or _PICTURE.search(file.url))
    ]
    return [*files, image] if image else files


def _categories(values: list[str]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(name for name in (plain_line(value[:_NAME]) for value in values[:_MAX_CATEGORIES]) if name)
    )
