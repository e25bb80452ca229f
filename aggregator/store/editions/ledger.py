"""The ledger read: what each recipient knows of each story, whatever became of the story since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import article, item, item_article, ledger, story
from digests.model import Told


@dataclass(slots=True)
class Families:
    """Which ids mean the same event: `alive` from any id to the survivor, `members` from the survivor to all of them."""

    alive: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """Every id of every family."""
        return set().union(*self.members.values()) if self.members else set()


def families(connection: Connection, story_ids: Iterable[str]) -> Families:
    """Return the families of these stories; an id that is not stored is its own."""
    found = Families()
    for part in chunks(set(story_ids)):
        rows = connection.execute(select(story.c.id, story.c.merged_into).where(story.c.id.in_(part)))
        survivors = {row.id: row.merged_into or row.id for row in rows}
        for key in part:
            found.alive[key] = survivors.get(key, key)
    for alive in found.alive.values():
        found.members.setdefault(alive, {alive})
    for part in chunks(found.members.copy()):
        for row in connection.execute(select(story.c.id, story.c.merged_into).where(story.c.merged_into.in_(part))):
            found.members[row.merged_into].add(row.id)
    return found


def told(
    db: Database, recipient_ids: Sequence[int], story_ids: Sequence[str], until: datetime | None = None
) -> dict[int, dict[str, Told]]:
    """Return what each recipient was told of each story; a story that was never told is not in the inner map.

    What was told of a story that ended in this one counts, and so does what was told of an article that has since moved here.
    `until` looks back: what was told later is left out.
    """
    result: dict[int, dict[str, Told]] = {key: {} for key in recipient_ids}
    with db.read() as connection:
        kin = families(connection, story_ids)
        by_member = {member: alive for alive, members in kin.members.items() for member in members}
        seen: dict[tuple[int, str], dict[tuple[str, int], AnyRow]] = {}
        for row in _by_story(connection, recipient_ids, by_member):
            _remember(seen, row, by_member[row.told_story])
        for row in _by_article(connection, recipient_ids, kin.members):
            _remember(seen, row, row.now_in)
    for (recipient_id, alive), found in seen.items():
        rows = {key: row for key, row in found.items() if until is None or row.at <= until}
        if not rows:
            continue
        for asked, survivor in kin.alive.items():
            if survivor == alive:
                result[recipient_id][asked] = _told(asked, list(rows.values()))
    return result


def _remember(seen: dict[tuple[int, str], dict[tuple[str, int], AnyRow]], row: AnyRow, alive: str) -> None:
    seen.setdefault((row.recipient_id, alive), {})[row.edition_id, row.position] = row


_COLUMNS = (
    ledger.c.recipient_id,
    ledger.c.at,
    ledger.c.story_id.label("told_story"),
    item.c.edition_id,
    item.c.position,
    item.c.headline,
    item.c.facts,
    item.c.articles,
)
_ITEM_OF_LEDGER = and_(item.c.edition_id == ledger.c.edition_id, item.c.story_id == ledger.c.story_id)


def _by_story(connection: Connection, recipients: Sequence[int], ids: Iterable[str]) -> Iterable[AnyRow]:
    query = select(*_COLUMNS).join_from(ledger, item, _ITEM_OF_LEDGER).where(ledger.c.recipient_id.in_(recipients))
    return _each(connection, query, ledger.c.story_id, ids)


def _by_article(connection: Connection, recipients: Sequence[int], alive: Iterable[str]) -> Iterable[AnyRow]:
    query = (
        select(*_COLUMNS, article.c.story_id.label("now_in"))
        .select_from(article)
        .join(item_article, item_article.c.article_id == article.c.id)
        .join(item, and_(item.c.edition_id == item_article.c.edition_id, item.c.position == item_article.c.position))
        .join(ledger, _ITEM_OF_LEDGER)
        .where(ledger.c.recipient_id.in_(recipients))
        .distinct()
    )
    return _each(connection, query, article.c.story_id, alive)


def _each(connection: Connection, query: Select[Any], column: Any, values: Iterable[str]) -> Iterable[AnyRow]:
    return [row for part in chunks(values) for row in connection.execute(query.where(column.in_(part)))]


def _told(story_id: str, rows: list[AnyRow]) -> Told:
    last = max(rows, key=lambda row: (row.at, row.edition_id, row.position))
    when: datetime = last.at
    return Told(
        story=story_id,
        last_told=when,
        headline=last.headline,
        facts=frozenset(fact for row in rows for fact in row.facts),
        articles=frozenset(key for row in rows for key in row.articles),
    )


def was_told(db: Database, recipient_id: int, story_id: str) -> bool:
    """Whether a recipient was told this story."""
    mine = (ledger.c.recipient_id == recipient_id, ledger.c.story_id == story_id)
    with db.read() as connection:
        return connection.execute(select(ledger.c.story_id).where(*mine).limit(1)).first() is not None
