"""Taking entries out of the full-text index, inside a transaction of their own topic (see `search` for the rest)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, text, update

from aggregator.store.tables import entry

# FTS5 over another table's columns must be told the old words to forget them: so this runs before they are overwritten.
_FORGET = {
    "sqlite": "INSERT INTO entry_search (entry_search, rowid, title, text)"
    " SELECT 'delete', id, title, text FROM entry WHERE \"indexed\" AND id IN :ids",
    "postgresql": "DELETE FROM entry_search WHERE entry_id IN :ids",
}


def unindex(connection: Connection, ids: Sequence[int]) -> None:
    """Forget these entries' words; they are indexed anew by the next `search.index_entries`."""
    statement = text(_FORGET[connection.dialect.name]).bindparams(bindparam("ids", expanding=True))
    connection.execute(statement, {"ids": list(ids)})
    connection.execute(update(entry).where(entry.c.id.in_(ids), entry.c.indexed).values(indexed=False))
