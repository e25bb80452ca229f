"""Small values by key, and the lease that lets only one daemon at a time serve the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from aggregator.store import leases
from aggregator.store.database import Database
from aggregator.store.errors import InstanceHeld, LeaseLost
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.tables import meta

_INSTANCE = "instance"


def get(db: Database, key: str) -> str | None:
    """Return the value of `key`; None if there is none."""
    with db.read() as connection:
        found: str | None = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return found


def put(db: Database, key: str, value: str) -> None:
    """Store a value under `key`."""
    with db.write() as connection:
        merging = insert_or_replace(connection, meta, ["key"], ["value"])
        connection.execute(merging, {"key": key, "value": value, "until": None})


def acquire_instance(
    db: Database, holder: str, now: datetime, lease: timedelta, died: Callable[[str], bool] = lambda _: False
) -> None:
    """Lease the database for this daemon until `now + lease`. Raises `InstanceHeld` while another daemon has the lease.

    `died` returns whether the process of a lease holder is known to be gone; its lease then ends at once.
    """
    with db.write() as connection:
        present = connection.execute(select(meta.c.value).where(meta.c.key == _INSTANCE)).scalar()
        if present is not None and died(present):
            connection.execute(delete(meta).where(meta.c.key == _INSTANCE))
        if not leases.take(connection, _INSTANCE, holder, now, lease):
            other = connection.execute(select(meta).where(meta.c.key == _INSTANCE)).one()
            raise InstanceHeld(f"{InstanceHeld.__doc__}: {other.value}, until {other.until:%Y-%m-%d %H:%M:%S} UTC")


def renew_instance(db: Database, holder: str, now: datetime, lease: timedelta) -> None:
    """Extend the daemon's lease. Raises `LeaseLost` when another daemon took over; this one must then stop."""
    with db.write() as connection:
        mine = update(meta).where(meta.c.key == _INSTANCE, meta.c.value == holder).values(until=now + lease)
        if connection.execute(mine).rowcount != 1:
            raise LeaseLost("another daemon took over this database")


def instance_holder(db: Database, now: datetime) -> str | None:
    """Return the name of the daemon that has the lease now; None if none runs."""
    query = select(meta.c.value).where(meta.c.key == _INSTANCE, meta.c.until > now)
    with db.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def release_instance(db: Database, holder: str) -> None:
    """Release the daemon's lease, unless another daemon holds it."""
    leases.release(db, _INSTANCE, holder)
