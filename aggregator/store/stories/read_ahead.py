"""What polling workers read of entries before they are grouped, so that the process that groups only decides.

It is a help, not a duty: an entry without it is read when it is grouped. A reading is kept with the fingerprint of the
text that was read, so that one of an earlier text is not used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.tables import comparison, entry, feed, read_ahead
from aggregator.store.stories.readings import DOCUMENT_COLUMNS, document_of
from aggregator.stories.model import Document

_GROUPED = exists().where(entry.c.id == read_ahead.c.entry_id, entry.c.grouped)


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """The reading of an entry, its form, and the fingerprint of the text that was read (see `stored`)."""

    form: str
    fingerprint: str
    reading: bytes


def waiting(db: Database, ids: Collection[int]) -> list[Document]:
    """Return those of these entries that are not grouped, in order of arrival."""
    query = select(*DOCUMENT_COLUMNS, entry.c.text).join_from(entry, feed).where(~entry.c.grouped)
    with db.read() as connection:
        return [
            document_of(row)
            for part in chunks(sorted(ids))
            for row in connection.execute(query.where(entry.c.id.in_(part)).order_by(entry.c.id))
        ]


def save(db: Database, read: Mapping[int, ReadAhead]) -> None:
    """Store readings of entries; not of those that were grouped meanwhile."""
    if not read:
        return
    rows = [
        {"entry_id": key, "form": one.form, "fingerprint": one.fingerprint, "reading": one.reading}
        for key, one in read.items()
    ]
    columns = ["form", "fingerprint", "reading"]
    with db.write(durable=False) as connection:
        connection.execute(insert_or_replace(connection, read_ahead, ["entry_id"], columns), rows)
        _delete(connection, read, only_grouped=True)


def load(db: Database, ids: Iterable[int]) -> dict[int, ReadAhead]:
    """Return what was read of these entries, by entry."""
    with db.read() as connection:
        return {
            row.entry_id: ReadAhead(row.form, row.fingerprint, row.reading)
            for part in chunks(ids)
            for row in connection.execute(select(read_ahead).where(read_ahead.c.entry_id.in_(part)))
        }


def held(db: Database, ids: Iterable[int]) -> list[int]:
    """Return those of these entries that have a reading ahead."""
    with db.read() as connection:
        return [
            key
            for part in chunks(ids)
            for key in connection.scalars(select(read_ahead.c.entry_id).where(read_ahead.c.entry_id.in_(part)))
        ]


def take(db: Database, articles: Collection[int], grouped: Collection[int]) -> None:
    """Keep the readings of these new articles with the window's, and delete those of all `grouped` entries."""
    source = select(read_ahead.c.entry_id, read_ahead.c.form, read_ahead.c.reading)
    with db.write() as connection:
        for part in chunks(sorted(articles)):
            rows = source.where(read_ahead.c.entry_id.in_(part))
            columns = ["article_id", "form", "reading"]
            replacing = insert_or_replace(connection, comparison, columns[:1], columns[1:])
            connection.execute(replacing.from_select(columns, rows))
        _delete(connection, grouped)


def prune(db: Database) -> None:
    """Delete the readings of grouped entries that a crash left."""
    with db.write(durable=False) as connection:
        connection.execute(delete(read_ahead).where(_GROUPED))


def _delete(connection: Connection, ids: Iterable[int], *, only_grouped: bool = False) -> None:
    for part in chunks(ids):
        mine = delete(read_ahead).where(read_ahead.c.entry_id.in_(part))
        connection.execute(mine.where(_GROUPED) if only_grouped else mine)
