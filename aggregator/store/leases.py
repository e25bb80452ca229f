"""Named leases: one process at a time does a thing, and its lease running out is the recovery when it dies."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_skip
from aggregator.store.schema.tables import meta


def acquire(db: Database, name: str, owner: str, now: datetime, lease: timedelta) -> bool:
    """Take or prolong a lease until `now + lease`; False while another's runs."""
    with db.write() as connection:
        connection.execute(insert_or_skip(connection, meta), {"key": name, "value": owner, "until": now})
        free = or_(meta.c.until.is_(None), meta.c.until <= now, meta.c.value == owner)
        mine = update(meta).where(meta.c.key == name, free).values(value=owner, until=now + lease)
        return connection.execute(mine).rowcount == 1


def release(db: Database, name: str, owner: str) -> None:
    """Give a lease up; nothing happens if another has it."""
    with db.write() as connection:
        connection.execute(delete(meta).where(meta.c.key == name, meta.c.value == owner))
