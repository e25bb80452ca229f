"""Work that was begun and has not ended: what kills or stops its process is found, and set aside after some tries.

    begin ──▶ work ──▶ end          the process dies between: the row stays, with the number of tries

Many keys are tried together at first. What a process had begun when it died is tried again one by one, so that the key
at fault is found. But a process may also be killed from outside, and then its key is innocent: from `DOUBTFUL` tries on
a key is tried in a process of its own before (see `system.alone`), and set aside if that one dies too. Where that
proves nothing, a key is set aside after `MOST` tries. One process at a time works with a key. `work` is group (keys
are entries), describe (stories), digest (digests), or compose (a digest and a story).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, func, select, update

from aggregator.store.database import Database
from aggregator.store.errors import StoreError
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.tables import attempt

log = logging.getLogger(__name__)

WORK = ("group", "describe", "digest", "compose")
DOUBTFUL = 2  # tries that did not end: one together with others, and one alone
MOST = 8  # less than those of a digest, so that a story at fault is found before
Key = TypeVar("Key", bound=Hashable)


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


class Attempts:
    """The tries of one kind of work, of the keys that are `own`. One process at a time works with them."""

    def __init__(
        self,
        db: Database,
        work: str,
        clock: Callable[[], datetime],
        most: int = MOST,
        own: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Read the tries, and set aside what was tried `most` times. Another's try may be under way: it is not own."""
        self._db, self._work, self._clock = db, work, clock
        self._tries: Mapping[str, int] = {key: number for key, number in unfinished(db, work).items() if own(key)}
        self._aside = {one.key for one in aside(db, work) if own(one.key)}
        for key in [key for key, number in self._tries.items() if number >= most]:
            self.set_aside(key, f"{most} tries ended or stopped the process")

    @property
    def suspects(self) -> set[str]:
        """What was begun and has not ended."""
        return set(self._tries)

    @property
    def doubtful(self) -> set[str]:
        """What was begun so often without an end that it is tried in a process of its own before."""
        return {key for key, number in self._tries.items() if number >= DOUBTFUL}

    def is_aside(self, key: object) -> bool:
        """Whether a key is set aside."""
        return str(key) in self._aside

    def parts(self, keys: Sequence[Key], most: int) -> Iterator[list[Key]]:
        """Yield the keys in their order: each suspect alone, the others up to `most` together."""
        part: list[Key] = []
        for key in keys:
            alone = str(key) in self._tries
            if part and (alone or len(part) == most):
                yield part
                part = []
            if alone:
                yield [key]
            else:
                part.append(key)
        if part:
            yield part

    @contextmanager
    def trying(self, keys: Collection[object]) -> Iterator[None]:
        """Note that these keys are tried while the block runs. An error that it raises does not count as a try."""
        tried = [key for key in keys if not self.is_aside(key)]
        if not tried:
            yield
            return
        self.begin(tried)
        try:
            yield
        except BaseException:
            self.take_back(tried)
            raise
        self.ended(tried)

    def begin(self, keys: Collection[object]) -> None:
        """Note that these keys are tried now. `ended` or `take_back` follows, unless the process dies."""
        names = [str(key) for key in keys]
        begin(self._db, self._work, {name: self._tries.get(name, 0) + 1 for name in names}, self._clock())

    def take_back(self, keys: Collection[object]) -> None:
        """Note that a try of these keys failed in order, which does not count."""
        with contextlib.suppress(StoreError):
            take_back(self._db, self._work, [str(key) for key in keys])

    def ended(self, keys: Collection[object]) -> None:
        """Note that these keys were tried to the end."""
        names = {str(key) for key in keys}
        end(self._db, self._work, names)
        self._tries = {key: number for key, number in self._tries.items() if key not in names}

    def set_aside(self, key: object, why: str) -> None:
        """Do not try a key any more."""
        name = str(key)
        log.error("set aside", extra={"fields": {"work": self._work, "key": name, "why": why}})
        set_aside(self._db, self._work, name, why, self._clock())
        self._aside.add(name)
        self._tries = {key: number for key, number in self._tries.items() if key != name}
