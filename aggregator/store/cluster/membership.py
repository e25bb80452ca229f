"""Which workers of a cluster are alive, and the leases on feeds and hosts of those that died."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from aggregator.store import leases
from aggregator.store.database import Database
from aggregator.store.schema.tables import feed, feed_host, meta

GRACE = timedelta(seconds=30)  # after the end of a sign of life, until a worker counts as dead
_PREFIX = "worker:"


def sign_of_life(db: Database, holder: str, now: datetime, lease: timedelta) -> None:
    """Note that a worker is alive until `now + lease`."""
    leases.acquire(db, _PREFIX + holder, holder, now, lease)


def leave(db: Database, holder: str) -> None:
    """Note that a worker stopped in order, and release the leases of work that it did not finish."""
    with db.write() as connection:
        _release(connection, holder)
        connection.execute(delete(meta).where(meta.c.key == _PREFIX + holder))


def release_dead(db: Database, now: datetime) -> list[str]:
    """Release what dead workers had leased, so that nobody waits for the end of a lease; return their names.

    A worker that was only paused loses its leases, and what it then saves is refused.
    """
    silent = select(meta.c.value).where(meta.c.key.startswith(_PREFIX), meta.c.until <= now - GRACE)
    with db.write() as connection:
        dead = list(connection.execute(silent.with_for_update(skip_locked=True)).scalars())
        for holder in dead:
            _release(connection, holder)
            connection.execute(delete(meta).where(meta.c.key == _PREFIX + holder))
    return dead


def _release(connection: Connection, holder: str) -> None:
    for leased in (feed_host, feed):
        held = update(leased).where(leased.c.lease_owner == holder)
        connection.execute(held.values(lease_owner=None, lease_until=None))
