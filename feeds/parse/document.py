"""Which reader reads a body: the quick one, the quick one after repairing, or the thorough one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from feeds.errors import NotAFeed
from feeds.model import Parsed
from feeds.parse import doctype
from feeds.parse import encoding as sniff
from feeds.parse.build import build
from feeds.parse.repair import declare, repair
from feeds.sources import fast
from feeds.sources import json_feed as jsonfeed
from feeds.sources import tolerant as syndication
from feeds.sources.raw import RawFeed

MAX_TAGS = 30_000  # of a broken document that feedparser is asked to read: about two seconds
MAX_MARKS = 200_000  # ampersands and equals signs, likewise
_FEEDISH = re.compile(r"<(?:[\w.\-]{1,40}:)?(?:rss|feed|rdf|channel|item|entry)[\s>]", re.IGNORECASE)


def parse(body: bytes, url: str, headers: Mapping[str, str], known: Collection[bytes] = ()) -> Parsed:
    """See `feeds.parse.parse`."""
    text, problems = sniff.decode(body, headers)
    text = text.lstrip("\ufeff \t\r\n\0")
    if text.startswith(("{", "[")):
        raw = jsonfeed.read(text)
    else:
        raw = _xml(sniff.without_declaration(text), url, headers)
    raw.problems[:0] = problems
    return build(raw, url, known)


def _xml(text: str, url: str, headers: Mapping[str, str]) -> RawFeed:
    """The quick reader, then the quick reader after repairing the usual mistakes, then the thorough one."""
    bare, entities = doctype.cut(text)
    raw = fast.read(bare) if not entities else None
    if raw is not None:
        return raw
    fixed = declare(repair(bare, entities))
    raw = fast.read(fixed) if fixed != bare else None
    if raw is not None:
        raw.problems.append("illegal characters, entities or prefixes were fixed")
        return raw
    return _broken(fixed, url, headers)


def _thorough(text: str, headers: Mapping[str, str]) -> RawFeed:
    """The thorough reader's findings; none where it stumbles."""
    try:
        return syndication.read(text.encode("utf-8", "replace"), headers)
    except Exception as error:  # noqa: BLE001 - a large library on hostile ground: its accidents are the feed's fault
        return RawFeed(format="", parser="feedparser", problems=[f"feedparser failed: {type(error).__name__}"])


def _recovered(text: str) -> RawFeed | None:
    """What libxml2 makes of the wreck; None where that cannot be read."""
    try:
        return fast.read(text, recover=True)
    except ValueError:  # it lets bytes through that are no text
        return None


def _weight(raw: RawFeed) -> tuple[int, int]:
    """How much a reader saw: entries, then what they hold."""
    filled = sum(
        bool(item.title) + bool(item.links) + bool(item.guid) + bool(item.contents or item.summary)
        for item in raw.entries
    )
    return len(raw.entries), filled


def _broken(text: str, url: str, headers: Mapping[str, str]) -> RawFeed:
    """The thorough reader's findings; where it sees less than libxml2 does in the wreck, that one's.

    The thorough reader's time grows with the square of the nesting, so a document of very many tags is not given to it,
    or only its beginning.
    """
    if not _FEEDISH.search(text):
        raise NotAFeed(url=url)
    other = _recovered(text)
    if text.count("<") > MAX_TAGS or text.count("&") + text.count("=") > MAX_MARKS:
        if other is not None:
            other.problems.append("not well-formed, and too large for the thorough reader")
            return other
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])[: 5 * MAX_MARKS]
    raw = _thorough(text, headers)
    if other is not None:
        raw.tombstones = other.tombstones = other.tombstones or raw.tombstones
    if other is not None and _weight(other) > _weight(raw):
        other.problems = [*raw.problems, "read as far as it makes sense"]
        return other
    if not raw.format and not raw.entries:
        raise NotAFeed(url=url)
    if other is not None:
        raw.title, raw.links = raw.title or other.title, raw.links or other.links
        raw.language = raw.language or (other.language or "").split("\n")[0].strip() or None
    return raw
