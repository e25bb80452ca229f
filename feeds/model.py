"""The values that cross the borders of this package. All immutable; every instant is aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter


class GuidOrigin(StrEnum):
    """What stands in for an entry's identity."""

    GUID = "guid"  # as published, never joined to an address
    LINK = "link"
    HASH = "hash"  # neither given, or shared by other items: the content's own hash


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an entry. `length` in bytes."""

    url: str
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of one feed, cleaned: what the store, the page and the mail may hold.

    `guid` is the key within its feed. `link` is absolute and canonical; `link_published` is it as the feed gave it,
    made absolute. `title`, `text` and `authors` are plain text without markup or boilerplate; `summary_html` and
    `content_html` are sanitized HTML. `published` is None when the feed gives no possible instant (the store falls back to
    first seen). `teaser` says that the text looks cut short by the publisher.
    """

    guid: str
    guid_origin: GuidOrigin
    title: str
    link: str | None = None
    link_published: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary_html: str = ""
    content_html: str = ""
    text: str = ""
    language: str | None = None
    image: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[str, ...] = ()
    content_hash: str = ""  # of title, text and link: a change is a revision
    teaser: bool = False
    source_title: str | None = None  # <source> of a republished item
    links: tuple[str, ...] = ()  # canonical addresses of links inside the text: evidence for grouping
    title_published: str | None = None  # the title as published, markup and entities resolved; None if there was none
    full_text: bool = False  # the text is that of the entry's page

    def __reduce__(self) -> tuple[type[Entry], tuple[object, ...]]:
        """Pickled by its values in order: the way of a frozen dataclass takes four times as long, and forty come with a feed."""
        return Entry, _values_of(self)


_values_of = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A publisher's word that the entry of the guid `ref` was taken back (RFC 6721). `when` is None where no possible instant is given."""

    ref: str
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed says about when to come back. Seconds; hours 0-23 and days 0-6 (Monday is 0), both in UTC."""

    ttl: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    update_period: int | None = None  # sy:updatePeriod / sy:updateFrequency


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed as read: its own facts and its entries in document order."""

    format: str  # rss20, rss10, rss090, atom10, atom03, cdf, json11 …
    title: str = ""
    site: str | None = None
    description: str = ""
    language: str | None = None
    authors: tuple[str, ...] = ()
    image: str | None = None
    updated: datetime | None = None
    self_url: str | None = None
    hub: str | None = None
    moved_to: str | None = None  # itunes:new-feed-url and its like
    hints: Hints = field(default_factory=Hints)
    entries: tuple[Entry, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()  # at most one for each guid: the latest
    problems: tuple[str, ...] = ()  # what was repaired, in words
    parser: str = ""  # which path read it: fast, feedparser, json
    digests: tuple[bytes, ...] = ()  # of all items in order, those left out of `entries` as known included
    skipped: tuple[str, ...] = ()  # for each item that could not be read: the cause


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next request conditional; saved only after the body was parsed."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # for servers that ignore validators


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop. `permanent` is true of 301 and 308."""

    url: str
    status: int

    @property
    def permanent(self) -> bool:
        """Whether the publisher said that the move is for good."""
        return self.status in (301, 308)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: a body, or word that nothing changed (`body` None: 304, or the same bytes as before).

    `freshness` is how long the publisher says the answer stays good, from Cache-Control and Expires.
    """

    url: str
    final_url: str
    status: int
    headers: dict[str, str]
    body: bytes | None
    validators: Validators = field(default_factory=Validators)
    redirects: tuple[Redirect, ...] = ()
    freshness: timedelta | None = None
    wire_bytes: int = 0
    elapsed: float = 0.0
    truncated: bool = False  # the body ended before its end: parse it, but ask for it whole next time

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to parse."""
        return self.body is None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between two polls."""

    url: str
    validators: Validators = field(default_factory=Validators)
    next_check: datetime | None = None
    last_check: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None  # when an entry last arrived
    failures: int = 0  # in a row
    error_code: str | None = None
    error_message: str | None = None
    gone: bool = False
    redirect_to: str | None = None  # candidate address of an unbroken permanent chain
    redirect_seen: int = 0  # how often in a row it was seen
    aliases: tuple[str, ...] = ()  # addresses this feed had before
    rate: float | None = None  # entries a day, smoothed
    polls: int = 0  # successful ones
    hints: Hints = field(default_factory=Hints)
    hub: str | None = None
    hub_topic: str | None = None  # the name by which the hub knows the feed


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What identity needs to know of an entry that is already stored."""

    guid: str
    content_hash: str
    link: str | None = None
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """One poll against what is known: each entry of the poll stands in exactly one of the three.

    `changed` and `same` carry the guid under which the entry is already stored, whatever the feed calls it today.
    """

    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    same: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """The decision after one poll: the state to write, and which entries to insert and revise.

    `backlog` holds the guids among `new` that are old news of a first fetch: stored, searchable, but not told. `withdrawn` are
    guids of stored entries that the publisher took back; `restored` entries that it took back once and publishes again.
    `notes` are events in words for the history and the owner: moved, gone, recovered.
    """

    state: FeedState
    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    backlog: frozenset[str] = frozenset()
    withdrawn: tuple[str, ...] = ()
    restored: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed found behind a page."""

    url: str
    title: str = ""
    type: str = ""
    how: str = ""  # link, header, anchor, known-site, guess


@dataclass(frozen=True, slots=True)
class Subscription:
    """One line of an OPML file. `folder` is the path of outline names above it; `folders` are all its paths, if there are others."""

    url: str
    title: str = ""
    site: str | None = None
    folder: tuple[str, ...] = ()
    folders: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """The full text of a web page, as extracted. `confidence` from 0 to 1."""

    title: str = ""
    text: str = ""
    html: str = ""
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    canonical: str | None = None
    confidence: float = 0.0
