"""The next slot of each digest, and the lease of the process that composes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select, update

from aggregator.store.database import Database
from aggregator.store.editions.slots import store_slots
from aggregator.store.errors import LeaseLost
from aggregator.store.records import DigestConfigRow, DigestRecord, RecipientSlot
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import digest


def sync_digests(db: Database, rows: Sequence[DigestConfigRow], now: datetime) -> None:
    """Update the table from the configuration.

    A digest with an unchanged schedule keeps its next slot. A digest with a changed schedule gets the given slot,
    unless its stored slot is already due. A digest that is no longer configured becomes inactive.
    """
    with db.write() as connection:
        # Locked, so that a slot that another worker moves on meanwhile is not set back.
        rows_now = connection.execute(select(digest).order_by(digest.c.name).with_for_update())
        known = {row.name: row for row in rows_now}
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


def records(db: Database) -> dict[str, DigestRecord]:
    """Return all digests by name, also those that are no longer configured."""
    with db.read() as connection:
        return {row.name: _record(row) for row in connection.execute(select(digest))}


def due_names(db: Database, now: datetime) -> list[str]:
    """Return the names of digests that are due and not leased, longest overdue first."""
    query = select(digest.c.name).where(digest.c.active, digest.c.next_slot <= now, _unleased(now))
    with db.read() as connection:
        return list(connection.execute(query.order_by(digest.c.next_slot, digest.c.name)).scalars())


def idle_names(db: Database, now: datetime) -> list[str]:
    """Return the names of active digests that no process composes, whether they are due or not."""
    with db.read() as connection:
        return list(connection.execute(select(digest.c.name).where(digest.c.active, _unleased(now))).scalars())


def _unleased(now: datetime) -> ColumnElement[bool]:
    return or_(digest.c.lease_until.is_(None), digest.c.lease_until <= now)


def take(db: Database, name: str, now: datetime, holder: str, lease: timedelta) -> DigestRecord | None:
    """Lease a digest whether it is due or not; None if another process holds it, or if it is not configured."""
    taking = update(digest).where(digest.c.name == name, digest.c.active, _unleased(now))
    with db.write() as connection:
        row = connection.execute(taking.values(lease_owner=holder, lease_until=now + lease).returning(digest)).first()
    return None if row is None else _record(row)


def advance(
    db: Database,
    name: str,
    holder: str,
    *,
    next_slot: datetime | None,
    slot: datetime | None,
    covered: datetime | None,
    served: Sequence[RecipientSlot] = (),
) -> None:
    """Move a leased digest on to its next slot, and its recipients, when a slot has no edition. Raises LeaseLost."""
    with db.write() as connection:
        move(connection, name, holder, next_slot=next_slot, slot=slot, covered=covered)
        store_slots(connection, name, served)


def move(
    connection: Connection,
    name: str,
    holder: str,
    *,
    next_slot: datetime | None,
    slot: datetime | None,
    covered: datetime | None,
) -> None:
    """Move a digest on to its next slot; only the lease holder can, so that no slot is composed twice."""
    mine = update(digest).where(digest.c.name == name, digest.c.lease_owner == holder)
    given = {"last_slot": slot, "covered": covered}
    values = {"next_slot": next_slot, **{key: value for key, value in given.items() if value is not None}}
    if connection.execute(mine.values(values)).rowcount != 1:
        raise LeaseLost


def cover(db: Database, name: str, until: datetime) -> None:
    """Store the end of a period that was reported to all recipients outside the schedule."""
    with db.write() as connection:
        connection.execute(update(digest).where(digest.c.name == name).values(covered=until))


def covered(db: Database, name: str) -> datetime | None:
    """Return the end of a digest's last period, with an edition or without."""
    with db.read() as connection:
        found: datetime | None = connection.execute(select(digest.c.covered).where(digest.c.name == name)).scalar()
    return found


def release_ended(db: Database, now: datetime, ended: Callable[[str], bool]) -> None:
    """Release the leases of processes that ended before they composed; `ended` returns whether one has."""
    with db.read() as connection:
        holders = set(connection.execute(select(digest.c.lease_owner).where(digest.c.lease_until > now)).scalars())
    gone = [holder for holder in holders if holder is not None and ended(holder)]
    if gone:
        with db.write() as connection:
            theirs = update(digest).where(digest.c.lease_owner.in_(gone))
            connection.execute(theirs.values(lease_owner=None, lease_until=None))


def release(db: Database, names: Sequence[str], holder: str) -> None:
    """Release the leases of `holder` on digests that it did not compose; their slots stay due."""
    with db.write() as connection:
        mine = update(digest).where(digest.c.name.in_(names), digest.c.lease_owner == holder)
        connection.execute(mine.values(lease_owner=None, lease_until=None))


def _record(row: AnyRow) -> DigestRecord:
    return DigestRecord(row.name, row.schedule, row.next_slot, row.last_slot, row.active)
