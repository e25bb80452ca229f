"""What one poll changes: the old state, the response and `now` give the plan. Pure.

    error            counted, the next poll delayed; 410 ends polling
    304, same bytes  a success without news
    not a feed       an error: the validators stay those of the last body that was parsed
    a feed           entries are new, changed, same or withdrawn; validators, hints and rate are stored

A chain of permanent redirects that is seen several times in a row becomes the feed's URL; the old URL is kept as alias.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from feeds import deletions
from feeds.errors import FeedError, Gone, HttpStatus
from feeds.identity import reconcile
from feeds.model import Entry, FeedPlan, FeedState, Fetched, KnownEntry, Parsed, Redirect, Validators
from feeds.schedule import PollSettings, first_rate, next_check, next_rate

__all__ = ["FUTURE_TOLERANCE", "PollSettings", "conditions", "decide"]

FUTURE_TOLERANCE = timedelta(hours=1)
"""Wrong clocks and time zones explain this much; a later date is an error or an attempt to stay on top."""
_FAR_FUTURE = timedelta(days=1)  # more than a wrong zone can do
_SHORT_SILENCE, _LONG_SILENCE = timedelta(days=1), timedelta(days=7)


def decide(
    now: datetime,
    state: FeedState,
    fetched: Fetched | FeedError,
    parsed: Parsed | FeedError | None,
    known: Sequence[KnownEntry],
    settings: PollSettings,
) -> FeedPlan:
    """Return the state to write and the entries to insert or revise.

    `parsed` is None when there was nothing to parse; `known` are the feed's stored entries that may match. Raises
    ValueError when there is a body that was not parsed.
    """
    if isinstance(fetched, FeedError):
        return _failed(now, state, fetched, settings)
    if fetched.body is None:
        return _unchanged(now, state, fetched, settings)
    if parsed is None:
        raise ValueError("the response has a body: parse it first")
    if isinstance(parsed, FeedError):
        return _failed(now, state, parsed, settings)
    return _parsed(now, state, fetched, parsed, known, settings)


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
    notes = ("gone: the publisher removed the feed; it is not polled again",) if gone and not state.gone else ()
    return FeedPlan(replace(after, next_check=due), notes=notes)


def conditions(state: FeedState, now: datetime) -> Validators:
    """Return the validators for the next request; without those of the server when the feed has long been silent.

    A server that is stuck answers 304 for ever. So a feed that brings nothing for ten times its usual interval, or for
    a week, is asked for the whole of it once in each such period.
    """
    if state.last_new is None or state.last_check is None:
        return state.validators
    interval = timedelta(days=10 / state.rate) if state.rate else _LONG_SILENCE
    period = min(max(interval, _SHORT_SILENCE), _LONG_SILENCE)
    if (now - state.last_new) // period == (state.last_check - state.last_new) // period:
        return state.validators
    return replace(state.validators, etag=None, last_modified=None)


def _unchanged(now: datetime, state: FeedState, fetched: Fetched, settings: PollSettings) -> FeedPlan:
    rate = next_rate(state.rate, 0, state.last_success, now)
    after, notes = _succeeded(now, state, fetched, settings, {"rate": rate})
    return FeedPlan(after, notes=notes)


def _parsed(
    now: datetime,
    state: FeedState,
    fetched: Fetched,
    parsed: Parsed,
    known: Sequence[KnownEntry],
    settings: PollSettings,
) -> FeedPlan:
    deleted = deletions.deletion_times(parsed.tombstones, now + FUTURE_TOLERANCE)
    changes = reconcile(deletions.without_deleted(parsed.entries, deleted), known)
    withdrawn = deletions.withdrawn_guids(known, changes, deleted)
    restored = tuple(_without_future_dates(entry, now, now) for entry in deletions.republished(known, changes))
    # Judged by the dates as published: the future ones of a first fetch must not all pass as of now.
    backlog = _backlog(now, state, changes.new, settings)
    new = tuple(_without_future_dates(entry, now, now) for entry in changes.new)
    dates = {entry.guid: entry.published for entry in known}
    changed = tuple(_without_future_dates(entry, now, dates.get(entry.guid) or now) for entry in changes.changed)
    shown = len(new) - len(backlog)
    found = {
        "last_new": now if new else state.last_new,
        "rate": next_rate(state.rate, shown, state.last_success, now) if state.polls else first_rate(new, now),
        "hints": parsed.hints,
        "hub": parsed.hub,
        "hub_topic": (parsed.self_url or fetched.final_url) if parsed.hub else None,
    }
    after, notes = _succeeded(now, state, fetched, settings, found)
    cut = ("incomplete: the response ended early; the next request asks for all of it",) if fetched.truncated else ()
    notes = (*notes, *cut, *parsed.limits, *_deletion_notes(len(withdrawn), len(restored)))
    return FeedPlan(after, new, changed, backlog, withdrawn, restored, notes=notes)


def _deletion_notes(withdrawn: int, restored: int) -> Iterator[str]:
    for count, what in (
        (withdrawn, "withdrawn: the publisher deleted"),
        (restored, "restored: the publisher again lists"),
    ):
        if count:
            yield f"{what} {count} {'entry' if count == 1 else 'entries'}"


def _succeeded(
    now: datetime, state: FeedState, fetched: Fetched, settings: PollSettings, found: Mapping[str, object]
) -> tuple[FeedState, tuple[str, ...]]:
    """Return the state after a success, with the fields `found`, and what there is to say of it.

    All changes are made in one copy of the state: a copy costs a twentieth of a poll without news.
    """
    notes: tuple[str, ...] = ()
    if state.gone:
        notes = ("back: the feed responds again after it was gone",)
    elif state.failures:
        times = "once" if state.failures == 1 else f"{state.failures} times in a row"
        notes = (f"recovered: it had failed {times} ({state.error_code})",)
    followed, moved = _follow(state, fetched.redirects, settings)
    changes: dict[str, Any] = {
        "validators": fetched.validators,
        "last_check": now,
        "last_success": now,
        "failures": 0,
        "error_code": None,
        "error_message": None,
        "gone": False,
        "polls": state.polls + 1,
        **found,
        **followed,
    }
    after = replace(state, **changes)
    due = next_check(after, now, settings, freshness=fetched.freshness)
    return replace(after, next_check=due), (*notes, *moved)


def _follow(
    state: FeedState, redirects: Sequence[Redirect], settings: PollSettings
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Count how often a permanent redirect was seen, and adopt it at the last time. Return the fields that change."""
    target = _permanent_target(state.url, redirects)
    if target is None:
        return {"redirect_to": None, "redirect_seen": 0}, ()
    seen = state.redirect_seen + 1 if target == state.redirect_to else 1
    if seen < settings.sightings:
        return {"redirect_to": target, "redirect_seen": seen}, ()
    aliases = tuple(dict.fromkeys(a for a in (*state.aliases, state.url) if a != target))
    moved: dict[str, object] = {"url": target, "aliases": aliases, "redirect_to": None, "redirect_seen": 0}
    return moved, (f"moved: from {state.url} to {target}, by permanent redirect",)


