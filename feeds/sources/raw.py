"""What every reader finds in a document, before `feeds.parse.build` cleans it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from feeds.parse.dates import parse_date
from feeds.parse.known import DIGEST

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_ENTRIES = 5000  # of one document; the newest ones are read
Item = TypeVar("Item")
Result = TypeVar("Result")

# Types of media elements that only have a medium.
MEDIA = {"image": "image/*", "video": "video/*", "audio": "audio/*"}


class TextKind(StrEnum):
    """What the document says a text is."""

    TEXT = "text"
    HTML = "html"
    UNKNOWN = "unknown"  # RSS does not say; the text itself decides


@dataclass(slots=True)
class Markup:
    """A text with its kind and the base of its relative links (None: the feed's URL)."""

    value: str
    kind: TextKind = TextKind.UNKNOWN
    base: str | None = None


@dataclass(slots=True)
class RawLink:
    """A link of a feed or an entry, as written. `length` in bytes, as written."""

    href: str
    rel: str = "alternate"
    type: str | None = None
    length: str | None = None
    base: str | None = None


@dataclass(slots=True)
class RawPicture:
    """An image of an entry, with its size in pixels where the feed gives one."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class RawEntry:
    """One item as written. Lists are in order of trust, best first."""

    guid: str | None = None
    permalink: bool = False  # whether the document says that the guid is a URL; saying nothing counts for too little
    title: Markup | None = None
    links: list[RawLink] = field(default_factory=list)
    origin: str | None = None  # feedburner:origLink and similar elements
    summary: Markup | None = None
    contents: list[Markup] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    enclosures: list[RawLink] = field(default_factory=list)
    pictures: list[RawPicture] = field(default_factory=list)
    language: str | None = None
    source_title: str | None = None
    base: str | None = None


# What a digest is made of, without the texts: plain values, because the repr of other objects takes far longer.
_OTHER_PARTS = ("title", "summary", "contents", "links", "enclosures", "pictures")
_PLAIN_PARTS = attrgetter(*(part.name for part in fields(RawEntry) if part.name not in _OTHER_PARTS))
_LINK_PARTS = attrgetter("href", "rel", "type", "length", "base")
_PICTURE_PARTS = attrgetter("url", "width", "height")


def item_digest(item: RawEntry, digest: _Hash) -> bytes:
    """Return the digest of an item as written; `digest` has what it inherits. Long texts are added without repr()."""
    texts = [text for text in (item.title, item.summary, *item.contents) if text is not None]
    parts = (
        _PLAIN_PARTS(item),
        [*map(_LINK_PARTS, item.links)],
        [*map(_LINK_PARTS, item.enclosures)],
        [*map(_PICTURE_PARTS, item.pictures)],
        item.title is None,
        item.summary is None,
        " ".join([text.kind for text in texts]),
        [(text.base, len(text.value)) for text in texts],
    )
    digest.update(repr(parts).encode())
    for text in texts:
        digest.update(text.value.encode("utf-8", "surrogatepass"))
    return digest.digest()[:DIGEST]


@dataclass(slots=True)
class RawTombstone:
    """A deleted entry (`at:deleted-entry`), as written."""

    ref: str
    when: str = ""


@dataclass(slots=True)
class RawFeed:
    """A feed as written."""

    format: str
    parser: str
    title: Markup | None = None
    description: Markup | None = None
    links: list[RawLink] = field(default_factory=list)
    language: str | None = None
    authors: list[str] = field(default_factory=list)
    image: str | None = None
    updated: list[str] = field(default_factory=list)
    moved_to: str | None = None
    categories: list[str] = field(default_factory=list)
    ttl: str | None = None
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    period: str | None = None
    frequency: str | None = None
    base: str | None = None
    entries: list[RawEntry] = field(default_factory=list)
    tombstones: list[RawTombstone] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)  # URL and date of each sitemap of an index
    problems: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)  # what was not read because the document is too large
    skipped: list[str] = field(default_factory=list)  # for each item that could not be read: the cause


def read_each(read: Callable[[Item], Result], items: Iterable[Item], raw: RawFeed) -> list[Result]:
    """Return the result of `read` for each item. Items at which it fails are left out and listed in `raw.skipped`."""
    found = []
    for item in items:
        try:
            found.append(read(item))
        except MemoryError:
            raise  # the other items would fail too
        except Exception as error:  # noqa: BLE001 - one item never costs another
            raw.skipped.append(f"{type(error).__name__}: {error}"[:200])
    return found


def newest(items: list[Item], raw: RawFeed, date_of: Callable[[Item], str | None], what: str = "items") -> list[Item]:
    """Return the newest items by `date_of`, at most `MAX_ENTRIES`, in their order; `raw.limits` says if there are more.

    An item without a date has that of the item before it. Without any date, the first items are the newest.
    """
    if len(items) <= MAX_ENTRIES:
        return items
    dates = _without_gaps([parse_date(date_of(item) or "") for item in items])
    kept = "newest" if dates else "first"
    raw.limits.append(f"too large: it has {len(items)} {what}, of which the {kept} {MAX_ENTRIES} are read")
    if not dates:
        return items[:MAX_ENTRIES]
    steps = [(one < two) - (one > two) for one, two in pairwise(dates)]
    later = 1 if sum(steps) > 0 else -1  # the direction in which a list goes on to newer items of the same date
    ranked = sorted(range(len(items)), key=lambda place: (dates[place], later * place), reverse=True)
    return [items[place] for place in sorted(ranked[:MAX_ENTRIES])]


def _without_gaps(dates: Sequence[datetime | None]) -> list[datetime]:
    """Return the dates, each missing one replaced by the one before it; empty without any date."""
    last = next((date for date in dates if date), None)
    if last is None:
        return []
    filled = []
    for date in dates:
        last = date or last
        filled.append(last)
    return filled
