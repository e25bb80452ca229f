"""Small facts about the database itself, and the claim that lets one daemon serve it at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from aggregator.store.database import Database
from aggregator.store.errors import InstanceHeld, LeaseLost
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip
from aggregator.store.schema.tables import meta

_INSTANCE = "instance"


def get(db: Database, key: str) -> str | None:
    """Return the value kept under `key`."""
    with db.read() as connection:
        found: str | None = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return found


def starting(db: Database, prefix: str) -> dict[str, str]:
    """Return the values kept under keys that begin with `prefix`, by what follows it."""
    query = select(meta.c.key, meta.c.value).where(meta.c.key.startswith(prefix, autoescape=True))
    with db.read() as connection:
        return {row.key.removeprefix(prefix): row.value for row in connection.execute(query)}


def put(db: Database, key: str, value: str) -> None:
    """Keep a value under `key`."""
    with db.write() as connection:
        merging = insert_or_replace(connection, meta, ["key"], ["value"])
        connection.execute(merging, {"key": key, "value": value, "until": None})


def acquire_instance(
    db: Database, owner: str, now: datetime, lease: timedelta, died: Callable[[str], bool] = lambda _: False
) -> None:
    """Claim to be the one daemon of this database until `now + lease`. Raises `InstanceHeld` while another's claim runs.

    `died` says of an owner that its process is known to be gone: its claim ends with it.
    """
    with db.write() as connection:
        holder = connection.execute(select(meta.c.value).where(meta.c.key == _INSTANCE)).scalar()
        if holder is not None and died(holder):
            connection.execute(delete(meta).where(meta.c.key == _INSTANCE))
        connection.execute(insert_or_skip(connection, meta), {"key": _INSTANCE, "value": owner, "until": now})
        free = or_(meta.c.until.is_(None), meta.c.until <= now, meta.c.value == owner)
        mine = update(meta).where(meta.c.key == _INSTANCE, free).values(value=owner, until=now + lease)
        if connection.execute(mine).rowcount != 1:
            other = connection.execute(select(meta).where(meta.c.key == _INSTANCE)).one()
            raise InstanceHeld(f"{InstanceHeld.__doc__}: {other.value}, until {other.until:%Y-%m-%d %H:%M:%S} UTC")


def renew_instance(db: Database, owner: str, now: datetime, lease: timedelta) -> None:
    """Hold the claim longer. Raises `LeaseLost` when another daemon took over: then stop."""
    with db.write() as connection:
        mine = update(meta).where(meta.c.key == _INSTANCE, meta.c.value == owner).values(until=now + lease)
        if connection.execute(mine).rowcount != 1:
            raise LeaseLost("another daemon took over this database")


def release_instance(db: Database, owner: str) -> None:
    """Give the claim up; nothing happens if another has it."""
    with db.write() as connection:
        connection.execute(delete(meta).where(meta.c.key == _INSTANCE, meta.c.value == owner))
