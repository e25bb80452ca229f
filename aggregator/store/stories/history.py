"""The history of a story in words: each event with the names of its articles and the reasons of the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aggregator.store.database import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.records import EntryRecord, StoryEvent
from aggregator.store.stories import stories
from aggregator.stories.grouping.explain import happening, reason
from aggregator.stories.model import NEAREST, compared
from digests.render.view.wording import Wording, english


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event in words: what happened to which article, why, and the most similar article at that time."""

    at: datetime
    text: str
    most_similar: str
    reasons: tuple[str, ...]


def story_history(
    db: Database, story_id: str, words: Wording | None = None, *, weighed: bool = False, limit: int | None = None
) -> list[EventLine]:
    """Return the first events of a story, oldest first; with `weighed`, reasons have their weights.

    Without `words` it is in English.
    """
    words = words or english()
    events = stories.events(db, story_id)[:limit]
    keys = {key for event in events for key in (event.entry, event.article, compared(event.evidence))}
    entries = {one.id: one for one in entry_store.entries(db, sorted(key for key in keys if key is not None))}
    return [_event_line(event, entries, words, weighed=weighed) for event in events]


def _event_line(event: StoryEvent, entries: Mapping[int, EntryRecord], words: Wording, *, weighed: bool) -> EventLine:
    entry, first, most_similar = (
        _entry_name(entries, key, event.at, words) for key in (event.entry, event.article, compared(event.evidence))
    )
    entry = entry or first
    other = f" {event.other_story}" if event.other_story else ""
    return EventLine(
        at=event.at,
        text=f"{happening(event.what, event.score, words)}{other}{entry and f': {entry}'}",
        most_similar=most_similar,
        reasons=tuple(
            _as_in(reason(one, words, weighed=weighed), first if event.what == "carried" else "", words)
            for one in event.evidence
            if one.view != NEAREST
        ),
    )


def _as_in(reason: str, first: str, words: Wording) -> str:
    return words.t("{reason} as in {entry}", reason=reason, entry=first) if first else reason


def _entry_name(entries: Mapping[int, EntryRecord], key: int | None, at: datetime, words: Wording) -> str:
    """Name an entry by outlet and title, and note a later change of its text; empty for a deleted entry."""
    entry = entries.get(key) if key is not None else None
    if entry is None:
        return ""
    named = words.t("{outlet}, “{title}”", outlet=entry.outlet, title=entry.title)
    return words.t("{entry} (changed since)", entry=named) if entry.revised and entry.revised > at else named
