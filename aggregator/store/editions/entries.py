"""What each edition did with the entries of its period."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from aggregator.store.database import Database
from aggregator.store.records import EntryGroup
from aggregator.store.schema.tables import edition_entries
from digests.reasons import EntryClass, from_plain, to_plain


def entry_groups(db: Database, edition_id: str) -> tuple[EntryGroup, ...]:
    """Return the entries of an edition's period by class and reason; none for an edition of an earlier version."""
    with db.read() as connection:
        query = select(edition_entries.c.groups).where(edition_entries.c.edition_id == edition_id)
        stored = connection.execute(query).scalar()
    return tuple(
        EntryGroup(EntryClass(kind), tuple(entries), from_plain(reason) if reason else None)
        for kind, reason, entries in stored or ()
    )


def plain_groups(groups: Iterable[EntryGroup]) -> list[list[Any]]:
    """Return the groups as the JSON column stores them."""
    return [[g.entry_class.value, to_plain(g.reason) if g.reason else None, list(g.entries)] for g in groups]
