"""Listens to the SQL statements that a block executes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from aggregator.store import Database


@contextmanager
def listening(db: Database, note: Callable[[str, Any], None]) -> Iterator[None]:
    """Call `note` with each statement of the block and its parameters, a list of them for one with many rows."""

    def heard(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        note(statement, parameters)

    event.listen(db.engine, "before_cursor_execute", heard)
    yield
    event.remove(db.engine, "before_cursor_execute", heard)


@contextmanager
def counting(db: Database) -> Iterator[list[str]]:
    """Collect the statements of the block, `BEGIN` of SQLite among them."""
    seen: list[str] = []
    with listening(db, lambda statement, _: seen.append(statement)):
        yield seen
