"""The records of entries and stories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feeds.identity import file_name
from feeds.model import Enclosure

if TYPE_CHECKING:
    from aggregator.stories.model import Document, Evidence
    from digests.model import Match


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry that arrived in a period, with its article and its story; None if it has none yet."""

    entry: int
    article: int | None
    story: str | None
    backlog: bool = False
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryName:
    """What lists show of an entry. `same_as` is another entry of its article, if there is one."""

    entry: int
    outlet: str
    title: str
    arrived: datetime
    link: str | None = None
    published: datetime | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """A stored entry. `arrived` is when it was first stored; `revised` is when its publisher last changed it."""

    id: int
    feed_id: int
    guid: str
    arrived: datetime
    title: str
    text: str
    outlet: str = ""  # the republished source, else the feed's name
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
        """The entry as input of the story engine."""
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
            files=tuple(file_name(one.url) for one in self.enclosures),
        )


@dataclass(frozen=True, slots=True)
class StoryUpdate:
    """New properties of a story, which replace the stored ones."""

    id: str
    title: str = ""
    language: str | None = None
    topics: tuple[Match, ...] = ()
    interests: tuple[Match, ...] = ()
    boost: float = 0.0
    must: bool = False
    muted: bool = False
    dropped: bool = False
    muted_by: str = ""
    terms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StoryRecord:
    """A stored story. `absorbed` are the ids of stories merged into it."""

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
    dropped: bool = False
    muted_by: str = ""
    terms: tuple[tuple[str, float], ...] = ()
    absorbed: tuple[str, ...] = ()
    articles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story in a list by topic: the time of its last article, and the names of its topics."""

    id: str
    last: datetime
    title: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """An event of a story (opened, carried, joined, bridged, merged, moved or split) and its evidence."""

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
    """An entry found by a search. A higher `rank` is better; ranks compare within one search only."""

    entry: int
    article: int | None
    story: str | None
    rank: float
