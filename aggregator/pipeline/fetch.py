"""From due feeds to stored entries.

    records ──▶ fetch ──▶ parse ──▶ decide ──▶ full text ──▶ save
               (async)   (worker    (pure)     (async, when    (a thread; one transaction
                          process)              asked for)      for a batch of feeds)

Many feeds are under way at once; one writer saves what is finished in batches, since a commit costs a disk flush
whatever it holds. Nothing is held open during network calls, and the queue to the writer is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from aggregator.pipeline.descriptions import without_recurring
from aggregator.pipeline.fulltext import FullText
from aggregator.store.database import Database
from aggregator.store.errors import (
    Corrupt,
    DiskFailed,
    DiskFull,
    Locked,
    SchemaMissing,
    SchemaTooNew,
    StoreError,
    Unreachable,
)
from aggregator.store.intake import polls as store
from aggregator.store.records import FeedRecord, FetchRecord, Poll
from aggregator.system.clock import Clock
from feeds.decide import PollSettings, decide
from feeds.discovery.pool import Pages
from feeds.errors import FeedError, HttpStatus, Unexpected
from feeds.http.base import Fetcher, Hub, Request
from feeds.identity import needs_older_entries
from feeds.model import Entry, FeedPlan, Fetched, KnownEntry, Parsed
from feeds.parse.known import indexed_hashes, item_index, needs_full_parse, unchanged_items, with_unchanged_items

log = logging.getLogger(__name__)

BATCH = 64  # polls saved in one transaction at most
GATHER_SECONDS = 0.25  # how long a finished poll waits for others: a transaction costs as much as saving three polls
PAST = 100  # entries beside twice those of the document that are looked at where a feed may have renamed them
# What is wrong with the database itself, and so concerns every feed alike.
_DATABASE_FAILED = (Unreachable, Locked, DiskFull, DiskFailed, Corrupt, SchemaTooNew, SchemaMissing)
Progress = Callable[["Polled"], None]


class Parser(Protocol):
    """Reads a body somewhere off the event loop."""

    async def parse(self, body: bytes, url: str, headers: dict[str, str], known: Collection[bytes] = ()) -> Parsed:
        """The feed in `body`, without the items whose digests are `known`. Raises ParseError."""
        ...


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll came to, for a person: `code` is None when all went well."""

    feed: FeedRecord
    new: int = 0
    changed: int = 0
    unchanged: bool = False
    status: int | None = None
    code: str | None = None
    message: str = ""
    hint: str = ""
    elapsed: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Intake:
    """The ports of this stage. `owner` is whose leases the records are under.

    At most `concurrency` feeds are between request and decision at one time, however many calls of `poll` are under way: so
    many bodies are held, whatever the number of feeds.
    """

    db: Database
    source: Fetcher
    parser: Parser
    clock: Clock
    owner: str
    settings: PollSettings = field(default_factory=PollSettings)
    full_text: FullText | None = None
    concurrency: int = 64
    hub: Hub | None = None
    pages: Pages | None = None
    slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.concurrency)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the network and the parser gave for one feed.

    `noted` is the note that is stored of its last document, and `repeats` the items that were not read again because of it.
    """

    fetched: Fetched | FeedError
    parsed: Parsed | FeedError | None = None
    noted: bytes = b""
    repeats: Mapping[bytes, KnownEntry] = field(default_factory=dict)


async def poll(intake: Intake, records: Sequence[FeedRecord], on_result: Progress | None = None) -> list[Polled]:
    """Poll every record and save what came of it; a feed that fails costs no other. Returns them in order of completion."""
    finished: asyncio.Queue[tuple[Poll, Polled] | None] = asyncio.Queue(maxsize=2 * BATCH)
    waiting = iter(records)
    workers = min(intake.concurrency, len(records))
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(_write(intake, finished, on_result))
        async with asyncio.TaskGroup() as polls:
            for _ in range(workers):
                polls.create_task(_work(intake, waiting, finished))
        await finished.put(None)
    return writer.result()


async def _work(
    intake: Intake, waiting: Iterator[FeedRecord], finished: asyncio.Queue[tuple[Poll, Polled] | None]
) -> None:
    for record in waiting:
        async with intake.slots:
            polled = await _tried(intake, record)
        await finished.put(polled)


async def _tried(intake: Intake, record: FeedRecord) -> tuple[Poll, Polled]:
    """One feed polled; an error that nobody foresaw is that feed's failure. What the database cannot do is raised."""
    try:
        return await _poll_one(intake, record)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one feed never costs another
        return _failed(intake, record, error)


