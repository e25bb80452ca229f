"""Named leases: one process at a time does a task; when it dies, its lease runs out and another process takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip
from aggregator.store.schema.tables import meta

LONGEST = timedelta(hours=1)  # no lease is longer: one that ends later was taken by a clock that was ahead


@dataclass(frozen=True, slots=True)
class Fence:
    """A lease with its number, which rises each time the lease passes to a process. `check` refuses an old number."""

    name: str
    number: int


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


def acquire_fenced(db: Database, name: str, holder: str, now: datetime, lease: timedelta) -> Fence | None:
    """Take or extend a lease whose holder writes under a fence; return None while another process holds it."""
    with db.write() as connection:
        present = connection.execute(select(meta).where(meta.c.key == name).with_for_update()).first()
        if not take(connection, name, holder, now, lease):
            return None
        number = _number(connection, name)
        extended = present is not None and present.value == holder and present.until and present.until > now
        if not (extended and number):
            number += 1
            merging = insert_or_replace(connection, meta, ["key"], ["value"])
            connection.execute(merging, {"key": _number_key(name), "value": str(number), "until": None})
        return Fence(name, number)


def extend(db: Database, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
    """Extend a lease that `holder` has, or had and nobody took since; never take one from another process."""
    with db.write() as connection:
        mine = update(meta).where(meta.c.key == name, meta.c.value == holder).values(until=now + lease)
        return connection.execute(mine).rowcount == 1


def check(connection: Connection, fence: Fence) -> None:
    """Refuse the caller's transaction if the lease has passed on. Raises `LeaseLost`.

    The lease cannot pass on before the transaction has ended. So a process that was paused and wakes up late writes
    nothing.
    """
    if _number(connection, fence.name) != fence.number:
        raise LeaseLost(f"another process took over {fence.name}")


def holder_of(db: Database, name: str, now: datetime) -> str | None:
    """Return who has the lease now; None if it is free."""
    query = select(meta.c.value).where(meta.c.key == name, meta.c.until > now)
    with db.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def release(db: Database, name: str, holder: str) -> None:
    """Release a lease, unless another process holds it."""
    with db.write() as connection:
        connection.execute(delete(meta).where(meta.c.key == name, meta.c.value == holder))


def _number_key(name: str) -> str:
    return f"{name}-number"


def _number(connection: Connection, name: str) -> int:
    """Return the number of a lease, and lock it against a change until the end of the transaction."""
    query = select(meta.c.value).where(meta.c.key == _number_key(name)).with_for_update(read=True)
    return int(connection.execute(query).scalar() or 0)
