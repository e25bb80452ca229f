"""Polling due feeds and storing their entries.

    records ──▶ fetch ──▶ parse ──▶ decide ──▶ full text ──▶ save
               (async)   (worker    (no I/O)   (async, if      (a thread; one transaction
                          process)              configured)     for a batch of feeds)

Many feeds are polled at once. One writer saves the results in batches, because each commit costs a disk flush.
No transaction is open during network calls, and the queue to the writer is bounded.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from aggregator.pipeline.fulltext import FullText
from aggregator.store.database import Database
from aggregator.store.errors import (
    Corrupt,
    DiskFailed,
    DiskFull,
    Locked,
    ReadOnly,
    SchemaMissing,
    SchemaTooNew,
    StoreError,
    Unreachable,
)
from aggregator.store.intake import polls as store
from aggregator.store.intake.pages import page_memory
from aggregator.store.records import FeedRecord, FetchRecord, Observation, PageMemory, PageRefusal, Poll
from aggregator.system.clock import Clock
from feeds.decide import PollSettings, conditions, decide
from feeds.discovery.pool import Pages
from feeds.errors import FeedError, HttpStatus, NotAFeed, Unexpected
from feeds.http.access import AccessTable
from feeds.http.base import ACCEPT_FEED, ACCEPT_PAGE, Fetcher, Hub, Request
from feeds.identity import needs_older_entries
from feeds.model import Entry, FeedPlan, Fetched, KnownEntry, Parsed, Redirect, Validators
from feeds.parse.known import indexed_hashes, item_index, needs_full_parse, unchanged_items, with_unchanged_items
from feeds.sources.parts import after_unchanged, own_validators, read_parts

log = logging.getLogger(__name__)

BATCH = 64  # maximum of polls in one transaction
# What one feed may add within a day. The largest feeds add some thousand entries; a first fetch brings at most 5,000.
MAX_DAILY_ENTRIES, MAX_DAILY_BYTES = 10_000, 64 * 1024 * 1024
GATHER_SECONDS = 0.25  # a finished poll waits so long for others: a transaction costs as much as saving three polls
_PAGE_BYTES = 500_000  # of a page that are searched for its feeds
_NAMED_FEEDS = 3  # feeds of a page that a message names
RENAME_LOOKBACK = 100  # entries compared where guids may have changed, in addition to twice the document's length
# Errors of the database itself, which affect every feed.
_DATABASE_FAILED = (Unreachable, Locked, DiskFull, ReadOnly, DiskFailed, Corrupt, SchemaTooNew, SchemaMissing)
Progress = Callable[["Polled"], None]


class Parser(Protocol):
    """Parses a feed outside the event loop."""

    async def parse(
        self,
        body: bytes,
        url: str,
        headers: dict[str, str],
        known: Collection[bytes] = (),
        page: Mapping[str, str] | None = None,
    ) -> Parsed:
        """Parse `body`, without the items whose hashes are `known`, by the selectors `page`. Raises ParseError."""
        ...


@dataclass(frozen=True, slots=True)
class Polled:
    """The result of a poll, for display. `code` is None when it succeeded."""

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
    """The ports of this stage. `holder` is the lease holder of the records.

    At most `concurrency` feeds are between request and decision at a time, in all calls of `poll` together. This limits
    the number of bodies in memory. No feed is begun while `may_begin` says no, because others may poll it by then.
    `on_stored` takes the ids of new entries, in a thread.
    """

    db: Database
    source: Fetcher
    parser: Parser
    clock: Clock
    holder: str
    settings: PollSettings = field(default_factory=PollSettings)
    full_text: FullText | None = None
    concurrency: int = 64
    hub: Hub | None = None
    pages: Pages | None = None
    access: AccessTable = field(default_factory=AccessTable)
    may_begin: Callable[[], bool] = lambda: True
    on_stored: Callable[[Sequence[int]], None] = lambda _: None
    slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.concurrency)


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of fetching and parsing one feed.

    `index` is the stored index of the last document's items, and `repeats` the items that were not parsed again.
    """

    fetched: Fetched | FeedError
    parsed: Parsed | FeedError | None = None
    index: bytes = b""
    repeats: Mapping[bytes, KnownEntry] = field(default_factory=dict)


_Decision = tuple[FeedPlan, Mapping[str, Observation]]
"""The plan, and what was observed of changed entries, by guid."""


