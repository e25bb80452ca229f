"""Builds feeds and entries from what the readers found. All cleaning and checking of values is here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from html import escape
from operator import attrgetter
from urllib.parse import urlsplit

from feeds.errors import ParseCrashed
from feeds.identity import content_hash
from feeds.model import Enclosure, Entry, GuidOrigin, Hints, ListedSitemap, Parsed, Tombstone
from feeds.parse.dates import parse_date
from feeds.parse.known import DIGEST
from feeds.parse.people import author_names
from feeds.parse.titles import fallback_title
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, RawTombstone, TextKind, newest, read_each
from feeds.text import (
    is_teaser,
    one_line,
    plain_line,
    plain_text,
    read_content,
    resolved,
    safe_html,
    text_of,
    title_of,
    without_boilerplate,
)
from feeds.text.counters import title_without_counters
from feeds.text.images import Picture, best_picture, pictures_of
from feeds.text.placeholders import is_placeholder
from feeds.urls import canonical_url, join_url

MAX_TEXT = 400_000  # characters of one content; longer ones are cut
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
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2_592_000, "yearly": 31_536_000}
_MAX_GUID = 4000  # characters
_SHORT_PARTS = attrgetter(*(part.name for part in fields(RawEntry) if part.name not in ("summary", "contents")))
_ABSENT = frozenset(("n/a", "none", "null", "nil", "undefined", "-", "#"))  # written for a missing guid or link
_BRIEF = 80  # characters; with less text, the image is the news: a webcam, a comic, a chart
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")  # not allowed in databases and headers


def build_parsed(raw: RawFeed, url: str, known: Collection[bytes] = ()) -> Parsed:
    """Return the feed of a reader's findings. `url` is its URL, the base of relative URLs.

    Items whose digests are in `known` are left out. Raises ParseCrashed when there are items and none can be read.
    """
    base = _own_base(url, raw.base)
    items = newest(raw.entries, raw, lambda item: next(iter((*item.published, *item.updated)), None))
    site = _first_link(raw.links, base, ("alternate",))
    authors = author_names(raw.authors)
    item_base = _item_base(raw, base, site)
    about = one_line(_plain_text(raw.description))
    shared = _Shared(raw, _one_label(raw.title), authors, _language(raw.language), about)
    start = _feed_digest(item_base, shared)

    def read(item: RawEntry) -> tuple[bytes, Entry | None]:
        digest = _digest(item, start.copy())
        return digest, None if digest in known else _entry(item, item_base, shared)

    found = read_each(read, items, raw)
    if raw.skipped and not found:
        raise ParseCrashed(f"none of the feed's items can be read: {raw.skipped[0]}", url=url)
    return Parsed(
        format=raw.format,
        title=shared.title or site or url,
        site=site or (url if join_url(url, "") else None),
        description=about,
        language=_language(raw.language),
        authors=authors,
        image=join_url(base, raw.image) if raw.image else None,
        updated=_first_date(raw.updated),
        self_url=_first_link(raw.links, base, ("self",)),
        hub=_first_link(raw.links, base, ("hub",)),
        moved_to=join_url(base, raw.moved_to) if raw.moved_to else None,
        hints=_hints(raw),
        entries=tuple(entry for _, entry in found if entry is not None),
        tombstones=_tombstones(newest(raw.tombstones, raw, lambda one: one.when, "tombstones")),
        parts=_parts(raw.parts, base),
        problems=tuple(raw.problems),
        limits=tuple(raw.limits),
        parser=raw.parser,
        digests=tuple(digest for digest, _ in found),
        skipped=tuple(raw.skipped),
    )


def _parts(written: Iterable[tuple[str, str]], base: str) -> tuple[ListedSitemap, ...]:
    found = [(join_url(base, url), parse_date(when)) for url, when in written]
    return tuple(ListedSitemap(url, when) for url, when in found if url)


def _item_base(raw: RawFeed, base: str, site: str | None) -> str:
    """Return the base of an item's relative links: the feed's URL, or for RSS the site's URL when it has another host.

    RSS does not define the base; another host means that a feed service publishes the feed. Without a site's URL, the
    URL that the feed gives for itself is used.
    """
    site = site or _first_link(raw.links, base, ("self",))
    if site and not raw.base and raw.format.startswith("rss") and _host(site) != _host(base):
        return site
    return base


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Shared:
    """The feed's values that its entries inherit."""

    feed: RawFeed
    title: str
    authors: tuple[str, ...]
    language: str | None
    about: str  # the feed's own description


