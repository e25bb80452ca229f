"""What the store's functions take and give back about feeds, entries and stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds.model import Enclosure, FeedPlan, FeedState

if TYPE_CHECKING:  # a look at unchanged feeds needs neither stories nor digests
    from aggregator.stories.model import Document, Evidence
    from digests.model import FeedTrouble, Match


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
    pushed_until: datetime | None = None  # its hub tells of news until then

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
    """One poll's outcome on its way into the store: one of many in `save_polls`.

    `noted` is the note of what was read (see `feeds.parse.known`), None to keep the one that is there.
    """

    feed_id: int
    plan: FeedPlan
    fetch: FetchRecord
    noted: bytes | None = None


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
    feed_site: str | None = None
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
        from aggregator.stories.model import Document

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
            feed=str(self.feed_id),
        )


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


def host(url: str) -> str:
    """Return the host of an address without `www.`: the last resort for an outlet's name."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
