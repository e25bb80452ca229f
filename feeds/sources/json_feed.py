"""Reads JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/).

A value of a wrong type is dropped; its item is kept.
"""

from __future__ import annotations

import json
import re
from typing import Any

from feeds.errors import NotAFeed
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, RawPicture, TextKind, newest, read_each

_KNOWN = frozenset({"home_page_url", "feed_url", "user_comment"})
_CONTENT = frozenset({"content_html", "content_text"})
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can contain them, and nothing can store them
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def read_json_feed(text: str) -> RawFeed:
    """Return the feed of a JSON document. Raises NotAFeed for invalid JSON and for JSON of another kind."""
    data = _load(text)
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise NotAFeed("this is JSON, but not a JSON Feed")
    version = _string(data.get("version"))
    if (
        "jsonfeed" not in version
        and not (_KNOWN & data.keys())
        and not any(_CONTENT & item.keys() for item in data["items"][:20] if isinstance(item, dict))
    ):
        raise NotAFeed("this is JSON, but not a JSON Feed")
    raw = RawFeed(format="json10" if version.rstrip("/").endswith("/1") else "json11", parser="json")
    raw.title, raw.description = _text(data, "title"), _text(data, "description")
    raw.links = [
        RawLink(url, rel)
        for key, rel in (("home_page_url", "alternate"), ("feed_url", "self"))
        if (url := _string(data.get(key)))
    ]
    raw.links += [
        RawLink(url, "hub")
        for hub in _list(data.get("hubs"))
        if isinstance(hub, dict) and (url := _string(hub.get("url")))
    ]
    raw.language = _string(data.get("language")) or None
    raw.authors = _authors(data)
    raw.image = _string(data.get("icon")) or _string(data.get("favicon")) or None
    items = [item for item in data["items"] if isinstance(item, dict)]
    if len(items) < len(data["items"]):
        raw.problems.append(f"{len(data['items']) - len(items)} items are not objects")
    raw.entries = read_each(_item, newest(items, raw, _date), raw)
    return raw


def _load(text: str) -> Any:
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    raise NotAFeed("this is invalid JSON")


def _date(item: dict[str, Any]) -> str:
    return _string(item.get("date_published")) or _string(item.get("date_modified"))


def _item(item: dict[str, Any]) -> RawEntry:
    guid = item.get("id")
    raw = RawEntry(guid=_identity(guid))
    raw.title = _text(item, "title")
    own, other = _string(item.get("url")), _string(item.get("external_url"))
    raw.links = [RawLink(url, rel) for url, rel in ((own, "alternate"), (other, "related")) if url]
    html, text = _string(item.get("content_html")), _string(item.get("content_text"))
    if html:
        raw.contents = [Markup(html, TextKind.HTML)]
    elif text:
        raw.contents = [Markup(text, TextKind.TEXT)]
    raw.summary = _text(item, "summary")
    raw.authors = _authors(item)
    raw.published = [_string(item.get("date_published"))]
    raw.updated = [_string(item.get("date_modified"))]
    raw.categories = [tag for tag in map(_string, _list(item.get("tags"))) if tag]
    images = (_string(item.get("image")), _string(item.get("banner_image")))
    raw.pictures = [RawPicture(url) for url in images if url]
    raw.language = _string(item.get("language")) or None
    for attachment in _list(item.get("attachments")):
        if isinstance(attachment, dict) and (url := _string(attachment.get("url"))):
            size = attachment.get("size_in_bytes")
            raw.enclosures.append(
                RawLink(url, "enclosure", _string(attachment.get("mime_type")) or None, _identity(size))
            )
    return raw


def _identity(value: Any) -> str | None:
    """Return an id as text; numbers are converted, as the standard asks."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _string(str(value)) if isinstance(value, str | int | float) else None


def _string(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else _SURROGATE.sub("", value)


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str | dict) else []


def _text(item: dict[str, Any], key: str) -> Markup | None:
    value = _string(item.get(key))
    return Markup(value, TextKind.TEXT) if value else None


def _authors(item: dict[str, Any]) -> list[str]:
    """Return the `authors` of version 1.1, and the `author` of 1.0."""
    people = [*_list(item.get("authors")), *_list(item.get("author"))]
    found = [_string(person.get("name")) if isinstance(person, dict) else _string(person) for person in people]
    return [name for name in found if name]
