"""What the store's functions take and give back. All immutable; every instant is aware and in UTC."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aggregator.stories.model import Document, Evidence
from digests.model import Edition, FeedTrouble, Kind, Match, Parcel
from digests.outbox import Delivery, State
from feeds.model import Enclosure, FeedPlan, FeedState

# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FeedConfigRow:
    """A subscription as the configuration has it. `options` are the feed's other settings, JSON values only."""

    url: str
    name: str = ""
    topic: str | None = None
    weight: float = 1.0
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed as stored: its subscription and its state. `state.url` is where it is now, `configured` what the user wrote."""

    id: int
    state: FeedState
    configured: str
    name: str = ""
    topic: str | None = None
    weight: float = 1.0
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""  # what the feed calls itself
    site: str | None = None
    subscribed: bool = True
    added: datetime | None = None

    @property
    def url(self) -> str:
        """Where to fetch it."""
        return self.state.url

    @property
    def label(self) -> str:
        """What a person calls it: the user's name for it, its own title, or its host."""
        return self.name or self.title or host(self.url)


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """What one poll met: a line of the feed's history. `code` None when all went well; `seen` entries stood in the feed.

    `title` and `site`, when given, become the feed's own; None leaves them.
    """

    at: datetime
    status: int | None = None
    code: str | None = None
    message: str = ""
    final_url: str = ""
    wire_bytes: int = 0
    elapsed: float = 0.0
    seen: int = 0
    parser: str = ""
    title: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll's outcome on its way into the store: one of many in `save_polls`."""

    feed_id: int
    plan: FeedPlan
    fetch: FetchRecord


@dataclass(frozen=True, slots=True)
class FetchHistory:
    """One stored line of a feed's history."""

    feed_id: int
    at: datetime
    status: int | None
    code: str | None
    message: str
    final_url: str
    wire_bytes: int
    elapsed: float
    seen: int
    new: int
    changed: int
    parser: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed is doing. `entries` in the window that was asked for, `per_day` their rate."""

    feed: FeedRecord
    entries: int
    per_day: float
    newest: datetime | None = None

    @property
    def state(self) -> FeedState:
        """The feed's state."""
        return self.feed.state


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What came in during a period: the numbers of an edition's footer."""

    feeds_checked: int = 0
    feeds_failed: int = 0
    feeds_silent: int = 0
    entries: int = 0
    articles: int = 0
    stories: int = 0
    troubles: tuple[FeedTrouble, ...] = ()