def _feed_digest(base: str, shared: _Shared) -> blake2b:
    """Return the beginning of every item's digest: what each entry inherits from the feed."""
    feed = shared.feed
    around = repr((base, feed.format, feed.categories, shared.title, shared.authors, shared.language)).encode()
    return blake2b(around, digest_size=DIGEST)


def _digest(item: RawEntry, digest: blake2b) -> bytes:
    """Return the digest of an item as written. Long texts are added without repr(), which would take twice as long."""
    texts = [item.summary, *item.contents] if item.summary else item.contents
    lengths = [(text.kind, text.base, len(text.value)) for text in texts]
    digest.update(repr((_SHORT_PARTS(item), item.summary is None, lengths)).encode())
    for text in texts:
        digest.update(text.value.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _entry(raw: RawEntry, base: str, shared: _Shared) -> Entry:
    base = _own_base(base, raw.base)
    published_link = _entry_link(raw, base)
    origin = join_url(base, raw.origin) if raw.origin else None
    published_link = published_link or origin
    link = canonical_url(origin or published_link) if published_link else None
    # Relative links of a text start from the entry's page, where nothing else is declared: the picture is beside the
    # post.
    page = base if raw.base or shared.feed.base else published_link or base
    body, body_base = _body(raw, page)
    content_html = _clean_html(body, body_base) if body else ""
    summary = raw.summary if raw.summary is not body else None
    summary_html = _clean_html(summary, _own_base(page, summary.base)) if summary and summary.value else ""
    whole = content_html or summary_html
    content = read_content(whole)
    read = content.text
    embedded = None if read or "<img" in whole else _embedded((body, summary), page)
    if embedded is not None:
        content_html = (
            f'<a href="{escape(embedded)}" rel="noopener noreferrer">{escape(_host(embedded) or embedded)}</a>'
        )
        published_link = published_link or embedded
        link = link or canonical_url(embedded)
    authors = author_names(raw.authors) or shared.authors
    published_title = _one_label(raw.title) or None
    bare = is_placeholder(whole, read, published_title or "", (shared.title, shared.about))
    text = "" if bare else without_boilerplate(read, (*authors, shared.title))
    title = title_without_counters(published_title or "") or fallback_title(
        (without_boilerplate(text_of(summary_html)) if summary_html else "") or text, published_link
    )
    image = _picture(raw, base, content.images)
    enclosures = _enclosures(raw, base)
    digest = content_hash(title, text, link or "", _files(enclosures, image if len(text) < _BRIEF else None))
    guid, guid_origin = _guid(raw, link, digest)
    links = _links(content.links, link)
    published, updated = _dates(raw, shared.feed)
    return Entry(
        guid=guid,
        guid_origin=guid_origin,
        title=title,
        link=link,
        link_published=published_link,
        authors=authors,
        published=published,
        updated=updated,
        summary_html=summary_html,
        content_html=content_html,
        text=text,
        language=_language(raw.language) or shared.language,
        image=image,
        enclosures=enclosures,
        categories=_categories(raw.categories or shared.feed.categories),
        content_hash=digest,
        teaser=published_title is not None and is_teaser(whole, read),
        source_title=plain_line(raw.source_title[:_SHORT]) or None if raw.source_title else None,
        links=links,
        title_published=published_title,
    )


def _guid(raw: RawEntry, link: str | None, digest: str) -> tuple[str, GuidOrigin]:
    """Return the key within the feed: the guid as published, else the link, else the content's hash."""
    guid = _clean_guid(raw.guid)
    if guid:
        return guid, GuidOrigin.GUID
    return (link, GuidOrigin.LINK) if link else (digest, GuidOrigin.HASH)


def _clean_guid(published: str | None) -> str:
    """Return a guid as it can be stored; empty for one that cannot."""
    guid = published.strip() if published else ""
    if not guid.isprintable():
        guid = _CONTROL.sub("", guid).strip()
    return guid if len(guid) <= _MAX_GUID and guid.lower() not in _ABSENT else ""


def _tombstones(raw: list[RawTombstone]) -> tuple[Tombstone, ...]:
    """Return one tombstone for each guid: the latest; one without a date only if there is no other."""
    found: dict[str, datetime | None] = {}
    for one in raw:
        ref, when = _clean_guid(one.ref), parse_date(one.when)
        last = found.get(ref)
        if ref and (ref not in found or (when is not None and (last is None or when > last))):
            found[ref] = when
    return tuple(Tombstone(ref, when) for ref, when in found.items())


def _entry_link(raw: RawEntry, base: str) -> str | None:
    """Return the absolute URL of the article."""
    found = _first_link(raw.links, base, ("alternate", ""))
    if (
        found is None
        and raw.guid
        and (raw.permalink or raw.guid.lstrip()[:8].lower().startswith(("http://", "https://")))
    ):
        found = join_url(base, raw.guid)
    return (
        found
        or _first_link(raw.links, base, ("related", "via", "replies", "self"))
        or _first_link(raw.enclosures, base, ("",), any_rel=True)
    )


def _first_link(links: list[RawLink], base: str, rels: tuple[str, ...], *, any_rel: bool = False) -> str | None:
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
            href = join_url(_own_base(base, link.base), link.href) if given else None
            if href:
                return href
    return None


def _own_base(base: str, own: str | None) -> str:
    """Return the base of relative URLs, with the element's own xml:base applied."""
    return join_url(base, own) or base if own else base


def _body(raw: RawEntry, base: str) -> tuple[Markup | None, str]:
    """Return the longest of the contents, with its base; None without contents, as a summary stays a summary."""
    best = max(
        (content for content in raw.contents if content.value.strip()),
        key=lambda content: len(content.value),
        default=None,
    )
    if best is None:
        return None, base
    return best, _own_base(base, best.base)


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


def _plain_text(markup: Markup | None) -> str:
    if markup is None:
        return ""
    return (
        one_line(markup.value) if markup.kind is TextKind.TEXT and "<" not in markup.value else plain_text(markup.value)
    )


def _one_label(markup: Markup | None) -> str:
    if markup is None:
        return ""
    value = markup.value[:_SHORT]
    return (
        plain_line(value) if markup.kind is TextKind.UNKNOWN else title_of(value, markup=markup.kind is TextKind.HTML)
    )


def _first_date(texts: list[str]) -> datetime | None:
    return next((found for found in map(parse_date, texts) if found), None)


def _entry_date(texts: list[str]) -> datetime | None:
    """Return the first date that may be that of an entry: 1970 is an unset clock, and the web began in 1990."""
    return next((found for found in map(parse_date, texts) if found and found.year >= _EARLIEST_YEAR), None)


def _dates(raw: RawEntry, feed: RawFeed) -> tuple[datetime | None, datetime | None]:
    """Return when the entry was published and updated. The only date of an RSS item is its publication."""
    published, updated = _entry_date(raw.published), _entry_date(raw.updated)
    if published is None and not feed.format.startswith(("atom", "json")):
        return updated, None
    return published, updated


def _language(text: str | None) -> str | None:
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


def _hints(raw: RawFeed) -> Hints:
    """Return how often the publisher wants to be polled. Invalid values are left out."""
    ttl = _number(raw.ttl)
    hours = frozenset(hour % 24 for hour in map(_number, raw.skip_hours) if hour is not None and hour <= 24)
    days = frozenset(_DAYS.index(day.strip().lower()) for day in raw.skip_days if day.strip().lower() in _DAYS)
    period = _PERIODS.get((raw.period or "").strip().lower())
    if period is None and (raw.frequency or "").strip():
        period = _PERIODS["daily"]
    frequency = _number(raw.frequency) or 1
    return Hints(
        ttl=ttl * 60 if ttl else None,
        skip_hours=hours,
        skip_days=days,
        update_period=max(60, period // frequency) if period else None,
    )


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
