"""From ungrouped entries to stories: one decision for each entry, saved in batches.

Entries that wait together are decided in order of publication: the order in which feeds responded changes nothing.

The engine's window of open stories is kept in memory. Another process may group too (a `digest` command beside the
daemon), so a lease lets one process group at a time. A mark in the database says which process grouped last; after
another process, the window is loaded again. Each write checks the number of the lease, so that a process which was
paused and wakes up late writes nothing.

An entry at which the program fails or hangs, or at which the process dies again and again, is set aside: it gets a
story without its text, so that it stops no others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.origins import origin_of
from aggregator.store import leases, meta
from aggregator.store.attempts import Attempts
from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost, StoreError
from aggregator.store.intake import entries as entry_store
from aggregator.store.intake.entries import Waiting
from aggregator.store.records import EntryRecord, StoryUpdate
from aggregator.store.stories import read_ahead, search
from aggregator.store.stories import readings as comparisons
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.read_ahead import ReadAhead
from aggregator.store.stories.record_file import RecordFile
from aggregator.stories.copies.copies import ComparedText
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.stored import fingerprint
from aggregator.stories.grouping.window import turn
from aggregator.stories.model import Action, Decision, Document, GroupingSettings, Move, Placed
from aggregator.system.alone import fault_of
from aggregator.system.hang import HangDetector, Hung
from aggregator.system.process import no_collection

log = logging.getLogger(__name__)

BATCH = 500
READ_BATCH = 100  # entries of the window that are read again in one step, which has a limit of time
TURN = timedelta(seconds=5)  # for which a polling thread waits until it may read ahead
LEASE = timedelta(minutes=2)
KEPT_LEASE = timedelta(seconds=20)  # of a writer that keeps its lease; its process renews it every few seconds
GROUPING_LEASE = "grouping"  # its name
_MARK_KEY = "grouped-by"


@dataclass(frozen=True, slots=True)
class Grouped:
    """The counts of one run."""

    entries: int = 0
    opened: int = 0
    joined: int = 0
    carried: int = 0
    merged: int = 0

    def plus(self, decisions: Sequence[Decision]) -> Grouped:
        """Return the counts with these decisions added."""

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
    """Texts of entries in the database, so that none are held in memory."""

    db: Database

    def read(self, entries: Sequence[int]) -> dict[int, ComparedText]:
        return story_store.texts(self.db, entries)

    def keep(self, document: Document) -> None:
        """Do nothing; the database has the text."""

    def drop(self, entry: int) -> None:
        """Do nothing; the database keeps the text."""


def by_publication(waiting: Sequence[Waiting], now: datetime) -> list[int]:
    """Return the ids of entries in order of publication."""
    ordered = sorted(waiting, key=lambda one: turn(one.id, one.title, one.published, one.arrived, now))
    return [one.id for one in ordered]


def release_grouping(db: Database, holder: str) -> None:
    """Give up the lease for grouping. What a run that is under way then writes is refused once another has it."""
    leases.release(db, GROUPING_LEASE, holder)


class GroupingStage:
    """Groups entries and holds the window of open stories. Not thread-safe.

    With `keeps_lease` it keeps the lease for grouping between two runs, because loading the window takes long. The
    lease is then short, and the process renews it regularly, so that another process follows soon after a crash.
    `hang` sees each small step, so that the process can interrupt one, and stops renewing when grouping hangs.
    """

    def __init__(
        self,
        db: Database,
        describer: Describer,
        make: Callable[[], Grouper],
        holder: str,
        clock: Callable[[], datetime] | None = None,
        *,
        keeps_lease: bool = False,
        hang: HangDetector | None = None,
    ) -> None:
        self.describer = describer
        self._db = db
        self._make = make
        self._holder = holder
        self._clock = clock
        self._keeps_lease = keeps_lease
        self._hang = hang or HangDetector()
        self._lease = KEPT_LEASE if keeps_lease else LEASE
        self._grouper: Grouper | None = None
        self._run = 0

    def run(self, now: datetime, on_batch: Callable[[int, int], None] | None = None) -> Grouped:
        """Group the entries that wait now. Idempotent: grouped entries are not grouped again.

        `on_batch` takes after each batch how many entries are grouped, and of how many.
        """
        if not self._keeps_lease and not entry_store.ungrouped(self._db, 1):
            return Grouped()  # an idle tick reads one row and writes nothing
        fence = leases.acquire_fenced(self._db, GROUPING_LEASE, self._holder, now, self._lease)
        if fence is None:
            return Grouped()  # another process is grouping
        plain = self._db
        self._db = plain.guarded(partial(leases.check, fence=fence))
        try:
            return self._run_all(now, on_batch)
        except LeaseLost:
            self._grouper = None  # it has decisions that were not written
            log.warning("another process groups now; it decides what this one did not write")
            return Grouped()
        except BaseException:
            self._grouper = None  # it may have decisions that were not written, or a part of the window
            raise
        finally:
            self._db = plain
            self._end_lease(now)

    def _end_lease(self, now: datetime) -> None:
        if self._keeps_lease:
            leases.extend(self._db, GROUPING_LEASE, self._holder, self._now(now), self._lease)
        else:
            leases.release(self._db, GROUPING_LEASE, self._holder)

    def _now(self, began: datetime) -> datetime:
        return self._clock() if self._clock else began

    def _run_all(self, now: datetime, on_batch: Callable[[int, int], None] | None) -> Grouped:
        done = Grouped()
        # Those that arrive meanwhile wait for the next run: composing must not wait for the end of a flood.
        waiting = by_publication(entry_store.waiting(self._db), now)
        attempts = Attempts(self._db, "group", partial(self._now, now))
        self._examine(attempts)
        self._finish(attempts, waiting, now)
        for ids in attempts.parts(waiting, BATCH):
            if done.entries:
                leases.extend(self._db, GROUPING_LEASE, self._holder, self._now(now), self._lease)
            decisions = self._decide(ids, now, attempts)
            done = done.plus(decisions)
            if on_batch:
                on_batch(done.entries, len(waiting))
        if done.entries:
            grouper = self._current(now, attempts)
            moves = grouper.tidy(now)
            if moves:
                self._save([], moves, now)
        while search.index_entries(self._db, BATCH):
            self._hang.note()
        return done

    def _examine(self, attempts: Attempts) -> None:
        """Set aside entries that end a process of their own; what killed the others may have come from outside."""
        for entry in entry_store.entries(self._db, [int(key) for key in attempts.doubtful]):
            self._hang.note()
            settings, document = self._make().settings, entry.document
            if why := fault_of(_read_alone, (settings, document), (settings, document.without_text())):
                attempts.set_aside(document.entry, why)
            self._hang.note()

    def _finish(self, attempts: Attempts, waiting: Sequence[int], now: datetime) -> None:
        """Try again what a process did with grouped entries when it died: it read them, or described their stories.

        The window is loaded before their tries end, because the tries count only until then: see `_restore`.
        """
        left = attempts.suspects - {str(key) for key in waiting}
        if left:
            self._current(now, attempts)
            entries = entry_store.entries(self._db, [int(key) for key in left])
            articles = {one.article_id for one in entries if one.article_id is not None}
            self.describe(comparisons.stories_of(self._db, articles), now, careful=True)
            attempts.ended(left)

    def _decide(self, ids: Sequence[int], now: datetime, attempts: Attempts) -> list[Decision]:
        """Decide and save these entries in this order."""
        known = {entry.id: entry.document for entry in entry_store.entries(self._db, ids)}
        documents = [_shown(known[key], attempts) for key in ids if key in known]
        grouper = self._current(now, attempts)  # before the try, which would count against these entries
        read = read_ahead.load(self._db, ids)
        known_readings = {
            d.entry: read[d.entry].reading for d in documents if _fits(read.get(d.entry), d, grouper.form)
        }
        with attempts.trying(ids):
            try:
                decisions = self._add_all(grouper, documents, known_readings)
            except (StoreError, MemoryError):
                raise
            except Exception:
                log.exception("grouping failed", extra={"fields": {"entries": len(documents)}})
                grouper, decisions = self._one_by_one(documents, now, attempts)
                known_readings = {}  # they were not used, and one may be of a text that is set aside
            self._save(decisions, [], now)
            self._keep_readings(grouper, decisions, known_readings)
        return decisions

    def _keep_readings(self, grouper: Grouper, decisions: Sequence[Decision], used: Mapping[int, bytes]) -> None:
        """Store the readings of new articles; those that were `used` are in the database already."""
        articles = [d.article for d in decisions if d.article == d.entry]
        comparisons.save(self._db, grouper.form, grouper.readings(a for a in articles if a not in used))
        ahead = read_ahead.held(self._db, [d.entry for d in decisions])  # some may have come since they were decided
        if ahead:
            read_ahead.take(self._db, used.keys() & set(articles), ahead)

    def _one_by_one(
        self, documents: Sequence[Document], now: datetime, attempts: Attempts
    ) -> tuple[Grouper, list[Decision]]:
        """Decide about documents of which one fails. After a failure the window is loaded again and filled again."""
        for document in documents:
            if not attempts.is_aside(document.entry):
                self._works(document, attempts)
        while True:
            self._grouper = None  # it has a part of the decisions
            grouper, decisions = self._current(now, attempts), list[Decision]()
            for document in documents:
                try:
                    decisions += self._add_all(grouper, [_shown(document, attempts)])
                except (StoreError, MemoryError):
                    raise
                except Exception as error:
                    if attempts.is_aside(document.entry):
                        raise
                    _fail(document, error, attempts)
                    break
            else:
                return grouper, decisions

    def _add_all(
        self, grouper: Grouper, documents: Sequence[Document], read: Mapping[int, bytes] = MappingProxyType({})
    ) -> list[Decision]:
        with self._hang.step():
            grouper.prepare([one for one in documents if one.entry not in read])
        decisions = []
        for document in documents:
            with self._hang.step():
                decisions.append(grouper.add(document, read.get(document.entry)))
        return decisions

    def _works(self, document: Document, attempts: Attempts) -> bool:
        """Return whether the program works at a document without others; set it aside if not."""
        try:
            with self._hang.step():
                self._make().add(document)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            _fail(document, error, attempts)
            return False
        return True

    def _current(self, now: datetime, attempts: Attempts) -> Grouper:
        mark = f"{self._holder} {self._run}"
        if self._grouper is None or meta.get(self._db, _MARK_KEY) != mark:
            try:
                self._grouper = self._loaded(now, attempts)
            except (StoreError, MemoryError):
                raise
            except Exception:
                if not self._set_failing_aside(now, attempts):
                    raise
                self._grouper = self._loaded(now, attempts)
        # Before any decision, so that a window just loaded and an older one hold the same stories.
        if self._grouper.forget(now):
            comparisons.prune(self._db, self._held_since(self._grouper, now))
        return self._grouper

    def _loaded(self, now: datetime, attempts: Attempts) -> Grouper:
        """Return an engine with the window; what is set aside is in it without its text."""
        grouper = self._make()
        path = self._db.sqlite_path
        grouper.keep_in(_StoredTexts(self._db), RecordFile(path.parent if path else None))
        extended = self._now(now)
        read_ahead.prune(self._db)
        with no_collection():
            for page in comparisons.placed_by_page(self._db, self._held_since(grouper, now), grouper.form):
                if self._now(now) - extended > self._lease / 4:  # a large window takes long
                    extended = self._now(now)
                    leases.extend(self._db, GROUPING_LEASE, self._holder, extended, self._lease)
                self._restore(grouper, page, attempts)
                again = [one.article for one in page if one.reading is None and one.article == one.document.entry]
                comparisons.save(self._db, grouper.form, grouper.readings(again))
        return grouper

    def _restore(self, grouper: Grouper, page: Sequence[Placed], attempts: Attempts) -> None:
        """Put a page into the window; what has to be read again may kill the process, so it is a try."""
        placed = {one.document.entry: one for one in page}
        # A copy has no reading and is not read, unless retention has deleted its article, which is too rare for a try.
        unread = {key for key, one in placed.items() if one.reading is None and one.article == key}
        for keys in attempts.parts(list(placed), READ_BATCH if unread else len(placed)):
            with attempts.trying(unread.intersection(keys)), self._hang.step():
                grouper.restore([replace(placed[k], document=_shown(placed[k].document, attempts)) for k in keys])

    def _set_failing_aside(self, now: datetime, attempts: Attempts) -> bool:
        """Set entries of the window aside that have to be read again and at which the program fails."""
        grouper = self._make()
        pages = comparisons.placed_by_page(self._db, self._held_since(grouper, now), grouper.form)
        waiting = (one.document for page in pages for one in page if one.reading is None)
        failing = [one for one in waiting if not attempts.is_aside(one.entry) and not self._works(one, attempts)]
        return bool(failing)

    def _held_since(self, grouper: Grouper, now: datetime) -> datetime:
        return story_store.held_since(self._db, now - grouper.settings.window, grouper.settings.articles)

    def _save(self, decisions: Sequence[Decision], moves: Sequence[Move], now: datetime) -> None:
        story_store.save_grouping(self._db, decisions, moves, now=now)
        self._run += 1
        meta.put(self._db, _MARK_KEY, f"{self._holder} {self._run}")
        touched = {d.story for d in decisions} | {m.from_story for m in moves} | {m.to_story for m in moves}
        self.describe(touched, now, {d.article for d in decisions})

    def _description(self, story: str, entries: Sequence[EntryRecord], attempts: Attempts) -> StoryUpdate:
        """Return the update of a story; one at which the program fails has a title and no topic."""
        plain = StoryUpdate(story, entries[0].title, entries[0].language)
        if attempts.is_aside(story):
            return plain
        try:
            with self._hang.step():
                return self.describer.describe(story, entries)
        except StoreError:
            raise
        except Hung as error:
            attempts.set_aside(story, str(error))
        except Exception:
            log.exception("a story cannot be described", extra={"fields": {"story": story}})
        return plain

    def _fault_of(self, story: str, entries: Sequence[EntryRecord]) -> str | None:
        """Return how describing a story ends a process of its own; None if it does not."""
        self._hang.note()
        first = entries[0]
        empty = EntryRecord(first.id, first.feed_id, "", first.arrived, "", "")
        describer = replace(self.describer, _known={})
        why = fault_of(_describe_alone, (describer, story, entries), (describer, story, [empty]))
        self._hang.note()
        return why

    def describe(
        self, stories: Collection[str], now: datetime, grown: Collection[int] = (), *, careful: bool = False
    ) -> None:
        """Update topics, interests and rules of these stories, and of those that a crash left without.

        Also updates the origins of the `grown` articles. Each story of the crash is a try of its own, and with
        `careful` each story.
        """
        undescribed = set(story_store.undescribed(self._db))
        wanted = {*stories, *undescribed}
        if not wanted:
            return
        attempts = Attempts(self._db, "describe", partial(self._now, now))
        articles = story_store.article_ids(self._db, wanted)
        entries = entry_store.article_entries(self._db, [a for found in articles.values() for a in found])
        suspects = wanted if careful else undescribed.difference(stories)
        updates, doubtful = [], attempts.doubtful
        for story, found in articles.items():
            of_story = sorted((e for a in found for e in entries.get(a, ())), key=lambda e: e.id)
            if of_story:
                if story in doubtful and (why := self._fault_of(story, of_story)):
                    attempts.set_aside(story, why)
                with attempts.trying(suspects.intersection([story])):
                    updates.append(self._description(story, of_story, attempts))
        changed = {*grown, *(a for story in undescribed for a in articles.get(story, ()))}
        origins = [origin_of(a, entries[a]) for a in sorted(changed) if entries.get(a)]
        story_store.save_grouping(self._db, [], stories=updates, origins=origins, now=now)


class ReadingStage:
    """Reads entries that were just stored, in the process that polled them. One thread at a time reads.

    At what fails, hangs or kills the process here, the stage that groups tries again, and sets it aside if it must.
    """

    def __init__(self, db: Database, make: Callable[[], Grouper], hang: HangDetector) -> None:
        self._db, self._make, self._hang = db, make, hang
        self._reader: Grouper | None = None
        self._lock = threading.Lock()

    def run(self, entries: Sequence[int]) -> None:
        """Read those of these entries that wait to be grouped, and store what was read. Never raises.

        While another thread reads for longer than `TURN`, perhaps with an encoder that does not respond, they are left
        out: polls must not wait for it.
        """
        if not self._lock.acquire(timeout=TURN.total_seconds()):
            log.warning("entries are not read ahead", extra={"fields": {"error": "another thread reads for too long"}})
            return
        try:
            for start in range(0, len(entries), READ_BATCH):
                self._read_all(read_ahead.waiting(self._db, entries[start : start + READ_BATCH]))
        except Exception as error:  # noqa: BLE001 - whoever groups reads these entries
            log.warning("entries are not read ahead", extra={"fields": {"error": str(error)}})
        finally:
            self._lock.release()

    def _read_all(self, documents: Sequence[Document]) -> None:
        reader = self._reader = self._reader or self._make()
        read = dict[int, ReadAhead]()
        with self._hang.step():
            reader.prepare(documents)
        for document in documents:
            try:
                with self._hang.step():
                    packed = reader.read(document)
                if packed is not None:
                    read[document.entry] = ReadAhead(reader.form, fingerprint(document), packed)
            except Exception as error:  # noqa: BLE001 - whatever it raises
                fields = {"entry": document.entry, "error": str(error)}
                log.warning("an entry is not read ahead", extra={"fields": fields})
        read_ahead.save(self._db, read)


def _read_alone(settings: GroupingSettings, document: Document) -> None:
    Grouper(settings).add(document)


def _describe_alone(describer: Describer, story: str, entries: Sequence[EntryRecord]) -> None:
    describer.describe(story, entries)


def _fits(read: ReadAhead | None, document: Document, form: str) -> bool:
    return read is not None and read.form == form and read.fingerprint == fingerprint(document)


def _shown(document: Document, attempts: Attempts) -> Document:
    return document.without_text() if attempts.is_aside(document.entry) else document


def _fail(document: Document, error: Exception, attempts: Attempts) -> None:
    log.error("an entry is grouped without its text", extra={"fields": {"entry": document.entry}}, exc_info=error)
    attempts.set_aside(document.entry, f"{type(error).__name__}: {error}")
