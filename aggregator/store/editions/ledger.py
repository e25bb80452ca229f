"""Reads the ledger: which stories each recipient has received, also after stories were merged or articles moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import article, edition, item, item_article, ledger, story
from digests.model import Reported


@dataclass(slots=True)
class MergedStories:
    """Ids of merged stories: `survivors` maps an id to its surviving story, `members` a survivor to all its ids."""

    survivors: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """All ids of all stories."""
        return set().union(*self.members.values()) if self.members else set()


def merged_stories(connection: Connection, story_ids: Iterable[str]) -> MergedStories:
    """Return the survivors and members of these stories; an id that is not stored is its own survivor."""
    found = MergedStories()
    for part in chunks(set(story_ids)):
        rows = connection.execute(select(story.c.id, story.c.merged_into).where(story.c.id.in_(part)))
        survivors = {row.id: row.merged_into or row.id for row in rows}
        for key in part:
            found.survivors[key] = survivors.get(key, key)
    for survivor in found.survivors.values():
        found.members.setdefault(survivor, {survivor})
    for part in chunks(found.members.copy()):
        for row in connection.execute(select(story.c.id, story.c.merged_into).where(story.c.merged_into.in_(part))):
            found.members[row.merged_into].add(row.id)
    return found


def reported(
    db: Database,
    recipient_ids: Sequence[int],
    story_ids: Sequence[str],
    until: datetime | None = None,
    digest: str | None = None,
) -> dict[int, dict[str, Reported]]:
    """Return what was reported of each story to each recipient; the inner map leaves out stories never reported.

    Stories that were merged into a story count for it, and so do articles that have since moved to it.
    With `until` later editions are left out, with `digest` those of other digests.
    """
    result: dict[int, dict[str, Reported]] = {key: {} for key in recipient_ids}
    with db.read() as connection:
        merged = merged_stories(connection, story_ids)
        by_member = {member: survivor for survivor, members in merged.members.items() for member in members}
        items: dict[tuple[int, str], dict[tuple[str, int], AnyRow]] = {}
        for row in _by_story(connection, recipient_ids, by_member):
            _add_item(items, row, by_member[row.reported_story])
        for row in _by_article(connection, recipient_ids, merged.members):
            _add_item(items, row, row.now_in)
    for (recipient_id, reported_id), found in items.items():
        rows = {
            key: row
            for key, row in found.items()
            if (until is None or row.at <= until) and digest in (None, row.digest)
        }
        if not rows:
            continue
        for story_id, survivor in merged.survivors.items():
            if survivor == reported_id:
                result[recipient_id][story_id] = _reported(story_id, list(rows.values()))
    return result


def _add_item(items: dict[tuple[int, str], dict[tuple[str, int], AnyRow]], row: AnyRow, story_id: str) -> None:
    items.setdefault((row.recipient_id, story_id), {})[row.edition_id, row.position] = row


_COLUMNS = (
    ledger.c.recipient_id,
    ledger.c.at,
    ledger.c.story_id.label("reported_story"),
    item.c.edition_id,
    item.c.position,
    item.c.headline,
    item.c.facts,
    item.c.articles,
    edition.c.digest,
)
_ITEM_OF_LEDGER = and_(item.c.edition_id == ledger.c.edition_id, item.c.story_id == ledger.c.story_id)


def _by_story(connection: Connection, recipients: Sequence[int], ids: Iterable[str]) -> Iterable[AnyRow]:
    joined = select(*_COLUMNS).join_from(ledger, item, _ITEM_OF_LEDGER).join(edition, edition.c.id == item.c.edition_id)
    query = joined.where(ledger.c.recipient_id.in_(recipients))
    return _rows_in(connection, query, ledger.c.story_id, ids)


def _by_article(connection: Connection, recipients: Sequence[int], story_ids: Iterable[str]) -> Iterable[AnyRow]:
    query = (
        select(*_COLUMNS, article.c.story_id.label("now_in"))
        .select_from(article)
        .join(item_article, item_article.c.article_id == article.c.id)
        .join(item, and_(item.c.edition_id == item_article.c.edition_id, item.c.position == item_article.c.position))
        .join(ledger, _ITEM_OF_LEDGER)
        .join(edition, edition.c.id == item.c.edition_id)
        .where(ledger.c.recipient_id.in_(recipients))
        .distinct()
    )
    return _rows_in(connection, query, article.c.story_id, story_ids)


def _rows_in(connection: Connection, query: Select[Any], column: Any, values: Iterable[str]) -> Iterable[AnyRow]:
    return [row for part in chunks(values) for row in connection.execute(query.where(column.in_(part)))]


def _reported(story_id: str, rows: list[AnyRow]) -> Reported:
    last = max(rows, key=lambda row: (row.at, row.edition_id, row.position))
    when: datetime = last.at
    return Reported(
        story=story_id,
        last_reported=when,
        headline=last.headline,
        facts=frozenset(fact for row in rows for fact in row.facts),
        articles=frozenset(key for row in rows for key in row.articles),
    )


def was_reported(db: Database, recipient_id: int, story_id: str) -> bool:
    """Whether an edition with this story was composed for a recipient."""
    mine = (ledger.c.recipient_id == recipient_id, ledger.c.story_id == story_id)
    with db.read() as connection:
        return connection.execute(select(ledger.c.story_id).where(*mine).limit(1)).first() is not None
