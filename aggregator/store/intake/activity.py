"""What each feed brought, day by day: entries, and bytes of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, type_coerce

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.tables import entry, fetch
from aggregator.store.schema.types import micros

_DAY = timedelta(days=1)
_DAY_MICROS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class FeedActivity:
    """The entries and the bytes that a feed added on each day, oldest first; the last day is today in UTC."""

    entries: tuple[int, ...]
    added_bytes: tuple[int, ...]


def daily_activity(db: Database, feed_ids: Sequence[int], now: datetime, days: int = 14) -> dict[int, FeedActivity]:
    """Return what these feeds brought in the last days. The first fetch of a feed does not count as entries."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - (days - 1) * _DAY
    entries = {key: [0] * days for key in feed_ids}
    added = {key: [0] * days for key in feed_ids}
    with db.read() as connection:
        for part in chunks(feed_ids):
            day = _day(entry.c.arrived, start)
            counted = select(entry.c.feed_id, day.label("day"), func.count().label("n"))
            counted = counted.where(entry.c.feed_id.in_(part), entry.c.arrived >= start, ~entry.c.backlog)
            for row in connection.execute(counted.group_by(entry.c.feed_id, day)):
                if row.day < days:  # an entry from the future, after the clock was set back
                    entries[row.feed_id][row.day] = row.n
            day = _day(fetch.c.at, start)
            summed = select(fetch.c.feed_id, day.label("day"), func.sum(fetch.c.added_bytes).label("n"))
            summed = summed.where(fetch.c.feed_id.in_(part), fetch.c.at >= start)
            for row in connection.execute(summed.group_by(fetch.c.feed_id, day)):
                if row.day < days:
                    added[row.feed_id][row.day] = int(row.n or 0)
    return {key: FeedActivity(tuple(entries[key]), tuple(added[key])) for key in feed_ids}


def _day(column: ColumnElement[Any], start: datetime) -> ColumnElement[int]:
    """Return the days since `start`. Numbers are written into the SQL, so that SELECT and GROUP BY have equal text."""
    since = literal(micros(start), BigInteger, literal_execute=True)
    return (type_coerce(column, BigInteger) - since) // literal(_DAY_MICROS, BigInteger, literal_execute=True)