def _permanent_target(url: str, redirects: Sequence[Redirect]) -> str | None:
    """Return where a chain of permanent redirects ends, or None.

    One temporary redirect breaks the chain. A change from https to http is followed but never adopted. A URL with a
    password is kept, because the password belongs to the old host.
    """
    if not redirects or not all(hop.permanent for hop in redirects):
        return None
    secure = [urlsplit(address).scheme == "https" for address in (url, *(hop.url for hop in redirects))]
    if any(before and not after for before, after in pairwise(secure)):
        return None
    target = redirects[-1].url
    return None if "@" in urlsplit(url).netloc or target == url else target


def _without_future_dates(entry: Entry, now: datetime, instead: datetime) -> Entry:
    """Return the entry with future dates replaced by `instead`, so that no date puts it on top for long.

    A date beyond next year is none at all.
    """
    limit = now + FUTURE_TOLERANCE
    if entry.published is not None and entry.published > limit:
        published = min(instead, now) if entry.published.year <= now.year + 1 else None
        entry = replace(entry, published=published)
    if entry.updated is not None and entry.updated > limit:
        entry = replace(entry, updated=now if entry.updated.year <= now.year + 1 else None)
    return entry


def _backlog(now: datetime, state: FeedState, new: Sequence[Entry], settings: PollSettings) -> frozenset[str]:
    """Return which new entries are old news.

    At the first fetch: entries older than a day, and undated ones except the first few. Later: many entries at once
    that are much older than the last poll are a published archive; a few late entries are shown like any other.
    """
    if not state.polls:
        edge = now - timedelta(seconds=settings.backlog_age)
        undated = [entry.guid for entry in new if (at := _instant(entry)) is None or at > now + _FAR_FUTURE]
        return frozenset((*_older(new, edge), *undated[settings.undated_shown :]))
    edge = (state.last_success or now) - timedelta(seconds=settings.burst_age)
    old = _older(new, edge)
    return frozenset(old) if len(old) >= settings.burst else frozenset()


def _instant(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _older(entries: Sequence[Entry], edge: datetime) -> list[str]:
    return [entry.guid for entry in entries if (instant := _instant(entry)) is not None and instant < edge]