def _failed(intake: Intake, record: FeedRecord, error: Exception) -> tuple[Poll, Polled]:
    log.warning("feed failed", extra={"fields": {"feed": record.label, "error": str(error)}}, exc_info=error)
    answer = _Answer(Unexpected.of(error, record.url))
    now = intake.clock.now()
    plan = decide(now, record.state, answer.fetched, None, (), settings_for(intake.settings, record, now))
    return Poll(record.id, plan, _history(answer, now), None), _account(record, plan, answer)


async def _poll_one(intake: Intake, record: FeedRecord) -> tuple[Poll, Polled]:
    answer = await _read(intake, record, await _fetch(intake, record))
    plan, now = await _decide(intake, record, answer)
    if answer.repeats and needs_full_parse(plan, answer.repeats):
        answer = await _read(intake, record, answer.fetched, whole=True)
        plan, now = await _decide(intake, record, answer)
    if plan.new or plan.changed:
        first = not record.state.polls
        plan = await asyncio.to_thread(without_recurring, intake.db, record.id, plan, first=first)
    if intake.full_text is not None and (plan.new or plan.changed):
        complete = intake.full_text.complete
        changed, failures = await complete(record, plan.changed, frozenset())
        new, more = await complete(record, plan.new, plan.backlog)
        notes = (*plan.notes, *dict.fromkeys((*failures, *more)))
        plan = replace(plan, new=new, changed=changed, notes=notes)
    if isinstance(answer.parsed, Parsed) and answer.parsed.skipped:
        plan = replace(plan, notes=(*plan.notes, _skipped(answer.parsed.skipped)))
    noted = item_index(answer.parsed) if isinstance(answer.parsed, Parsed) else answer.noted
    added = sum(map(_size, (*plan.new, *plan.changed)))
    history = replace(_history(answer, now), added_bytes=added)
    poll = Poll(record.id, plan, history, noted if noted != answer.noted else None)
    return poll, _account(record, plan, answer)


def _size(entry: Entry) -> int:
    """The bytes of an entry's texts in the database."""
    texts = (entry.title, entry.text, entry.summary_html, entry.content_html)
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def _skipped(causes: Sequence[str]) -> str:
    return f"{len(causes)} {'item' if len(causes) == 1 else 'items'} left out: {causes[0]}"


async def _fetch(intake: Intake, record: FeedRecord) -> Fetched | FeedError:
    trusted = bool(record.options.get("allow_private", False))
    try:
        return await intake.source.fetch(Request(record.url, validators=record.state.validators, allow_private=trusted))
    except FeedError as error:
        return error


async def _read(intake: Intake, record: FeedRecord, fetched: Fetched | FeedError, *, whole: bool = False) -> _Answer:
    """The answer parsed, if there is anything to parse; items that came before are not read again unless `whole`."""
    if isinstance(fetched, FeedError) or fetched.body is None:
        return _Answer(fetched)
    noted, repeated = b"", dict[bytes, KnownEntry]()
    if record.state.polls and record.state.validators.body_hash and not whole:
        noted, repeated = await asyncio.to_thread(_repeats, intake.db, record)
    try:
        parsed = await intake.parser.parse(fetched.body, fetched.final_url, fetched.headers, repeated.keys())
    except FeedError as error:
        return _Answer(fetched, error, noted)
    return _Answer(fetched, with_unchanged_items(parsed, repeated), noted, repeated)


def _repeats(db: Database, record: FeedRecord) -> tuple[bytes, dict[bytes, KnownEntry]]:
    noted = store.item_notes(db, record.id)
    known = store.known_entries(db, record.id, (), hashes=indexed_hashes(noted)) if noted else []
    return noted, unchanged_items(noted, known)


async def _decide(intake: Intake, record: FeedRecord, answer: _Answer) -> tuple[FeedPlan, datetime]:
    known: Sequence[KnownEntry] = ()
    if isinstance(answer.parsed, Parsed) and record.state.polls:
        known = await asyncio.to_thread(_known, intake.db, record, answer.parsed, answer.repeats)
    now = intake.clock.now()
    settings = settings_for(intake.settings, record, now)
    return decide(now, record.state, answer.fetched, answer.parsed, known, settings), now


def _known(db: Database, record: FeedRecord, parsed: Parsed, repeated: Mapping[bytes, KnownEntry]) -> list[KnownEntry]:
    found = {item.guid: item for item in repeated.values()}
    standing = {(item.guid, item.content_hash) for item in repeated.values()}
    read = [entry for entry in parsed.entries if (entry.guid, entry.content_hash) not in standing]
    if read or parsed.tombstones:
        known = store.known_entries(
            db,
            record.id,
            guids=[*(entry.guid for entry in read), *(stone.ref for stone in parsed.tombstones)],
            links=[entry.link for entry in read if entry.link],
            hashes=[entry.content_hash for entry in read],
        )
        found.update((item.guid, item) for item in known)
    if needs_older_entries(parsed.entries, list(found.values()), record.state.last_success):
        for item in store.recent_entries(db, record.id, limit=PAST + 2 * len(parsed.entries)):
            found.setdefault(item.guid, item)
    return list(found.values())


