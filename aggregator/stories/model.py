"""The values that the story engine takes and returns. All are immutable; all times are aware and in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digests.reasons import Reason


@dataclass(frozen=True, slots=True)
class Document:
    """One entry that is to be grouped.

    `entry` is the store's key. `source` is the outlet, `feed` the feed that has the entry. `published` may be missing
    or wrong and is never used alone.
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
    files: tuple[str, ...] = ()  # what identifies its enclosures (`feeds.identity.file_name`)

    def without_text(self) -> Document:
        """Return the document with nothing in it that is compared: for one at which the program fails."""
        return replace(self, title="", text="", url=None, links=(), authors=(), files=())


class Action(StrEnum):
    """What the engine did with a document."""

    CARRIES = "carries"  # it has the same text as a known article
    OPENS = "opens"  # it is the first article of a new story
    JOINS = "joins"  # it is a new article of a known story
    BRIDGES = "bridges"  # it is a new article by which several stories are merged


Values = tuple[str | float | tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against. `grouping.explain` renders it.

    `view` says what was compared, `weight` is its part of the log-odds, and `values` depend on the view: the shared
    words, the hours between two articles, or what differs (the new article's and the other's, alternately).
    """

    view: str  # title, body, names, numbers, time, links, same-text …
    weight: float
    values: Values = ()
    text: str = ""  # instead of values: the sentence that earlier versions stored


NEAREST = "nearest"  # the view with the entry that an article was compared with
MOVED = "moved"  # the view with the reason of a later move


def compared(event: Sequence[Evidence]) -> int | None:
    """Return the entry that the evidence of one event compares with."""
    return next((int(one.text or str(one.values[0])) for one in event if one.view == NEAREST), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """The engine's decision about one document.

    `article` is the entry that first had its text (its own entry if the text is new). `story` is the story's permanent
    id. `merged` are ids of stories that were merged into `story`. `score` is the engine's confidence from 0 to 1.
    """

    entry: int
    article: int
    story: str
    action: Action
    score: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    merged: tuple[str, ...] = ()


class MoveReason(StrEnum):
    """Why an article changes its story later. The codes are stored, so none may change."""

    LATER = "later"  # it is more similar to articles that came later
    GREW = "grew"  # both stories grew and are now about one event
    OTHER_EVENT = "other-event"  # its story is now about another event


@dataclass(frozen=True, slots=True)
class Move:
    """A late change: an article left one story for another, or a story was split."""

    article: int
    from_story: str
    to_story: str
    reason: MoveReason
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A stored document with its article and story, from which the engine is restored after a restart."""

    document: Document
    article: int
    story: str
    reading: bytes | None = None  # the stored features of an article (see `stored`), which replace its text


@dataclass(frozen=True, slots=True)
class Interest:
    """What the user wants more of. `examples` are texts, from which the engine removes boilerplate."""

    name: str
    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()  # negative examples
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """The name of a topic or interest, its confidence from 0 to 1, and the reasons."""

    name: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """The `[stories]` table. `granularity` is fine (one occurrence), event (default) or saga (a long development)."""

    granularity: str = "event"
    languages: tuple[str, ...] = field(default=())
    window: timedelta = timedelta(days=60)  # a story without new articles for this long is closed
    articles: int = 50_000  # held at most: of more, the stories without new articles for longest are closed
