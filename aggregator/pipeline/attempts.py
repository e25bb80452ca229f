"""Tries of work that may kill or stop its process, and what is set aside because it did so too often.

Many keys are tried together at first. What a process had begun when it died is tried again one by one, so that the
key at fault is found; after `MOST` tries it is set aside.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from aggregator.store import attempts as store
from aggregator.store.database import Database
from aggregator.store.errors import StoreError

log = logging.getLogger(__name__)

MOST = 3  # tries that did not end: one together with others, and two alone
Key = TypeVar("Key", bound=Hashable)


class Attempts:
    """The tries of one kind of work. One process at a time does it."""

    def __init__(self, db: Database, work: str, clock: Callable[[], datetime], most: int = MOST) -> None:
        self._db, self._work, self._clock = db, work, clock
        self._tries: Mapping[str, int] = store.unfinished(db, work)
        self._aside = {one.key for one in store.aside(db, work)}
        for key in [key for key, number in self._tries.items() if number >= most]:
            self.set_aside(key, f"{most} tries ended or stopped the process")

    @property
    def suspects(self) -> set[str]:
        """What was begun and has not ended."""
        return set(self._tries)

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
        store.begin(self._db, self._work, {name: self._tries.get(name, 0) + 1 for name in names}, self._clock())

    def take_back(self, keys: Collection[object]) -> None:
        """Note that a try of these keys failed in order, which does not count."""
        with contextlib.suppress(StoreError):
            store.take_back(self._db, self._work, [str(key) for key in keys])

    def ended(self, keys: Collection[object]) -> None:
        """Note that these keys were tried to the end."""
        names = {str(key) for key in keys}
        store.end(self._db, self._work, names)
        self._tries = {key: number for key, number in self._tries.items() if key not in names}

    def set_aside(self, key: object, why: str) -> None:
        """Do not try a key any more."""
        name = str(key)
        log.error("set aside", extra={"fields": {"work": self._work, "key": name, "why": why}})
        store.set_aside(self._db, self._work, name, why, self._clock())
        self._aside.add(name)
        self._tries = {key: number for key, number in self._tries.items() if key != name}