async def poll(intake: Intake, records: Sequence[FeedRecord], on_result: Progress | None = None) -> list[Polled]:
    """Poll every record and save the results; return them as they complete. A failing feed does not affect others."""
    finished: asyncio.Queue[tuple[Poll, Polled] | None] = asyncio.Queue(maxsize=2 * BATCH)
    waiting = iter(records)
    workers = min(intake.concurrency, len(records))
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(_write(intake, finished, on_result))
        async with asyncio.TaskGroup() as polls:
            for _ in range(workers):
                polls.create_task(_poll_records(intake, waiting, finished))
        await finished.put(None)
    return writer.result()


async def _poll_records(
    intake: Intake, waiting: Iterator[FeedRecord], finished: asyncio.Queue[tuple[Poll, Polled] | None]
) -> None:
    for record in waiting:
        async with intake.slots:
            if not intake.may_begin():
                return
            polled = await _poll_safely(intake, record)
        await finished.put(polled)


async def _poll_safely(intake: Intake, record: FeedRecord) -> tuple[Poll, Polled]:
    """Poll one feed. An unexpected error becomes a failure of this feed. Raises StoreError."""
    try:
        return await _poll_one(intake, record)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - an error in one feed must not affect others
        return _unexpected(intake, record, error)


def _unexpected(intake: Intake, record: FeedRecord, error: Exception) -> tuple[Poll, Polled]:
    log.warning("feed failed", extra={"fields": {"feed": record.label, "error": str(error)}}, exc_info=error)
    result = _Result(Unexpected.of(error, record.url))
    now = intake.clock.now()
    plan = decide(now, record.state, result.fetched, None, (), settings_for(intake.settings, record, now))
    poll = Poll(record.id, plan, _history(result, now), due=record.state.next_check)
    return poll, _summary(record, plan, result)


async def _poll_one(intake: Intake, record: FeedRecord) -> tuple[Poll, Polled]:
    result = await _followed(intake, record, await _parse(intake, record, await _fetch(intake, record)))
    now = intake.clock.now()
    decision = await _decide(intake, record, result, now)
    if decision is None:
        result = await _parse(intake, record, result.fetched, whole=True)
        now = intake.clock.now()
        decision = await _decide(intake, record, result, now)
    assert decision is not None, "a document that was parsed whole is decided"
    plan, observed = decision
    refused: tuple[PageRefusal, ...] = ()
    if intake.full_text is not None and (plan.new or plan.changed):

        def memory() -> Awaitable[PageMemory]:
            return asyncio.to_thread(page_memory, intake.db, record.id, now)

        completed = await intake.full_text.complete(record, plan, memory, now)
        plan, refused = replace(completed.plan, notes=(*plan.notes, *completed.failures)), completed.refused
    if isinstance(result.parsed, Parsed) and result.parsed.skipped:
        plan = replace(plan, notes=(*plan.notes, _skipped(result.parsed.skipped)))
    index = item_index(result.parsed) if isinstance(result.parsed, Parsed) else result.index
    added = sum(map(entry_size, (*plan.new, *plan.changed)))
    history = _history(result, now, added)
    notes = index if index != result.index else None
    poll = Poll(record.id, plan, history, notes, refused, observed, record.state.next_check)
    return poll, _summary(record, plan, result)


async def _followed(intake: Intake, record: FeedRecord, result: _Result) -> _Result:
    """Return the result of the URL to which a page leads by a refresh, where there was such a page and no feed.

    It counts as a permanent redirect: static sites move their feeds so.
    """
    page = result.fetched
    if not isinstance(result.parsed, NotAFeed) or isinstance(page, FeedError):
        return result
    target = await asyncio.to_thread(_refresh_target, page)
    if target is None:
        return result
    try:
        found = await _get(intake, record, target, Validators())
    except FeedError:
        return result
    redirects = (*page.redirects, Redirect(target, 301), *found.redirects)
    after = await _parse(intake, record, replace(found, redirects=redirects))
    return result if isinstance(after.parsed, FeedError) else after


def _refresh_target(page: Fetched) -> str | None:
    from feeds.discovery.candidates import refresh_target

    return refresh_target(page.body or b"", page.final_url, page.headers)


def _admitted(db: Database, record: FeedRecord, plan: FeedPlan, now: datetime, distinct: bool) -> _Decision:
    """Return the plan with what may be stored, and what was observed of changed entries.

    `distinct`: all descriptions of the document differ.
    """
    if not (plan.new or plan.changed):
        return plan, {}
    from aggregator.pipeline.descriptions import only_content  # imported late: most polls bring nothing new

    first = not record.state.polls
    plan, observed = only_content(db, record.id, plan, first=first, distinct=distinct)
    if plan.new or plan.changed:
        added = (0, 0) if first else store.added_since(db, record.id, now - timedelta(days=1))
        plan = _within_quota(plan, *added)
    return plan, observed


