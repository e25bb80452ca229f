"""From ungrouped entries to stories: one decision for each entry in order of arrival, saved in batches.

The engine's live window is kept in memory. Another process may group meanwhile (a one-off `fetch` beside the daemon), so a
lease lets one group at a time, and a mark in the store says who grouped last: if it was somebody else, the window is read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.origins import origin_of
from aggregator.store import leases, meta
from aggregator.store.database import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.stories import readings as comparisons
from aggregator.store.stories import search
from aggregator.store.stories import stories as story_store
from aggregator.stories.copies.copies import ComparedText
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Action, Decision, Document, Move

BATCH = 500
LEASE = timedelta(minutes=2)
_LEASE_KEY = "grouping"
_MARK_KEY = "grouped-by"


@dataclass(frozen=True, slots=True)
class Grouped:
    """What one run did."""

    entries: int = 0
    opened: int = 0
    joined: int = 0
    carried: int = 0
    merged: int = 0

    def plus(self, decisions: Sequence[Decision]) -> Grouped:
        """The count with these decisions added."""

        def count(action: Action) -> int:
            return sum(d.action is action for d in decisions)

        return Grouped(
            entries=self.entries + len(decisions),
            opened=self.opened + count(Action.OPENS),
            joined=self.joined + count(Action.JOINS) + count(Action.BRIDGES),
            carried=self.carried + count(Action.CARRIES),
            merged=self.merged + sum(len(d.merged) for d in decisions),
        )


@dataclass(frozen=True, slots=True)
class _StoredTexts:
    """The texts of entries as the database has them, so that none are held in memory."""

    db: Database

    def read(self, entries: Sequence[int]) -> dict[int, ComparedText]:
        return story_store.texts(self.db, entries)

    def keep(self, document: Document) -> None:
        """The database has it."""

    def drop(self, entry: int) -> None:
        """The database keeps it."""


class GroupingStage:
    """Holds the live window; not safe for several threads at once. `window` is how long a story stays open."""

    def __init__(
        self, db: Database, describer: Describer, make: Callable[[], Grouper], owner: str, window: timedelta
    ) -> None:
        self.describer = describer
        self._db = db
        self._make = make
        self._owner = owner
        self._window = window
        self._grouper: Grouper | None = None
        self._run = 0

    def run(self, now: datetime, on_batch: Callable[[int], None] | None = None) -> Grouped:
        """Group everything that waits. Idempotent: what was saved is not looked at again."""
        if not entry_store.ungrouped(self._db, 1):
            return Grouped()  # an idle tick reads one row and writes nothing
        if not leases.acquire(self._db, _LEASE_KEY, self._owner, now, LEASE):
            return Grouped()  # another process is at it
        try:
            return self._run_all(now, on_batch)
        finally:
            leases.release(self._db, _LEASE_KEY, self._owner)

    def _run_all(self, now: datetime, on_batch: Callable[[int], None] | None) -> Grouped:
        done = Grouped()
        while waiting := entry_store.ungrouped(self._db, BATCH):
            leases.acquire(self._db, _LEASE_KEY, self._owner, now, LEASE)
            grouper = self._current(now)
            grouper.prepare([entry.document for entry in waiting])
            decisions = [grouper.add(entry.document) for entry in waiting]
            self._save(decisions, [], now)
            comparisons.save(
                self._db, grouper.form, grouper.readings(d.article for d in decisions if d.article == d.entry)
            )
            done = done.plus(decisions)
            if on_batch:
                on_batch(len(decisions))
        if done.entries:
            grouper = self._current(now)
            moves = grouper.tidy(now)
            if moves:
                self._save([], moves, now)
        while search.index_entries(self._db, BATCH):
            pass
        return done

    def _current(self, now: datetime) -> Grouper:
        mark = f"{self._owner} {self._run}"
        if self._grouper is None or meta.get(self._db, _MARK_KEY) != mark:
            self._grouper = self._make()
            self._grouper.read_from(_StoredTexts(self._db))
            self._grouper.restore(story_store.placed(self._db, now - self._window, self._grouper.form))
        # Before anything is decided, so that a window just read and one that lived on have forgotten the same.
        if self._grouper.forget(now):
            comparisons.prune(self._db, now - self._window)
        return self._grouper

    def _save(self, decisions: Sequence[Decision], moves: Sequence[Move], now: datetime) -> None:
        story_store.save_grouping(self._db, decisions, moves, now=now)
        self._run += 1
        meta.put(self._db, _MARK_KEY, f"{self._owner} {self._run}")
        touched = {d.story for d in decisions} | {m.from_story for m in moves} | {m.to_story for m in moves}
        self.describe(touched, now, {d.article for d in decisions})

    def describe(self, stories: set[str], now: datetime, grown: Collection[int] = ()) -> None:
        """Say anew what these stories are about, and those that a crash left unsaid; and whose the `grown` articles are."""
        unsaid = set(story_store.undescribed(self._db))
        wanted = stories | unsaid
        if not wanted:
            return
        articles = story_store.article_ids(self._db, wanted)
        entries = entry_store.article_entries(self._db, [a for found in articles.values() for a in found])
        updates = [
            self.describer.describe(story, told)
            for story, found in articles.items()
            if (told := sorted((e for a in found for e in entries.get(a, ())), key=lambda e: e.id))
        ]
        judged = {*grown, *(a for story in unsaid for a in articles.get(story, ()))}
        origins = [origin_of(a, entries[a]) for a in sorted(judged) if entries.get(a)]
        story_store.save_grouping(self._db, [], stories=updates, origins=origins, now=now)
