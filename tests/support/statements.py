"""Collects the SQL statements that a block executes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from aggregator.store import Database


@contextmanager
def counting(db: Database) -> Iterator[list[str]]:
    """Collect the statements of the block, `BEGIN` of SQLite among them."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
