"""Reads any RSS, Atom, RDF or CDF document, however malformed, with feedparser."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from feeds.sources.elements import distinct_names
from feeds.sources.raw import MEDIA, Markup, RawEntry, RawFeed, RawLink, RawPicture, RawTombstone, TextKind, read_each
from feeds.text.images import pixels

_TOMBSTONES = "tombstones"
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def read_any(data: bytes, headers: Mapping[str, str]) -> RawFeed:
    """Return what feedparser finds in `data` (UTF-8). `format` is "" when it recognizes no format.

    feedparser does not get the feed's URL, so it keeps relative URLs; `feeds.parse.build` resolves them all.
    """
    feedparser = _library()
    given = {"content-type": "application/xml; charset=utf-8"}
    language = headers.get("content-language")
    if language:
        given["content-language"] = language
    result = feedparser.parse(
        io.BytesIO(data), response_headers=given, sanitize_html=False, resolve_relative_uris=False
    )
    feed = result["feed"]
    raw = RawFeed(format=result.get("version") or "", parser="feedparser")
    raw.title, raw.description = _markup(feed, "title"), _markup(feed, "subtitle")
    raw.links = _links(feed)
    raw.language = _string(dict.get(feed, "language"))
    raw.authors = _authors(feed)
    raw.image = _string(_inside(feed, "image", "href"), feed.get("logo"), feed.get("icon"))
    raw.updated = _strings(feed, "updated", "published")
    raw.moved_to = _string(feed.get("itunes_new-feed-url"), feed.get("newlocation"))
    raw.ttl = _string(feed.get("ttl"))
    raw.period, raw.frequency = _string(feed.get("sy_updateperiod")), _string(feed.get("sy_updatefrequency"))
    raw.categories = _tags(feed)
    raw.entries = read_each(_entry, result["entries"], raw)
    raw.tombstones = dict.get(feed, _TOMBSTONES) or []
    if not raw.format and re.match(rb"\s*<channel\s", data, re.IGNORECASE):
        raw.format = "cdf"
    if result.get("bozo"):
        raw.problems.append(f"not well-formed: {result.get('bozo_exception')}"[:200])
    return raw


def _library() -> Any:
    """Return feedparser, changed to keep ids as published (it resolves relative ones) and to keep every tombstone."""
    import feedparser
    from feedparser.mixin import _FeedParserMixin

    _FeedParserMixin.can_be_relative_uri.discard("id")
    _FeedParserMixin.namespaces["http://purl.org/atompub/tombstones/1.0"] = "at"
    setattr(_FeedParserMixin, "_start_at_deleted-entry", _note_tombstone)
    return feedparser


def _note_tombstone(parser: Any, attributes: Mapping[str, str]) -> None:
    """Called for each tombstone: feedparser itself keeps the last only. Tombstones inside of entries are ignored."""
    if not (parser.inentry or parser.insource):
        found = parser.feeddata.setdefault(_TOMBSTONES, [])
        found.append(RawTombstone(attributes.get("ref") or "", attributes.get("when") or ""))


def _entry(item: Any) -> RawEntry:
    raw = RawEntry(guid=_string(item.get("id"), dict.get(item, "dc_identifier")))
    raw.title, raw.summary = _markup(item, "title"), _markup(item, "summary")
    raw.contents = [_detail(content) for content in item.get("content") or () if content.get("value")]
    if raw.summary and any(content.value == raw.summary.value for content in raw.contents):
        raw.summary = None  # feedparser copies the content when there is no summary
    raw.links = _links(item)
    raw.origin = _string(item.get("feedburner_origlink"))
    raw.authors = _authors(item)
    raw.published = _strings(item, "published", "created")
    raw.updated = _strings(item, "updated")
    raw.categories = _tags(item)
    raw.enclosures = [
        RawLink(link.get("href") or "", "enclosure", link.get("type"), link.get("length"))
        for link in dict.get(item, "links") or () if link.get("rel") == "enclosure" and link.get("href")
    ]  # fmt: skip
    for media in dict.get(item, "media_content") or ():
        if media.get("url"):
            raw.enclosures.append(
                RawLink(
                    media["url"],
                    "enclosure",
                    media.get("type") or MEDIA.get(media.get("medium") or ""),
                    media.get("filesize"),
                )
            )
    own = _string(_inside(item, "image", "href"))
    raw.pictures = [RawPicture(own)] if own else []
    for media in (*(dict.get(item, "media_thumbnail") or ()), *_media_images(item)):
        if media.get("url"):
            raw.pictures.append(RawPicture(media["url"], pixels(media.get("width")), pixels(media.get("height"))))
    raw.language = _string(dict.get(item, "language"), _inside(item, "title_detail", "language"))
    raw.source_title = _string(_inside(item, "source", "title"))
    return raw


def _media_images(item: Any) -> list[Any]:
    return [
        media
        for media in dict.get(item, "media_content") or ()
        if (media.get("type") or MEDIA.get(media.get("medium") or "") or "").startswith("image/")
    ]


def _tags(item: Any) -> list[str]:
    return [
        name for tag in dict.get(item, "tags") or () for name in distinct_names((tag.get("label"), tag.get("term")))
    ]


def _strings(item: Any, *names: str) -> list[str]:
    """Return the texts under exactly these names; feedparser's own lookup falls back to other names."""
    return [value for value in (dict.get(item, name) for name in names) if value and isinstance(value, str)]


def _inside(item: Any, name: str, part: str) -> Any:
    """Return one value of a nested element, if it is nested at all."""
    found = dict.get(item, name)
    return found.get(part) if isinstance(found, dict) else None


def _string(*values: Any) -> str | None:
    """Return the first value that is a text: feedparser sometimes stores dictionaries under a text's name."""
    return next((value for value in values if value and isinstance(value, str)), None)


def _markup(item: Any, name: str) -> Markup | None:
    detail = dict.get(item, f"{name}_detail")
    if detail and detail.get("value"):
        return _detail(detail)
    value = dict.get(item, name)
    return Markup(value) if value else None


def _detail(detail: Any) -> Markup:
    kind = TextKind.HTML if detail.get("type") in _HTML else TextKind.UNKNOWN
    return Markup(detail.get("value") or "", kind, detail.get("base") or None)


def _links(item: Any) -> list[RawLink]:
    found = [
        RawLink(link.get("href") or "", link.get("rel") or "alternate", link.get("type"), link.get("length"))
        for link in dict.get(item, "links") or () if link.get("href")
    ]  # fmt: skip
    # feedparser takes any guid for a link, also one that is a name; `feeds.parse.build` decides that.
    return found or [RawLink(value) for value in _strings(item, "link") if value != dict.get(item, "id")]


def _authors(item: Any) -> list[str]:
    whole = _strings(item, "author")
    if whole and "@" in whole[0] and len(dict.get(item, "authors") or ()) < 2:
        return whole  # feedparser knows few top-level domains and splits mail addresses of others
    found = [author.get("name") or author.get("email") or "" for author in dict.get(item, "authors") or () if author]
    found = [name for name in found if name]
    return found or _strings(item, "author", "publisher")
