"""Named leases: one process at a time does a task; when it dies, its lease runs out and another process takes over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_skip
from aggregator.store.schema.tables import meta

LONGEST = timedelta(hours=1)  # no lease is longer: one that ends later was taken by a clock that was ahead


def acquire(db: Database, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
    """Take or extend a lease until `now + lease`; return False while another process holds it."""
    with db.write() as connection:
        return take(connection, name, holder, now, lease)


def take(connection: Connection, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
    """Do the same as `acquire`, in the caller's transaction."""
    connection.execute(insert_or_skip(connection, meta), {"key": name, "value": holder, "until": now})
    ended = or_(meta.c.until.is_(None), meta.c.until <= now, meta.c.until > now + LONGEST)
    free = or_(ended, meta.c.value == holder)
    mine = update(meta).where(meta.c.key == name, free).values(value=holder, until=now + lease)
    return connection.execute(mine).rowcount == 1


def release(db: Database, name: str, holder: str) -> None:
    """Release a lease, unless another process holds it."""
    with db.write() as connection:
        connection.execute(delete(meta).where(meta.c.key == name, meta.c.value == holder))
