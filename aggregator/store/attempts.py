"""Work that was begun and has not ended: what kills or stops its process is found, and set aside after some tries.

    begin ──▶ work ──▶ end          the process dies between: the row stays, with the number of tries

One process at a time works with a key. `work` is group (keys are entries), describe (stories), digest (digests),
or compose (a digest and a story).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.tables import attempt

WORK = ("group", "describe", "digest", "compose")


@dataclass(frozen=True, slots=True)
class SetAside:
    """What is not tried any more, since when, and why."""

    work: str
    key: str
    since: datetime
    why: str


def unfinished(db: Database, work: str) -> dict[str, int]:
    """Return how often each key was begun without an end; not those that are set aside."""
    query = select(attempt.c.key, attempt.c.tries).where(attempt.c.work == work, attempt.c.aside.is_(None))
    with db.read() as connection:
        return {row.key: row.tries for row in connection.execute(query)}


def begin(db: Database, work: str, tries: Mapping[str, int], now: datetime) -> None:
    """Note that these keys are tried now; `tries` has their number including this one."""
    if not tries:
        return
    rows = [{"work": work, "key": key, "tries": number, "at": now} for key, number in tries.items()]
    # Not durable: a process that dies loses nothing of it, and after a power failure nothing is to blame.
    with db.write(durable=False) as connection:
        connection.execute(insert_or_replace(connection, attempt, ["work", "key"], ["tries", "at"]), rows)


def end(db: Database, work: str, keys: Iterable[str]) -> None:
    """Note that these keys were tried to the end."""
    with db.write(durable=False) as connection:
        for part in chunks(keys):
            mine = (attempt.c.work == work, attempt.c.key.in_(part), attempt.c.aside.is_(None))
            connection.execute(delete(attempt).where(*mine))


def take_back(db: Database, work: str, keys: Iterable[str]) -> None:
    """Note that a try of these keys ended in order without a result: it does not count."""
    with db.write(durable=False) as connection:
        for part in chunks(keys):
            mine = (attempt.c.work == work, attempt.c.key.in_(part), attempt.c.aside.is_(None))
            connection.execute(update(attempt).where(*mine).values(tries=attempt.c.tries - 1))
            connection.execute(delete(attempt).where(*mine, attempt.c.tries <= 0))


def set_aside(db: Database, work: str, key: str, why: str, now: datetime) -> None:
    """Note that a key is not tried any more."""
    row = {"work": work, "key": key, "at": now, "aside": now, "why": why}
    with db.write() as connection:
        connection.execute(insert_or_replace(connection, attempt, ["work", "key"], ["at", "aside", "why"]), row)


def forget(db: Database, work: str, key: str) -> None:
    """Forget the tries of a key, also if it is set aside, so that it is tried again."""
    with db.write() as connection:
        connection.execute(delete(attempt).where(attempt.c.work == work, attempt.c.key == key))


def aside(db: Database, work: str | None = None) -> list[SetAside]:
    """Return what is set aside, of one kind of work or of all, newest first."""
    query = select(attempt).where(attempt.c.aside.is_not(None))
    if work is not None:
        query = query.where(attempt.c.work == work)
    with db.read() as connection:
        rows = connection.execute(query.order_by(attempt.c.aside.desc(), attempt.c.key)).all()
    return [SetAside(row.work, row.key, row.aside, row.why) for row in rows]


def count_aside(db: Database) -> dict[str, int]:
    """Return how many keys are set aside, by kind of work."""
    query = select(attempt.c.work, func.count().label("number")).where(attempt.c.aside.is_not(None))
    with db.read() as connection:
        return {row.work: row.number for row in connection.execute(query.group_by(attempt.c.work))}
