"""Named leases: one process at a time does a task; when it dies, its lease runs out and another process takes over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_skip
from aggregator.store.schema.tables import meta


def acquire(db: Database, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
    """Take or extend a lease until `now + lease`; return False while another process holds it."""
    with db.write() as connection:
        connection.execute(insert_or_skip(connection, meta), {"key": name, "value": holder, "until": now})
        free = or_(meta.c.until.is_(None), meta.c.until <= now, meta.c.value == holder)
        mine = update(meta).where(meta.c.key == name, free).values(value=holder, until=now + lease)
        return connection.execute(mine).rowcount == 1


def release(db: Database, name: str, holder: str) -> None:
    """Release a lease, unless another process holds it."""
    with db.write() as connection:
        connection.execute(delete(meta).where(meta.c.key == name, meta.c.value == holder))
