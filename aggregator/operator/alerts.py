"""Word to the owner when feeds die or mail cannot go out: once for each trouble, not once a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aggregator.store import leases
from aggregator.store.database import Database
from aggregator.store.errors import StoreError
from aggregator.store.intake.feeds import list_feeds
from aggregator.store.records import FeedHealth

FAILING = timedelta(days=3)  # without a success before the owner hears of it
AGAIN = timedelta(days=7)  # the same trouble is told again after this
Notify = Callable[[str, Sequence[str]], bool]
"""Sends a subject and lines to the owner; False if there is no way to."""


def feeds(db: Database, notify: Notify, now: datetime) -> list[str]:
    """Tell of feeds that are gone or have failed for days. Returns the lines that were told."""
    lines = [_line(h) for h in list_feeds(db, now) if _dead(h, now)]
    return _told(db, notify, "Feeds that no longer answer", lines, now)


def deliveries(db: Database, notify: Notify, notes: Sequence[str], now: datetime) -> list[str]:
    """Tell of mail that cannot go out. Returns the lines that were told."""
    return _told(db, notify, "Digests that could not be delivered", list(notes), now)


def templates(db: Database, notify: Notify, notes: Sequence[str], now: datetime) -> list[str]:
    """Tell of the owner's templates that are broken; the packaged ones were used. Returns the lines that were told."""
    return _told(db, notify, "Templates that could not be used", list(notes), now)


def work(db: Database, notify: Notify, lines: Sequence[str], now: datetime) -> list[str]:
    """Tell of work that fails again and again. It may be the database that fails, so telling does not depend on it."""
    try:
        return _told(db, notify, "The aggregator cannot do its work", lines, now)
    except StoreError:
        return list(lines) if notify("The aggregator cannot do its work", lines) else []


def _told(db: Database, notify: Notify, subject: str, lines: Sequence[str], now: datetime) -> list[str]:
    # Taken as a lease: it keeps a second process, and this one a tick later, from telling the same.
    fresh = [line for line in lines if leases.acquire(db, f"alert {line}", f"alert {now.isoformat()}", now, AGAIN)]
    if fresh and not notify(subject, fresh):
        # It is told again as soon as there is a way to.
        for line in fresh:
            leases.release(db, f"alert {line}", f"alert {now.isoformat()}")
        return []
    return fresh


def _dead(health: FeedHealth, now: datetime) -> bool:
    state = health.state
    if state.gone:
        return True
    since = state.last_success or health.feed.added
    return state.failures >= 3 and since is not None and now - since > FAILING


def _line(health: FeedHealth) -> str:
    state = health.state
    why = "the publisher withdrew it" if state.gone else f"{state.error_code}: {state.error_message}"
    return f"{health.feed.label} ({state.url}): {why}"
