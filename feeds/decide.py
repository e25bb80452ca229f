"""One poll, decided: old state, what came in and `now` give the plan. Pure; another function carries it out.

    error            counted, the next look put off; 410 ends polling
    304, same bytes  a success that brings nothing
    no feed          an error: the validators stay those of the last body that was parsed
    a feed           new, changed, same and withdrawn by identity; validators, hints and rate are remembered

An unbroken chain of permanent redirects, seen several times in a row, becomes the feed's address; the old one is kept as alias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from feeds import deletions as tombstones
from feeds.errors import FeedError, Gone, HttpStatus
from feeds.identity import reconcile
from feeds.model import Entry, FeedPlan, FeedState, Fetched, KnownEntry, Parsed, Redirect
from feeds.schedule import PollSettings, first_rate, next_check, next_rate

__all__ = ["FUTURE_TOLERANCE", "PollSettings", "decide"]

FUTURE_TOLERANCE = timedelta(hours=1)
"""Clocks and time zones are off by this much; a later date is a mistake or an attempt to stay on top."""


def decide(
    now: datetime,
    state: FeedState,
    fetched: Fetched | FeedError,
    parsed: Parsed | FeedError | None,
    known: Sequence[KnownEntry],
    settings: PollSettings,
) -> FeedPlan:
    """The state to write and the entries to insert or revise.

    `parsed` is None when there was nothing to parse; `known` are the feed's stored entries that may match. Raises
    `ValueError` for a body that nobody tried to parse.
    """
    if isinstance(fetched, FeedError):
        return _failed(now, state, fetched, settings)
    if fetched.body is None:
        return _unchanged(now, state, fetched, settings)
    if parsed is None:
        raise ValueError("the answer has a body: parse it first")
    if isinstance(parsed, FeedError):
        return _failed(now, state, parsed, settings)
    return _arrived(now, state, fetched, parsed, known, settings)


def _failed(now: datetime, state: FeedState, error: FeedError, settings: PollSettings) -> FeedPlan:
    gone = isinstance(error, Gone)
    after = replace(
        state,
        last_check=now,
        failures=state.failures + 1,
        error_code=error.code,
        error_message=error.message,
        gone=gone or state.gone,
    )
    wait = error.retry_after if isinstance(error, HttpStatus) else None
    due = next_check(after, now, settings, retry_after=wait)
    notes = ("gone: the publisher withdrew the feed; it is not asked again",) if gone and not state.gone else ()
    return FeedPlan(replace(after, next_check=due), notes=notes)


def _unchanged(now: datetime, state: FeedState, fetched: Fetched, settings: PollSettings) -> FeedPlan:
    after, notes = _succeeded(now, state, fetched)
    after = replace(after, rate=next_rate(state.rate, 0, state.last_success, now))
    after, moved = _follow(after, fetched.redirects, settings)
    due = next_check(after, now, settings, freshness=fetched.freshness)
    return FeedPlan(replace(after, next_check=due), notes=(*notes, *moved))


def _arrived(
    now: datetime,
    state: FeedState,
    fetched: Fetched,
    parsed: Parsed,
    known: Sequence[KnownEntry],
    settings: PollSettings,
) -> FeedPlan:
    taken_back = tombstones.judge(parsed.tombstones, now + FUTURE_TOLERANCE)
    changes = reconcile(tombstones.standing(parsed.entries, taken_back), known)
    withdrawn = tombstones.withdrawn(known, changes, taken_back)
    restored = tuple(_not_ahead(entry, now, now) for entry in tombstones.restored(known, changes))
    new = tuple(_not_ahead(entry, now, now) for entry in changes.new)
    dates = {entry.guid: entry.published for entry in known}
    changed = tuple(_not_ahead(entry, now, dates.get(entry.guid) or now) for entry in changes.changed)
    backlog = _backlog(now, state, new, settings)
    after, notes = _succeeded(now, state, fetched)
    told = len(new) - len(backlog)
    after = replace(
        after,
        last_new=now if new else state.last_new,
        rate=next_rate(state.rate, told, state.last_success, now) if state.polls else first_rate(new, now),
        hints=parsed.hints,
        hub=parsed.hub,
        hub_topic=(parsed.self_url or fetched.final_url) if parsed.hub else None,
    )
    after, moved = _follow(after, fetched.redirects, settings)
    due = next_check(after, now, settings, freshness=fetched.freshness)
    cut = ("cut short: the answer ended early; it is asked for whole next time",) if fetched.truncated else ()
    notes = (*notes, *moved, *cut, *_taken_back(len(withdrawn), len(restored)))
    return FeedPlan(replace(after, next_check=due), new, changed, backlog, withdrawn, restored, notes)


def _taken_back(withdrawn: int, restored: int) -> Iterator[str]:
    for count, what in ((withdrawn, "withdrawn: the publisher took back"), (restored, "back: it publishes again")):
        if count:
            yield f"{what} {count} {'entry' if count == 1 else 'entries'}"


def _succeeded(now: datetime, state: FeedState, fetched: Fetched) -> tuple[FeedState, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    if state.gone:
        notes = ("back: the feed answers again after it was gone",)
    elif state.failures:
        times = "once" if state.failures == 1 else f"{state.failures} times in a row"
        notes = (f"recovered: it had failed {times} ({state.error_code})",)
    after = replace(
        state,
        validators=fetched.validators,
        last_check=now,
        last_success=now,
        failures=0,
        error_code=None,
        error_message=None,
        gone=False,
        polls=state.polls + 1,
    )
    return after, notes


def _follow(
    state: FeedState, redirects: Sequence[Redirect], settings: PollSettings
) -> tuple[FeedState, tuple[str, ...]]:
    """Count the sightings of a permanent move, and make it at the last of them."""
    target = _permanent_target(state.url, redirects)
    if target is None:
        return replace(state, redirect_to=None, redirect_seen=0), ()
    seen = state.redirect_seen + 1 if target == state.redirect_to else 1
    if seen < settings.sightings:
        return replace(state, redirect_to=target, redirect_seen=seen), ()
    aliases = tuple(dict.fromkeys(a for a in (*state.aliases, state.url) if a != target))
    moved = replace(state, url=target, aliases=aliases, redirect_to=None, redirect_seen=0)
    return moved, (f"moved: from {state.url} to {target}, as the publisher says for good",)


def _permanent_target(url: str, redirects: Sequence[Redirect]) -> str | None:
    """Where a chain leads for good, or None.

    One temporary hop breaks it. A step down from https to http is followed but never adopted, and an address
    with a password in it is kept, since the password belongs to the old place.
    """
    if not redirects or not all(hop.permanent for hop in redirects):
        return None
    secure = [urlsplit(address).scheme == "https" for address in (url, *(hop.url for hop in redirects))]
    if any(before and not after for before, after in pairwise(secure)):
        return None
    target = redirects[-1].url
    return None if "@" in urlsplit(url).netloc or target == url else target


def _not_ahead(entry: Entry, now: datetime, instead: datetime) -> Entry:
    """The entry with dates that lie ahead put to `instead`: a future date never floats a story."""
    limit = now + FUTURE_TOLERANCE
    if entry.published is not None and entry.published > limit:
        entry = replace(entry, published=min(instead, now))
    if entry.updated is not None and entry.updated > limit:
        entry = replace(entry, updated=now)
    return entry


def _backlog(now: datetime, state: FeedState, new: Sequence[Entry], settings: PollSettings) -> frozenset[str]:
    """Which new entries are old news.

    On a first fetch: those older than a day, and undated ones but for the first few. Later: many much older than
    our last look at once are an archive put online; a late entry or two is told like any other.
    """
    if not state.polls:
        edge = now - timedelta(seconds=settings.backlog_age)
        undated = [entry.guid for entry in new if _instant(entry) is None]
        return frozenset((*_older(new, edge), *undated[settings.undated_told :]))
    edge = (state.last_success or now) - timedelta(seconds=settings.burst_age)
    old = _older(new, edge)
    return frozenset(old) if len(old) >= settings.burst else frozenset()


def _instant(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _older(entries: Sequence[Entry], edge: datetime) -> list[str]:
    return [entry.guid for entry in entries if (instant := _instant(entry)) is not None and instant < edge]