def settings_for(settings: PollSettings, record: FeedRecord, now: datetime) -> PollSettings:
    """The poll settings with what the subscription says for itself (`interval`, seconds), and seldom where a hub calls."""
    interval = record.options.get("interval")
    if interval:
        return replace(settings, fixed_interval=float(interval))
    if record.pushed_until is not None and record.pushed_until > now:
        return replace(settings, pushed=True)
    return settings


def _history(answer: _Answer, now: datetime) -> FetchRecord:
    fetched, parsed = answer.fetched, answer.parsed
    failure = _failure(answer)
    record = FetchRecord(at=now, code=failure.code if failure else None, message=failure.message if failure else "")
    if isinstance(fetched, Fetched):
        record = replace(
            record,
            status=fetched.status,
            final_url=fetched.final_url,
            wire_bytes=fetched.wire_bytes,
            elapsed=fetched.elapsed,
        )
    elif isinstance(fetched, HttpStatus):
        record = replace(record, status=fetched.status)
    if isinstance(parsed, Parsed):
        record = replace(
            record, seen=len(parsed.entries), parser=parsed.parser, title=parsed.title or None, site=parsed.site
        )
    return record


def _failure(answer: _Answer) -> FeedError | None:
    if isinstance(answer.fetched, FeedError):
        return answer.fetched
    return answer.parsed if isinstance(answer.parsed, FeedError) else None


def _account(record: FeedRecord, plan: FeedPlan, answer: _Answer) -> Polled:
    failure = _failure(answer)
    fetched = answer.fetched
    return Polled(
        feed=record,
        new=len(plan.new),
        changed=len(plan.changed),
        unchanged=isinstance(fetched, Fetched) and fetched.unchanged,
        status=fetched.status if isinstance(fetched, Fetched | HttpStatus) else None,
        code=failure.code if failure else None,
        message=failure.message if failure else "",
        hint=failure.hint if failure else "",
        elapsed=fetched.elapsed if isinstance(fetched, Fetched) else 0.0,
        notes=plan.notes,
    )


async def _gather(finished: asyncio.Queue[tuple[Poll, Polled] | None]) -> list[tuple[Poll, Polled] | None]:
    """What is to be saved together: all that comes within `GATHER_SECONDS` of the first, up to a full batch or the end."""
    batch = [await finished.get()]
    try:
        async with asyncio.timeout(GATHER_SECONDS):
            while len(batch) < BATCH and batch[-1] is not None:
                batch.append(await finished.get())
    except TimeoutError:
        pass
    return batch


async def _write(
    intake: Intake, finished: asyncio.Queue[tuple[Poll, Polled] | None], on_result: Progress | None
) -> list[Polled]:
    done: list[Polled] = []
    more = True
    while more:
        batch = await _gather(finished)
        more = None not in batch
        pairs = [pair for pair in batch if pair is not None]
        if not pairs:
            continue
        for outcome in await asyncio.to_thread(_save, intake, pairs):
            done.append(outcome)
            if on_result:
                on_result(outcome)
    return done


def _save(intake: Intake, pairs: Sequence[tuple[Poll, Polled]]) -> list[Polled]:
    """Save a batch, and feed by feed where it cannot be saved as a whole. Raises StoreError when the database fails."""
    try:
        saved = store.save_polls(intake.db, [poll for poll, _ in pairs], intake.owner, intake.clock.now())
    except _DATABASE_FAILED:
        raise
    except Exception as error:  # noqa: BLE001 - one feed never costs another
        if len(pairs) > 1:
            return [outcome for pair in pairs for outcome in _save(intake, [pair])]
        return [_save_failure(intake, pairs[0][1].feed, error)]
    return [_lease_lost(polled) if poll.feed_id in saved.lost else polled for poll, polled in pairs]


def _save_failure(intake: Intake, record: FeedRecord, error: Exception) -> Polled:
    """Save that a feed's poll could not be saved: its next poll is put off, as after any failure."""
    poll, polled = _failed(intake, record, error)
    saved = store.save_polls(intake.db, [poll], intake.owner, intake.clock.now())
    return _lease_lost(polled) if saved.lost else polled


def _lease_lost(polled: Polled) -> Polled:
    return replace(
        polled, new=0, changed=0, code="lease", message="another process took this feed over meanwhile", hint=""
    )