def _within_quota(plan: FeedPlan, entries: int, size: int) -> FeedPlan:
    """Return the plan without what the feed may not add today; it is read again later if the feed still lists it.

    `entries` and `size` in bytes are what it added already.
    """
    new, changed = list[Entry](), list[Entry]()
    for one, kept in [*((one, new) for one in plan.new), *((one, changed) for one in plan.changed)]:
        entries, size = entries + 1, size + entry_size(one)
        if entries > MAX_DAILY_ENTRIES or size > MAX_DAILY_BYTES:
            break
        kept.append(one)
    left_out = len(plan.new) + len(plan.changed) - len(new) - len(changed)
    if not left_out:
        return plan
    most = f"{MAX_DAILY_ENTRIES} entries or {MAX_DAILY_BYTES >> 20} MiB"
    note = f"{left_out} entries left out for a day: the feed adds more than {most} a day"
    state = replace(plan.state, validators=Validators())  # so that the document is read again
    return replace(plan, state=state, new=tuple(new), changed=tuple(changed), notes=(*plan.notes, note))


def entry_size(entry: Entry) -> int:
    """Return the size of an entry's texts in bytes."""
    texts = (entry.title, entry.text, entry.summary_html, entry.content_html)
    return sum(len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts)


def _skipped(causes: Sequence[str]) -> str:
    return f"{len(causes)} {'item' if len(causes) == 1 else 'items'} left out: {causes[0]}"


async def _fetch(intake: Intake, record: FeedRecord) -> Fetched | FeedError:
    stored = conditions(record.state, intake.clock.now())
    try:
        return after_unchanged(await _get(intake, record, record.url, own_validators(stored)), stored)
    except FeedError as error:
        return error


async def _get(intake: Intake, record: FeedRecord, url: str, validators: Validators) -> Fetched:
    trusted, access = record.allows_private(url), intake.access.of(record.configured)
    accept = ACCEPT_PAGE if record.page else ACCEPT_FEED
    request = Request(url, validators, allow_private=trusted, accept=accept, access=access)
    return await intake.source.fetch(request)


async def _parse(intake: Intake, record: FeedRecord, fetched: Fetched | FeedError, *, whole: bool = False) -> _Result:
    """Parse the response, if it has a body. Known items are not parsed again, unless `whole`."""
    if isinstance(fetched, FeedError) or fetched.body is None:
        return _Result(fetched)
    index, repeated = b"", dict[bytes, KnownEntry]()
    if record.state.polls and record.state.validators.body_hash and not whole:
        index, repeated = await asyncio.to_thread(_repeats, intake.db, record)

    async def parse(document: Fetched) -> Parsed:
        body = document.body or b""
        return await intake.parser.parse(body, document.final_url, document.headers, repeated.keys(), record.page)

    try:
        parsed = await parse(fetched)
    except NotAFeed as error:
        return _Result(fetched, await asyncio.to_thread(_with_linked_feeds, error, fetched), index)
    except FeedError as error:
        return _Result(fetched, error, index)
    if parsed.parts:
        last = Validators() if whole else conditions(record.state, intake.clock.now())
        fetched, found = await read_parts(
            fetched, parsed, last, partial(_get, intake, record), parse, intake.clock.now()
        )
        if not isinstance(found, Parsed):
            return _Result(fetched, found, index)
        parsed = found
    return _Result(fetched, with_unchanged_items(parsed, repeated), index, repeated)


def _with_linked_feeds(error: NotAFeed, fetched: Fetched) -> NotAFeed:
    """Return the error with the feeds that the page names, where the response is a page."""
    from feeds.discovery.candidates import find_feeds

    if type(error) is not NotAFeed:  # the others have a cause of their own
        return error
    links = find_feeds((fetched.body or b"")[:_PAGE_BYTES], fetched.final_url, fetched.headers)
    if not links:
        return error
    return NotAFeed(f"{error.message}; it links {', '.join(link.url for link in links[:_NAMED_FEEDS])}", url=error.url)


def _repeats(db: Database, record: FeedRecord) -> tuple[bytes, dict[bytes, KnownEntry]]:
    with db.snapshot():
        index = store.item_notes(db, record.id)
        known = store.known_entries(db, record.id, (), hashes=indexed_hashes(index)) if index else []
    return index, unchanged_items(index, known)


async def _decide(intake: Intake, record: FeedRecord, result: _Result, now: datetime) -> _Decision | None:
    """Return what to store. None if the document must be parsed whole before."""
    settings = settings_for(intake.settings, record, now)
    parsed = result.parsed
    if not isinstance(parsed, Parsed):
        return decide(now, record.state, result.fetched, parsed, (), settings), {}
    # Many entries take a while to compare.
    return await asyncio.to_thread(_compared, intake.db, record, result, parsed, settings, now)