# ── entries and stories ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry as stored. `arrived` is when we first had it; `revised` when its publisher last changed it."""

    id: int
    feed_id: int
    guid: str
    arrived: datetime
    title: str
    text: str
    outlet: str = ""  # who speaks: the republished source, else the feed's name
    feed_url: str = ""
    feed_topic: str | None = None
    feed_weight: float = 1.0
    feed_options: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    link_published: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    revised: datetime | None = None
    language: str | None = None
    title_published: str | None = None
    image: str | None = None
    source_title: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[str, ...] = ()
    summary_html: str = ""
    content_html: str = ""
    content_hash: str = ""
    backlog: bool = False
    grouped: bool = False
    teaser: bool = False
    full_text: bool = False
    withdrawn: bool = False
    article_id: int | None = None

    @property
    def document(self) -> Document:
        """The entry as the story engine takes it."""
        return Document(
            entry=self.id,
            title=self.title,
            text=self.text,
            arrived=self.arrived,
            source=self.outlet,
            language=self.language,
            published=self.published,
            url=self.link,
            links=self.links,
            authors=self.authors,
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """What an entry said until `at`."""

    entry_id: int
    at: datetime
    title: str
    text: str
    link: str | None = None
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class StoryUpdate:
    """What is known of a story beyond its articles; overwrites what was."""

    id: str
    title: str = ""
    language: str | None = None
    topics: tuple[Match, ...] = ()
    interests: tuple[Match, ...] = ()
    boost: float = 0.0
    must: bool = False
    muted: bool = False
    terms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StoryRecord:
    """A story's own row. `absorbed` are ids that ended in it."""

    id: str
    first: datetime
    last: datetime
    title: str = ""
    language: str | None = None
    topics: tuple[Match, ...] = ()
    interests: tuple[Match, ...] = ()
    boost: float = 0.0
    must: bool = False
    muted: bool = False
    terms: tuple[tuple[str, float], ...] = ()
    absorbed: tuple[str, ...] = ()
    articles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One thing that happened to a story: opened, carried, joined, bridged, merged, moved or split, and why."""

    story: str
    at: datetime
    what: str
    entry: int | None = None
    article: int | None = None
    other_story: str | None = None
    score: float | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found by its words. `rank`: the higher, the better; comparable within one search only."""

    entry: int
    article: int | None
    story: str | None
    rank: float


# ── digests, editions, deliveries ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DigestConfigRow:
    """A digest as the configuration has it. `schedule` is cron and zone in one text: when it changes, `next_slot` counts anew."""

    name: str
    schedule: str
    next_slot: datetime | None


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """A digest's place in its schedule."""

    name: str
    schedule: str
    next_slot: datetime | None
    last_slot: datetime | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class RecipientConfigRow:
    """A recipient as the configuration has it. `key` is `channel:address`, such as `mail:ann@example.org`."""

    key: str
    language: str | None = None
    zone: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class RecipientRecord:
    """A recipient as stored. A paused one gets nothing; `reason` says why."""

    id: int
    key: str
    channel: str
    address: str
    language: str | None = None
    zone: str | None = None
    format: str | None = None
    paused: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to put into the outbox: the bytes as they will be sent, every time."""

    recipient_id: int
    message_id: str
    body: bytes
    sender: str = ""
    media_type: str = "message/rfc822"
    filename: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """An edition with all that is saved along with it. `recipient_ids` are those who are told by it.

    `articles` names, for each of its stories, all articles the story had when it was composed, shown or not: what joins
    later is new. Without it an item's own sources count as all.
    """

    edition: Edition
    document: str
    subject: str = ""
    deliveries: tuple[NewDelivery, ...] = ()
    recipient_ids: tuple[int, ...] = ()
    articles: Mapping[str, Collection[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """A stored edition. `document` is the whole of it as JSON, byte for byte as it was composed; empty in listings."""

    id: str
    digest: str
    slot: datetime
    audience: str
    composed: datetime
    period_start: datetime
    period_end: datetime
    items: int
    quiet: bool
    title: str
    subject: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A delivery as stored. `body` is empty in listings."""

    id: int
    edition_id: str
    recipient_id: int
    recipient_key: str
    channel: str
    address: str
    copy: int
    state: State
    attempts: int
    message_id: str
    sender: str
    subject: str
    media_type: str
    filename: str
    created: datetime
    updated: datetime
    digest: str = ""
    body: bytes = b""
    next_try: datetime | None = None
    expires: datetime | None = None
    sent_at: datetime | None = None
    reply_code: int | None = None
    detail: str = ""

    @property
    def outbox(self) -> Delivery:
        """What the outbox needs to know to decide the next step."""
        return Delivery(self.message_id, self.state, self.attempts, self.created, self.expires)

    @property
    def parcel(self) -> Parcel:
        """What the channel is handed."""
        return Parcel(self.id, self.address, self.message_id, self.sender, self.body, self.media_type, self.filename)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Deliveries whose owner died: `queued` had sent nothing, of `unknown` nobody knows."""

    queued: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger: this recipient was told this story by this edition."""

    recipient_id: int
    story: str
    edition_id: str
    kind: Kind
    at: datetime


@dataclass(frozen=True, slots=True)
class Spend:
    """What model calls cost on one day."""

    calls: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows retention emptied or took away."""

    emptied: int = 0  # entries that lost their texts and stay known
    entries: int = 0  # entries taken away whole
    stories: int = 0
    fetches: int = 0
    summaries: int = 0
    bodies: int = 0  # bytes of mails sent long ago; the editions stay


def host(url: str) -> str:
    """Return the host of an address without `www.`: the last resort for an outlet's name."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
