"""Editions: each is saved in one transaction with its items, its deliveries and the ledger of its recipients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, union
from sqlalchemy.exc import IntegrityError

from aggregator.store.database import Database
from aggregator.store.editions.digests import move
from aggregator.store.editions.entries import plain_groups
from aggregator.store.editions.ledger import merged_stories, reported
from aggregator.store.editions.slots import store_slots
from aggregator.store.errors import AlreadyComposed, AlreadyReported, Refused
from aggregator.store.records import EditionDraft, EditionRecord, NewDelivery, RecipientSlot
from aggregator.store.schema.dialect import take_ids, violated
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import article, delivery, edition_entries, entry, item, item_article, ledger, story
from aggregator.store.schema.tables import edition as edition_table
from digests.model import Edition, Item, ItemKind
from digests.outbox import State

__all__ = [
    "candidates",
    "edition",
    "edition_slots",
    "edition_times",
    "editions",
    "editions_of_slots",
    "reported",
    "reports",
    "save_edition",
    "save_editions",
]

_LISTED = tuple(column for column in edition_table.c if column.name != "document")


def save_edition(
    db: Database,
    edition: Edition,
    document: str,
    subject: str = "",
    deliveries: Sequence[NewDelivery] = (),
    *,
    recipient_ids: Sequence[int] = (),
    next_slot: datetime | None = None,
    holder: str | None = None,
    now: datetime,
) -> list[int]:
    """Save one edition as `save_editions` does; return the ids of its deliveries."""
    draft = EditionDraft(edition, document, subject, tuple(deliveries), tuple(recipient_ids))
    return save_editions(db, [draft], next_slot=next_slot, holder=holder, now=now)


def save_editions(
    db: Database,
    drafts: Sequence[EditionDraft],
    *,
    next_slot: datetime | None = None,
    holder: str | None = None,
    served: Sequence[RecipientSlot] = (),
    now: datetime,
) -> list[int]:
    """Save the editions of one slot, one for each audience; return the ids of their deliveries.

    One transaction writes editions, items, queued deliveries, the ledger and the digest's next slot. With a `holder`
    the digest must be leased to it, and moves on to `next_slot`, its recipients to the slots `served`; without one the
    schedule does not change (a one-off `send`). The lease stays.
    Raises `AlreadyComposed`, `AlreadyReported` or `LeaseLost`, and has then written nothing.
    """
    with db.write() as connection:
        if holder is not None:
            _advance(connection, drafts, next_slot, holder, served)
        _refuse_composed(connection, drafts)
        for draft in drafts:
            _refuse_reported(connection, draft)
        try:
            return _insert(connection, drafts, now)
        except IntegrityError as error:
            raise _conflict(error) from error


def _advance(
    connection: Connection,
    drafts: Sequence[EditionDraft],
    next_slot: datetime | None,
    holder: str,
    served: Sequence[RecipientSlot],
) -> None:
    slots = {draft.edition.digest: draft.edition for draft in drafts}
    for name, made in slots.items():
        move(connection, name, holder, next_slot=next_slot, slot=made.slot, covered=made.period_end)
        store_slots(connection, name, served)


def _refuse_composed(connection: Connection, drafts: Sequence[EditionDraft]) -> None:
    for draft in drafts:
        made = draft.edition
        same = select(edition_table.c.id).where(
            edition_table.c.digest == made.digest,
            edition_table.c.slot == made.slot,
            edition_table.c.audience == made.audience,
        )
        if (found := connection.execute(same).scalar()) is not None:
            raise AlreadyComposed(f"{AlreadyComposed.__doc__}: {found}")


def _refuse_reported(connection: Connection, draft: EditionDraft) -> None:
    """Raise when a new story was already reported under any of its ids; the unique index covers one id only."""
    new = [made.story for made in draft.edition.items if made.kind is ItemKind.NEW]
    if not new or not draft.recipient_ids:
        return
    query = select(ledger.c.story_id).where(
        ledger.c.recipient_id.in_(draft.recipient_ids), ledger.c.story_id.in_(merged_stories(connection, new).ids)
    )
    if (found := connection.execute(query.limit(1)).scalar()) is not None:
        raise AlreadyReported(f"{AlreadyReported.__doc__}: {found}")


def _conflict(error: IntegrityError) -> Refused:
    table = violated(error)
    if table == "ledger":
        return AlreadyReported()
    return AlreadyComposed() if table == "edition" else Refused(f"{Refused.__doc__}: {error.orig}")


def _insert(connection: Connection, drafts: Sequence[EditionDraft], now: datetime) -> list[int]:
    connection.execute(insert(edition_table), [_edition_values(draft) for draft in drafts])
    groups = [{"edition_id": draft.edition.id, "groups": plain_groups(draft.groups)} for draft in drafts]
    connection.execute(insert(edition_entries), groups)
    items = [values for draft in drafts for values in _item_values(draft)]
    if items:
        connection.execute(insert(item), items)
        item_articles = [
            {"article_id": key, "edition_id": values["edition_id"], "position": values["position"]}
            for values in items
            for key in values["articles"]
        ]
        if item_articles:
            connection.execute(insert(item_article), item_articles)
    ledger_rows = [values for draft in drafts for values in _ledger_values(draft, now)]
    if ledger_rows:
        connection.execute(insert(ledger), ledger_rows)
    queued = [(draft, new) for draft in drafts for new in draft.deliveries]
    if not queued:
        return []
    ids = take_ids(connection, delivery, len(queued))
    rows = [
        delivery_values(key, draft.edition.id, draft.edition.digest, draft.subject, new, now)
        for key, (draft, new) in zip(ids, queued, strict=True)
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
            "story_id": edition_item.story,
            "kind": edition_item.kind.value,
            "topic": edition_item.topic,
            "headline": edition_item.headline,
            "facts": sorted(edition_item.facts),
            "articles": _articles(draft, edition_item),
        }
        for position, edition_item in enumerate(draft.edition.items)
    ]


def _articles(draft: EditionDraft, edition_item: Item) -> list[int]:
    shown = {source.article for source in edition_item.sources}
    return sorted(shown.union(draft.articles.get(edition_item.story, ())))


def _ledger_values(draft: EditionDraft, now: datetime) -> list[dict[str, Any]]:
    # A story that is in an edition twice counts once, as what its first item is.
    kinds = {edition_item.story: edition_item.kind.value for edition_item in reversed(draft.edition.items)}
    return [
        {"recipient_id": recipient_id, "story_id": key, "edition_id": draft.edition.id, "kind": kind, "at": now}
        for recipient_id in dict.fromkeys(draft.recipient_ids)
        for key, kind in kinds.items()
    ]


def delivery_values(
    key: int, edition_id: str, digest: str, subject: str, new: NewDelivery, now: datetime, copy: int = 0
) -> dict[str, Any]:
    """Return the row of a new delivery, queued to be sent at once."""
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
    """Return an edition with its document; None if there is none."""
    with db.read() as connection:
        row = connection.execute(select(edition_table).where(edition_table.c.id == edition_id)).first()
    return None if row is None else _record(row, row.document)


def editions(db: Database, digest: str | None = None, limit: int = 50) -> list[EditionRecord]:
    """Return editions without their documents, newest slot first."""
    query = select(*_LISTED).order_by(edition_table.c.slot.desc(), edition_table.c.id.desc()).limit(limit)
    if digest is not None:
        query = query.where(edition_table.c.digest == digest)
    with db.read() as connection:
        return [_record(row, "") for row in connection.execute(query)]


def editions_of_slots(db: Database, slots: Collection[tuple[str, datetime]], most: int) -> list[EditionRecord]:
    """Return editions of some slots, each given with its digest, without their documents, newest slot first.

    Of one slot at most `most`: first the one that is for everybody, then those with the most stories.
    """
    if not slots:
        return []
    times, made = {at for _, at in slots}, edition_table.c
    first = (case((made.audience == "", 0), else_=1), made["items"].desc(), made.id)
    place = func.row_number().over(partition_by=(made.digest, made.slot), order_by=first)
    query = select(*_LISTED, place.label("place")).where(
        made.digest.in_({name for name, _ in slots}), made.slot.between(min(times), max(times))
    )
    ranked = query.subquery()
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.slot.desc(), ranked.c.place)
    with db.read() as connection:
        found = [_record(row, "") for row in connection.execute(query)]
    return [record for record in found if (record.digest, record.slot) in slots]


def edition_slots(db: Database) -> list[tuple[str, datetime]]:
    """Return the digest and the slot of each edition, newest first."""
    query = select(edition_table.c.digest, edition_table.c.slot).order_by(edition_table.c.slot.desc())
    with db.read() as connection:
        return [(row.digest, row.slot) for row in connection.execute(query)]


def reports(db: Database, story_ids: Sequence[str], most: int) -> list[tuple[str, str, str, datetime, str]]:
    """Return what editions said of a story under any of its ids, oldest first: edition, title, kind, slot, headline.

    What several editions of one slot say alike is returned once. Of more than `most` reports the newest are returned.
    """
    said = (edition_table.c.title, item.c.kind, edition_table.c.slot, item.c.headline)
    one = func.min(edition_table.c.id)
    query = (
        select(one.label("id"), *said)
        .select_from(item.join(edition_table, edition_table.c.id == item.c.edition_id))
        .where(item.c.story_id.in_(story_ids))
        .group_by(*said)
        .order_by(edition_table.c.slot.desc(), one.desc())
        .limit(most)
    )
    with db.read() as connection:
        found = [(row.id, row.title, row.kind, row.slot, row.headline) for row in connection.execute(query)]
    return found[::-1]


def edition_times(db: Database, limit: int = 200) -> list[datetime]:
    """Return when the last editions with any story were composed, oldest first."""
    query = select(edition_table.c.composed).where(edition_table.c["items"] > 0).distinct()
    with db.read() as connection:
        found = connection.execute(query.order_by(edition_table.c.composed.desc()).limit(limit)).scalars()
        return sorted(found)


def first_reports(db: Database, digest: str) -> dict[str, datetime]:
    """Return the stories that the editions of a digest reported, and when first; of a merged story the survivor."""
    survivor = func.coalesce(story.c.merged_into, item.c.story_id)
    query = (
        select(survivor.label("story_id"), func.min(edition_table.c.composed).label("at"))
        .join(edition_table, edition_table.c.id == item.c.edition_id)
        .outerjoin(story, story.c.id == item.c.story_id)
        .where(edition_table.c.digest == digest)
        .group_by(survivor)
    )
    with db.read() as connection:
        return {row.story_id: row.at for row in connection.execute(query)}


def reported_by(db: Database, since: datetime, least: int) -> list[str]:
    """Return the ids of stories with an article after `since` and `least` articles at all."""
    recent = select(article.c.story_id).where(article.c.arrived > since)
    query = select(article.c.story_id).where(article.c.story_id.in_(recent)).group_by(article.c.story_id)
    with db.read() as connection:
        return sorted(connection.execute(query.having(func.count() >= least)).scalars())


def news_mark(db: Database) -> tuple[datetime | None, int]:
    """Return what changes when an article is placed in a story: the newest arrival, and the number of articles."""
    query = select(select(func.max(story.c.last)).scalar_subquery(), func.count(article.c.story_id))
    with db.read() as connection:
        newest, count = connection.execute(query.select_from(article)).one()
    return newest, count


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


def candidates(db: Database, since: datetime, published: datetime | None = None) -> list[str]:
    """Return the ids of stories with a new article or a changed text after `since`, for an edition to choose from.

    Articles from the backlog of a feed's first fetch do not count, except those `published` after that time. Stories
    that were reported before are included.
    """
    news = ~entry.c.backlog if published is None else ~entry.c.backlog | (entry.c.published > published)
    with_news = (
        select(article.c.story_id).join(entry, entry.c.id == article.c.id).where(article.c.arrived > since, news)
    )
    with_change = (
        select(article.c.story_id).join(entry, entry.c.article_id == article.c.id).where(entry.c.revised > since)
    )
    with db.read() as connection:
        return sorted(connection.execute(union(with_news, with_change)).scalars())
