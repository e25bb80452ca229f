"""What every reader finds in a document, before `feeds.parse.build` cleans it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

MAX_ENTRIES = 5000  # of one document; the first ones are kept
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
    permalink: bool = False  # whether the guid is declared to be a URL
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
    problems: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # for each item that could not be read: the cause


def read_each(read: Callable[[Item], Result], items: Iterable[Item], raw: RawFeed) -> list[Result]:
    """The result of `read` for each item. Items at which it fails are left out and listed in `raw.skipped`."""
    found = []
    for item in items:
        try:
            found.append(read(item))
        except MemoryError:
            raise  # the other items would fail too
        except Exception as error:  # noqa: BLE001 - one item never costs another
            raw.skipped.append(f"{type(error).__name__}: {error}"[:200])
    return found


def within_limit(items: list[Item], raw: RawFeed, what: str = "items") -> list[Item]:
    """The first `MAX_ENTRIES` items; `raw.problems` says when there are more."""
    if len(items) > MAX_ENTRIES:
        raw.problems.append(f"{len(items)} {what}; the first {MAX_ENTRIES} are read")
    return items[:MAX_ENTRIES]
