"""The cache of model summaries, by a key of their content, and the cost of model calls by day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from aggregator.store.database import Database
from aggregator.store.records import Spend
from aggregator.store.schema import tables
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip


def get(db: Database, key: str) -> str | None:
    """Return the cached document of `key`; None if there is none."""
    cache = tables.summary_cache
    with db.read() as connection:
        found: str | None = connection.execute(select(cache.c.document).where(cache.c.key == key)).scalar()
    return found


def put(db: Database, key: str, document: str, now: datetime) -> None:
    """Cache a document under `key`, replacing an older one."""
    with db.write() as connection:
        merging = insert_or_replace(connection, tables.summary_cache, ["key"], ["document", "created"])
        connection.execute(merging, {"key": key, "document": document, "created": now})


def spend(db: Database, day: date) -> Spend:
    """Return the number and the cost of model calls on one day (UTC)."""
    with db.read() as connection:
        row = connection.execute(select(tables.spend).where(tables.spend.c.day == day.isoformat())).first()
    return Spend() if row is None else Spend(row.calls, row.cost)


def add_spend(db: Database, day: date, cost: float, calls: int = 1) -> Spend:
    """Add calls and their cost to a day; return the day's total, which includes the calls of other processes."""
    table = tables.spend
    with db.write() as connection:
        connection.execute(insert_or_skip(connection, table), {"day": day.isoformat(), "calls": 0, "cost": 0.0})
        more = {"calls": table.c.calls + calls, "cost": table.c.cost + cost}
        where = table.update().where(table.c.day == day.isoformat()).values(more)
        row = connection.execute(where.returning(table.c.calls, table.c.cost)).one()
        return Spend(row.calls, row.cost)
