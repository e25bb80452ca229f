"""What is reported to the operator: feeds that fail for days, mail that cannot be sent, work that keeps failing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.store import attempts
from aggregator.store.database import Database
from aggregator.store.errors import StoreError
from aggregator.store.intake.entries import entry_names
from aggregator.store.intake.feeds import list_feeds
from aggregator.store.records import EntryName, FeedHealth

FAILING = timedelta(days=3)  # without a success before it is reported
Report = Callable[[str, Sequence[str]], list[str]]
"""Takes a subject and problems, reports those that were not reported lately, and returns them."""


def feeds(db: Database, report: Report, now: datetime) -> list[str]:
    """Report feeds that are gone or have failed for days."""
    return report("Feeds that no longer answer", [_line(h) for h in list_feeds(db, now) if _dead(h, now)])


def set_aside(db: Database, report: Report) -> list[str]:
    """Report what was set aside, because it stopped its process again and again."""
    return report("Work that was set aside", set_aside_lines(db))


def set_aside_lines(db: Database) -> list[str]:
    """Describe what is set aside, newest first."""
    found = attempts.aside(db)
    names = entry_names(db, [int(one.key) for one in found if one.work == "group"])
    return [f"{_SET_ASIDE[one.work].format(_name(one, names))}: {one.why}" for one in found]


_SET_ASIDE = {
    "group": "{} is grouped without its text",
    "describe": "story {} has no topics",
    "digest": "digest {} is not composed for a day",
    "compose": "digest and story {}: the digest is composed without it",
}


def _name(one: attempts.SetAside, names: Mapping[int, EntryName]) -> str:
    named = names.get(int(one.key)) if one.work == "group" else None
    return f"entry {one.key}, {named.title!r} of {named.outlet}" if named else one.key


def deliveries(report: Report, notes: Sequence[str]) -> list[str]:
    """Report mail that cannot be sent, and addresses that get no more mail."""
    return report("Mail that could not be delivered", notes)


def templates(report: Report, notes: Sequence[str]) -> list[str]:
    """Report the operator's own templates that could not be used; the built-in ones were used instead."""
    return report("Templates that could not be used", notes)


def work(report: Report, send_now: Callable[[str, Sequence[str]], bool], problem: str) -> bool:
    """Report work that keeps failing. The cause may be the database: then the letter does not go through it.

    False if it was reported before, or the letter could not be sent.
    """
    subject = "The aggregator cannot do its work"
    try:
        return bool(report(subject, [problem]))
    except StoreError:
        return send_now(subject, [problem])


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
