"""Editions: composed once, in one transaction with their items, their deliveries and what their readers now know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, union, update
from sqlalchemy.exc import IntegrityError

from aggregator.store.database import Database
from aggregator.store.editions.ledger import families, told
from aggregator.store.errors import AlreadyComposed, LeaseLost, Refused, ToldAlready
from aggregator.store.records import EditionDraft, EditionRecord, NewDelivery
from aggregator.store.schema.dialect import take_ids, violated
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import article, delivery, digest, entry, item, item_article, ledger
from aggregator.store.schema.tables import edition as edition_table
from digests.model import Edition, Item, ItemKind
from digests.outbox import State

__all__ = ["candidates", "edition", "editions", "save_edition", "save_editions", "told"]


def save_edition(
    db: Database,
    edition: Edition,
    document: str,
    subject: str = "",
    deliveries: Sequence[NewDelivery] = (),
    *,
    recipient_ids: Sequence[int] = (),
    next_slot: datetime | None = None,
    owner: str | None = None,
    now: datetime,
) -> list[int]:
    """Save one edition as `save_editions` does; return the ids of its deliveries."""
    draft = EditionDraft(edition, document, subject, tuple(deliveries), tuple(recipient_ids))
    return save_editions(db, [draft], next_slot=next_slot, owner=owner, now=now)


def save_editions(
    db: Database,
    drafts: Sequence[EditionDraft],
    *,
    next_slot: datetime | None = None,
    owner: str | None = None,
    now: datetime,
) -> list[int]:
    """Save the editions of one slot, one for each audience, all or none; return the ids of their deliveries.

    One transaction holds editions, items, queued deliveries, ledger and the digest's next slot. With an `owner` the digest must
    be leased to it, and goes on to `next_slot`; without, nothing of the schedule changes (a one-off `send`).
    Raises `AlreadyComposed`, `ToldAlready` or `LeaseLost`, and then has written nothing.
    """
    with db.write() as connection:
        if owner is not None:
            _advance(connection, drafts, next_slot, owner)
        _refuse_twice(connection, drafts)
        for draft in drafts:
            _refuse_told(connection, draft)
        try:
            return _insert(connection, drafts, now)
        except IntegrityError as error:
            raise _refusal(error) from error


def _advance(connection: Connection, drafts: Sequence[EditionDraft], next_slot: datetime | None, owner: str) -> None:
    """Move the digest on to its next slot; that also keeps two composers of one slot apart."""
    slots = {draft.edition.digest: draft.edition.slot for draft in drafts}
    for name, slot in slots.items():
        mine = update(digest).where(digest.c.name == name, digest.c.lease_owner == owner)
        served = mine.values(last_slot=slot, next_slot=next_slot, lease_owner=None, lease_until=None)
        if connection.execute(served).rowcount != 1:
            raise LeaseLost


def _refuse_twice(connection: Connection, drafts: Sequence[EditionDraft]) -> None:
    for draft in drafts:
        made = draft.edition
        same = select(edition_table.c.id).where(
            edition_table.c.digest == made.digest,
            edition_table.c.slot == made.slot,
            edition_table.c.audience == made.audience,
        )
        if (found := connection.execute(same).scalar()) is not None:
            raise AlreadyComposed(f"{AlreadyComposed.__doc__}: {found}")


def _refuse_told(connection: Connection, draft: EditionDraft) -> None:
    """Refuse a story as new that was told under any of its ids; the unique index holds the same for one id."""
    fresh = [made.story for made in draft.edition.items if made.kind is ItemKind.NEW]
    if not fresh or not draft.recipient_ids:
        return
    query = select(ledger.c.story_id).where(
        ledger.c.recipient_id.in_(draft.recipient_ids), ledger.c.story_id.in_(families(connection, fresh).ids)
    )
    if (found := connection.execute(query.limit(1)).scalar()) is not None:
        raise ToldAlready(f"{ToldAlready.__doc__}: {found}")


def _refusal(error: IntegrityError) -> Refused:
    table = violated(error)
    if table == "ledger":
        return ToldAlready()
    return AlreadyComposed() if table == "edition" else Refused(f"{Refused.__doc__}: {error.orig}")


def _insert(connection: Connection, drafts: Sequence[EditionDraft], now: datetime) -> list[int]:
    connection.execute(insert(edition_table), [_edition_values(draft) for draft in drafts])
    items = [values for draft in drafts for values in _item_values(draft)]
    if items:
        connection.execute(insert(item), items)
        of_items = [
            {"article_id": key, "edition_id": values["edition_id"], "position": values["position"]}
            for values in items
            for key in values["articles"]
        ]
        if of_items:
            connection.execute(insert(item_article), of_items)
    told_now = [values for draft in drafts for values in _ledger_values(draft, now)]
    if told_now:
        connection.execute(insert(ledger), told_now)
    waiting = [(draft, new) for draft in drafts for new in draft.deliveries]
    if not waiting:
        return []
    ids = take_ids(connection, delivery, len(waiting))
    rows = [
        delivery_values(key, draft.edition.id, draft.edition.digest, draft.subject, new, now)
        for key, (draft, new) in zip(ids, waiting, strict=True)
    ]
    connection.execute(insert(delivery), rows)
    return ids


def _edition_values(draft: EditionDraft) -> dict[str, Any]:
    made = draft.edition
    return {
        "id": made.id,
        "digest": made.digest,
        "slot": made.slot,
        "audience": made.audience,
        "composed": made.composed,
        "period_start": made.period_start,
        "period_end": made.period_end,
        "quiet": made.quiet,
        "items": len(made.items),
        "title": made.title,
        "subject": draft.subject,
        "document": draft.document,
    }


def _item_values(draft: EditionDraft) -> list[dict[str, Any]]:
    return [
        {
            "edition_id": draft.edition.id,
            "position": position,
            "story_id": told_item.story,
            "kind": told_item.kind.value,
            "topic": told_item.topic,
            "headline": told_item.headline,
            "facts": sorted(told_item.facts),
            "articles": _articles(draft, told_item),
        }
        for position, told_item in enumerate(draft.edition.items)
    ]


def _articles(draft: EditionDraft, told_item: Item) -> list[int]:
    shown = {source.article for source in told_item.sources}
    return sorted(shown.union(draft.articles.get(told_item.story, ())))


def _ledger_values(draft: EditionDraft, now: datetime) -> list[dict[str, Any]]:
    # A story stands in an edition once; were it twice, it would still be told once.
    kinds = {told_item.story: told_item.kind.value for told_item in reversed(draft.edition.items)}
    return [
        {"recipient_id": reader, "story_id": key, "edition_id": draft.edition.id, "kind": kind, "at": now}
        for reader in dict.fromkeys(draft.recipient_ids)
        for key, kind in kinds.items()
    ]


def delivery_values(
    key: int, edition_id: str, digest: str, subject: str, new: NewDelivery, now: datetime, copy: int = 0
) -> dict[str, Any]:
    """Return a new row of the outbox, queued to be sent at once."""
    return {
        "id": key,
        "edition_id": edition_id,
        "digest": digest,
        "recipient_id": new.recipient_id,
        "copy": copy,
        "state": State.QUEUED.value,
        "next_try": now,
        "expires": new.expires,
        "created": now,
        "updated": now,
        "message_id": new.message_id,
        "sender": new.sender,
        "subject": subject,
        "media_type": new.media_type,
        "filename": new.filename,
        "body": new.body,
    }


def edition(db: Database, edition_id: str) -> EditionRecord | None:
    """Return an edition with its document."""
    with db.read() as connection:
        row = connection.execute(select(edition_table).where(edition_table.c.id == edition_id)).first()
    return None if row is None else _record(row, row.document)


def editions(
    db: Database, digest: str | None = None, limit: int = 50, before: datetime | None = None
) -> list[EditionRecord]:
    """Return editions without their documents, newest slot first; `before` a slot, for paging."""
    columns = [column for column in edition_table.c if column.name != "document"]
    query = select(*columns).order_by(edition_table.c.slot.desc(), edition_table.c.id.desc()).limit(limit)
    if digest is not None:
        query = query.where(edition_table.c.digest == digest)
    if before is not None:
        query = query.where(edition_table.c.slot < before)
    with db.read() as connection:
        return [_record(row, "") for row in connection.execute(query)]


def _record(row: AnyRow, document: str) -> EditionRecord:
    return EditionRecord(
        id=row.id,
        digest=row.digest,
        slot=row.slot,
        audience=row.audience,
        composed=row.composed,
        period_start=row.period_start,
        period_end=row.period_end,
        items=row.items,
        quiet=row.quiet,
        title=row.title,
        subject=row.subject,
        document=document,
    )


def candidates(db: Database, since: datetime) -> list[str]:
    """Return the stories that an edition may tell: with news that arrived after `since`, or a text changed since then.

    A story of nothing but old entries from a feed's first fetch is none. What was told already is for `told` and the choice.
    """
    grown = (
        select(article.c.story_id)
        .join(entry, entry.c.id == article.c.id)
        .where(article.c.arrived > since, ~entry.c.backlog)
    )
    changed = select(article.c.story_id).join(entry, entry.c.article_id == article.c.id).where(entry.c.revised > since)
    with db.read() as connection:
        return sorted(connection.execute(union(grown, changed)).scalars())
