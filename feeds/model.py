"""The values that this package takes and returns. All are immutable; every datetime is aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter


class GuidOrigin(StrEnum):
    """Where an entry's guid comes from."""

    GUID = "guid"  # as published, never resolved against a URL
    LINK = "link"
    HASH = "hash"  # no guid and no link, or both used by other items: the hash of the content


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an entry. `length` in bytes."""

    url: str
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of one feed, cleaned.

    `guid` is the key within its feed. `link` is absolute and canonical; `link_published` is the link as the feed gave
    it, made absolute. `title`, `text` and `authors` are plain text without markup or boilerplate; `summary_html` and
    `content_html` are sanitized HTML. `published` is None when the feed gives no valid date; the store then uses the
    time of the first fetch. `teaser` is true when the publisher seems to have cut the text short.
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
    content_hash: str = ""  # of title, text, link and files: another hash is a revision
    teaser: bool = False
    source_title: str | None = None  # <source> of a republished item
    links: tuple[str, ...] = ()  # canonical URLs of links in the text: evidence for grouping
    title_published: str | None = None  # the title as published, markup and entities resolved; None if there was none
    full_text: bool = False  # the text was extracted from the entry's page

    def __reduce__(self) -> tuple[type[Entry], tuple[object, ...]]:
        """Pickle the values in order: four times as fast as the default of a frozen dataclass."""
        return Entry, _values_of(self)


_values_of = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The publisher deleted the entry with the guid `ref` (RFC 6721).

    `when` is None when the publisher gives no valid date.
    """

    ref: str
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedSitemap:
    """A sitemap that an index lists. `modified` is None without a valid date."""

    url: str
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """How often a feed asks to be polled. Seconds; hours 0-23 and days 0-6 (Monday is 0), both in UTC."""

    ttl: int | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    update_period: int | None = None  # sy:updatePeriod / sy:updateFrequency


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed feed, with its entries in document order."""

    format: str  # rss20, rss10, rss090, atom10, atom03, cdf, json11, sitemap …
    title: str = ""
    site: str | None = None
    description: str = ""
    language: str | None = None
    authors: tuple[str, ...] = ()
    image: str | None = None
    updated: datetime | None = None
    self_url: str | None = None
    hub: str | None = None
    moved_to: str | None = None  # itunes:new-feed-url and similar elements
    hints: Hints = field(default_factory=Hints)
    entries: tuple[Entry, ...] = ()
    parts: tuple[ListedSitemap, ...] = ()  # the sitemaps of an index, which has no entries of its own
    tombstones: tuple[Tombstone, ...] = ()  # at most one for each guid: the latest
    problems: tuple[str, ...] = ()  # descriptions of what was repaired
    limits: tuple[str, ...] = ()  # what was not read because the document is too large, for the operator
    parser: str = ""  # which reader was used: fast, feedparser, json, sitemap
    digests: tuple[bytes, ...] = ()  # of all items in order, also of those left out of `entries` because they are known
    skipped: tuple[str, ...] = ()  # for each item that could not be read: the cause
    distinct: bool = False  # no two of the entries have the same description; else it is not known


NEWSLETTER_SCHEME = "newsletter:"  # of the URL of a feed of mails, before its list or sender


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A newsletter in a mail. `sender` is its List-Id, else the address of From; `domain` is that of From."""

    sender: str
    name: str
    domain: str
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next request conditional. Saved only after the body was parsed."""

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
        """Whether the status says that the move is permanent."""
        return self.status in (301, 308)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: a body, or None when nothing changed (304, or the same bytes as before).

    `freshness` is how long the response may be cached, from Cache-Control and Expires.
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
    truncated: bool = False  # the body is incomplete: parse it, but do not send its validators next time

    @property
    def unchanged(self) -> bool:
        """Whether there is nothing to parse."""
        return self.body is None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is stored of a feed between two polls."""

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
    redirect_to: str | None = None  # target of a chain of permanent redirects, not adopted yet
    redirect_seen: int = 0  # polls in a row that led there
    aliases: tuple[str, ...] = ()  # URLs that this feed had before
    rate: float | None = None  # entries a day, smoothed
    polls: int = 0  # successful ones
    hints: Hints = field(default_factory=Hints)
    hub: str | None = None
    hub_topic: str | None = None  # the feed's URL as the hub knows it


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """A stored entry, as far as `feeds.identity` needs it."""

    guid: str
    content_hash: str
    link: str | None = None
    title: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The entries of one poll compared with the stored ones. Each entry is in exactly one of the three tuples.

    `changed` and `same` have the guid under which the entry is stored, even if the feed now uses another one.
    """

    new: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    same: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """The decision after one poll: the state to write, and which entries to insert and revise.

    `backlog` are the guids in `new` that are old news: stored and searchable, but never put into a digest. `withdrawn`
    are guids of stored entries that the publisher deleted; `restored` are entries that it deleted once and publishes
    again. `notes` are events for the history and the operator: moved, gone, recovered.
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
    """A link to a feed, found on a page."""

    url: str
    title: str = ""
    type: str = ""
    how: str = ""  # link, header, anchor, known-site, guess


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of an OPML file.

    `folder` is the path of the outlines above it; `folders` are all its paths, when it has several.
    """

    url: str
    title: str = ""
    site: str | None = None
    folder: tuple[str, ...] = ()
    folders: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractedArticle:
    """The text of a web page, as extracted. `confidence` from 0 to 1.

    `titles` are all titles that the page gives for itself: the declared ones, the <title> and the headings.
    """

    title: str = ""
    titles: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    canonical: str | None = None
    confidence: float = 0.0
