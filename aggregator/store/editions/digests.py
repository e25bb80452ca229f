"""The next slot of each digest, and the lease of the process that composes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select, update

from aggregator.store.database import Database
from aggregator.store.records import DigestConfigRow, DigestRecord
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import digest


def sync_digests(db: Database, rows: Sequence[DigestConfigRow], now: datetime) -> None:
    """Update the table from the configuration.

    A digest with an unchanged schedule keeps its next slot. A digest with a changed schedule gets the given slot,
    unless its stored slot is already due. A digest that is no longer configured becomes inactive.
    """
    with db.write() as connection:
        known = {row.name: row for row in connection.execute(select(digest))}
        wanted = [
            {
                "name": row.name,
                "schedule": row.schedule,
                "next_slot": _next_slot(row, known.get(row.name), now),
                "active": True,
            }
            for row in rows
        ]
        if wanted:
            merging = insert_or_replace(connection, digest, ["name"], ["schedule", "next_slot", "active"])
            connection.execute(merging, wanted)
        names = [row.name for row in rows]
        connection.execute(update(digest).where(digest.c.name.not_in(names)).values(active=False))


def _next_slot(row: DigestConfigRow, known: AnyRow | None, now: datetime) -> datetime | None:
    if known is None or not known.active or known.next_slot is None:
        return row.next_slot
    overdue = known.next_slot <= now
    kept: datetime | None = known.next_slot if overdue or known.schedule == row.schedule else row.next_slot
    return kept


def due_names(db: Database, now: datetime) -> list[str]:
    """Return the names of digests that are due and not leased, longest overdue first."""
    with db.read() as connection:
        return [row.name for row in connection.execute(_due(now))]


def _due(now: datetime) -> Select[Any]:
    unleased = or_(digest.c.lease_until.is_(None), digest.c.lease_until <= now)
    due_now = select(digest.c.name).where(digest.c.active, digest.c.next_slot <= now, unleased)
    return due_now.order_by(digest.c.next_slot, digest.c.name)


def due(
    db: Database, now: datetime, holder: str, lease: timedelta, limit: int = 100, names: Sequence[str] | None = None
) -> list[DigestRecord]:
    """Lease the due digests, or those of `names`; no other process gets them until the lease runs out."""
    wanted = _due(now) if names is None else _due(now).where(digest.c.name.in_(names))
    rows = wanted.limit(limit).with_for_update(skip_locked=True).cte("wanted")
    taking = update(digest).where(digest.c.name.in_(select(rows.c.name)))
    with db.write() as connection:
        taken = connection.execute(taking.values(lease_owner=holder, lease_until=now + lease).returning(digest)).all()
    return [_record(row) for row in sorted(taken, key=lambda row: (row.next_slot, row.name))]


def release(db: Database, names: Sequence[str], holder: str) -> None:
    """Release the leases of `holder` on digests that it did not compose; their slots stay due."""
    with db.write() as connection:
        mine = update(digest).where(digest.c.name.in_(names), digest.c.lease_owner == holder)
        connection.execute(mine.values(lease_owner=None, lease_until=None))


def _record(row: AnyRow) -> DigestRecord:
    return DigestRecord(row.name, row.schedule, row.next_slot, row.last_slot, row.active)
