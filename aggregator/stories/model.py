"""The values that cross the borders of the story engine. All immutable; every instant is aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from digests.reasons import Reason


@dataclass(frozen=True, slots=True)
class Document:
    """One entry on its way into the stories, in order of arrival.

    `entry` is the store's key. `source` names the outlet, `feed` the feed that it came in. `published` may be missing or wrong and is never trusted alone.
    """

    entry: int
    title: str
    text: str
    arrived: datetime
    source: str = ""
    language: str | None = None
    published: datetime | None = None
    url: str | None = None  # canonical
    links: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    feed: str = ""


class Action(StrEnum):
    """What happened to a document."""

    CARRIES = "carries"  # the same text as a known article
    OPENS = "opens"  # a new story
    JOINS = "joins"  # a new article of a known story
    BRIDGES = "bridges"  # a new article that makes several stories one


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against, in words a reader understands. `weight` is its part of the decision."""

    view: str  # title, body, names, numbers, time, links, same-text …
    weight: float
    detail: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the engine decided about one document.

    `article` is the entry whose article it became part of (its own when it is the first). `story` is the story's stable
    id. `merged` are ids of stories that ended in `story`. `score` is the engine's confidence from 0 to 1.
    """

    entry: int
    article: int
    story: str
    action: Action
    score: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A late change: an article left one story for another, or a story was split. Recorded with its reason."""

    article: int
    from_story: str
    to_story: str
    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A stored document with where it was put: what the engine is rebuilt from after a restart."""

    document: Document
    article: int
    story: str
    reading: bytes | None = (
        None  # of an article's own document, where it was kept (see `stored`): its text is not needed then
    )


@dataclass(frozen=True, slots=True)
class Topic:
    """A section of a digest, as configured. `words` and `examples` say what belongs there; `feeds` always do."""

    name: str
    description: str = ""
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # feed categories that mean this topic


@dataclass(frozen=True, slots=True)
class Interest:
    """What the user wants more of. `examples` are texts; boilerplate is cut by the engine, not by the caller."""

    name: str
    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()  # negative examples
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A confidence from 0 to 1 and its reasons."""

    name: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """The `[stories]` table. `granularity`: fine (one happening), event (the default), saga (a running affair)."""

    granularity: str = "event"
    languages: tuple[str, ...] = field(default=())
    window: timedelta = timedelta(days=14)  # longest quiet that a story outlives
