"""Which workers of a cluster are alive, and the leases of those that died.

A worker shows a sign of life every few seconds. Its connection also holds an advisory lock, its session, which the
server releases when the connection ends: at once when the process is killed. So a worker that is silent for SILENT and
has no session has died. One that is silent and has a session may only be slow; it counts as dead later.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, event, select, text, update

from aggregator.store import leases
from aggregator.store.cluster import jobs
from aggregator.store.database import Database
from aggregator.store.outgoing import recovery
from aggregator.store.schema.tables import digest, feed, feed_host, meta

LIFE = timedelta(seconds=20)  # of a sign of life
SILENT = timedelta(seconds=6)  # since the last sign of life, after which a worker without session is dead
GRACE = timedelta(seconds=20)  # after the end of a sign of life, until a worker with a session is dead
_PREFIX = "worker:"
_SESSIONS = 471_120_241  # an arbitrary constant: the first half of the advisory locks' numbers
_LOCK_WAIT = "10s"  # a renewal that waits longer fails, and the next one tries again


def open_session(url: str, holder: str) -> Database:
    """Open the database for one thread; each connection to a PostgreSQL server holds the worker's session."""
    db = Database.open(url)
    if db.engine.dialect.name == "postgresql":

        @event.listens_for(db.engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            connection.execute(f"SET statement_timeout = '{_LOCK_WAIT}'")
            # Shared: an old connection of this worker, which the server still believes in, does not stop it.
            connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (_SESSIONS, _signed(_number(holder))))
            connection.commit()

    return db


def renew(
    db: Database, holder: str, now: datetime, *, wanted: str, kept: Sequence[str] = (), job_worker: int | None = None
) -> bool:
    """Show a sign of life, and take or extend the lease `wanted`; return whether this worker has it.

    Those of the leases `kept` that this worker has are extended too. `job_worker` is its number in the job tables.
    """
    with db.write(durable=False) as connection:
        leases.take(connection, _PREFIX + holder, holder, now, LIFE)
        if job_worker is not None:
            jobs.note_worker(connection, job_worker, holder, now)
        mine = update(meta).where(meta.c.key.in_(kept), meta.c.value == holder)
        connection.execute(mine.values(until=now + LIFE))
        return leases.take(connection, wanted, holder, now, LIFE)


def leave(db: Database, holder: str, now: datetime) -> None:
    """Note that a worker stopped in order, and release the leases of work that it did not finish."""
    with db.write() as connection:
        _release(connection, holder, now)


def release_dead(db: Database, now: datetime) -> list[str]:
    """Release what dead workers had leased, so that nobody waits for the end of a lease; return their names.

    A worker that was only paused loses its leases, and what it then saves is refused.
    """
    last_sign = now - SILENT
    silent = select(meta.c.value, meta.c.until).where(meta.c.key.startswith(_PREFIX), meta.c.until <= last_sign + LIFE)
    with db.read() as connection:
        if not connection.execute(silent).first():
            return []
    with db.write() as connection:
        found = connection.execute(silent.with_for_update(skip_locked=True)).all()
        sessions = _sessions(connection)
        dead = [row.value for row in found if row.until <= now - GRACE or _number(row.value) not in sessions]
        for holder in dead:
            _release(connection, holder, now)
    return dead


def _release(connection: Connection, holder: str, now: datetime) -> None:
    for leased in (feed_host, feed, digest):
        held = update(leased).where(leased.c.lease_owner == holder)
        connection.execute(held.values(lease_owner=None, lease_until=None))
    recovery.end_leases(connection, holder, now)
    jobs.forget_worker(connection, holder)
    connection.execute(delete(meta).where(meta.c.value == holder, meta.c.until.is_not(None)))  # all its named leases


def _sessions(connection: Connection) -> set[int]:
    """Return the numbers of the sessions in this database."""
    query = text("""SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :sessions
        AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""")
    return set(connection.execute(query, {"sessions": _SESSIONS}).scalars())


def _number(holder: str) -> int:
    return zlib.crc32(holder.encode())


def _signed(number: int) -> int:
    """Return a number of 32 bits as the argument of `pg_advisory_lock`, which has a sign."""
    return number - (1 << 32) if number >= 1 << 31 else number