def _compared(
    db: Database, record: FeedRecord, result: _Result, parsed: Parsed, settings: PollSettings, now: datetime
) -> _Decision | None:
    if not record.state.polls:  # nothing is stored, so a snapshot would be opened for nothing
        plan = decide(now, record.state, result.fetched, parsed, (), settings)
        return _admitted(db, record, plan, now, parsed.distinct)
    with db.snapshot():
        known = _known(db, record, parsed, result.repeats)
        plan = decide(now, record.state, result.fetched, parsed, known, settings)
        if result.repeats and needs_full_parse(plan, result.repeats):
            return None
        return _admitted(db, record, plan, now, parsed.distinct)


def _known(db: Database, record: FeedRecord, parsed: Parsed, repeated: Mapping[bytes, KnownEntry]) -> list[KnownEntry]:
    found = {item.guid: item for item in repeated.values()}
    unchanged = {(item.guid, item.content_hash) for item in repeated.values()}
    read = [entry for entry in parsed.entries if (entry.guid, entry.content_hash) not in unchanged]
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
        for item in store.recent_entries(db, record.id, limit=RENAME_LOOKBACK + 2 * len(parsed.entries)):
            found.setdefault(item.guid, item)
    return list(found.values())


def settings_for(settings: PollSettings, record: FeedRecord, now: datetime) -> PollSettings:
    """Return the poll settings of a feed: its own `interval` in seconds, or rare polls if a hub pushes."""
    interval = record.options.get("interval")
    if interval:
        return replace(settings, fixed_interval=float(interval))
    if record.pushed_until is not None and record.pushed_until > now:
        return replace(settings, pushed=True)
    return settings


def _history(result: _Result, now: datetime, added_bytes: int = 0) -> FetchRecord:
    fetched, parsed = result.fetched, result.parsed
    failure = _failure(result)
    values: dict[str, Any] = {"code": failure.code, "message": failure.message} if failure else {}
    if isinstance(fetched, Fetched):
        values |= {
            "status": fetched.status,
            "final_url": fetched.final_url,
            "wire_bytes": fetched.wire_bytes,
            "elapsed": fetched.elapsed,
        }
    elif isinstance(fetched, HttpStatus):
        values["status"] = fetched.status
    if isinstance(parsed, Parsed):
        values |= {
            "seen": len(parsed.entries),
            "parser": parsed.parser,
            "title": parsed.title or None,
            "site": parsed.site,
        }
    return FetchRecord(at=now, added_bytes=added_bytes, **values)  # made at once: each copy takes 10 µs


def _failure(result: _Result) -> FeedError | None:
    if isinstance(result.fetched, FeedError):
        return result.fetched
    return result.parsed if isinstance(result.parsed, FeedError) else None


def _summary(record: FeedRecord, plan: FeedPlan, result: _Result) -> Polled:
    failure = _failure(result)
    fetched = result.fetched
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


async def _next_batch(finished: asyncio.Queue[tuple[Poll, Polled] | None]) -> list[tuple[Poll, Polled] | None]:
    """Collect the results to save together: those within GATHER_SECONDS of the first, up to BATCH or the end."""
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
        batch = await _next_batch(finished)
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
    """Save a batch, or each feed alone when the batch cannot be saved. Raises StoreError when the database fails."""
    try:
        saved = store.save_polls(intake.db, [poll for poll, _ in pairs], intake.holder, intake.clock.now())
    except _DATABASE_FAILED:
        raise
    except Exception as error:  # noqa: BLE001 - an error in one feed must not affect others
        if len(pairs) > 1:
            return [outcome for pair in pairs for outcome in _save(intake, [pair])]
        return [_save_failure(intake, pairs[0][1].feed, error)]
    if new := [key for ids in saved.new.values() for key in ids]:
        intake.on_stored(new)
    return [_lease_lost(polled) if poll.feed_id in saved.lost else polled for poll, polled in pairs]


def _save_failure(intake: Intake, record: FeedRecord, error: Exception) -> Polled:
    """Save a failure for a poll that could not be saved, so that the next poll is delayed as after any failure."""
    poll, polled = _unexpected(intake, record, error)
    saved = store.save_polls(intake.db, [poll], intake.holder, intake.clock.now())
    return _lease_lost(polled) if saved.lost else polled


def _lease_lost(polled: Polled) -> Polled:
    return replace(
        polled, new=0, changed=0, code="lease", message="another process took this feed over meanwhile", hint=""
    )
