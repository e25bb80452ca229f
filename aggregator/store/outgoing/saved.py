"""What was saved for later: stories and single articles, and the queue of what is sent to other services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, or_, select, union, update

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks, insert_or_skip
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.saved import saved, saved_send
from aggregator.store.schema.tables import story


class Sending(StrEnum):
    """The state of what is sent to a service; the words of the database."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class NewSaved:
    """What is saved: a story or a single article, with what remains of it after both were deleted."""

    title: str
    url: str = ""
    story: str | None = None
    entry: int | None = None
    outlet: str = ""
    language: str = ""
    text: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendRecord:
    """What was or will be sent to one service. `due` is the next try of a queued one, else when it ended."""

    service: str
    state: Sending
    tries: int
    due: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class SavedRecord:
    """What was saved, and when."""

    id: int
    at: datetime
    item: NewSaved
    sends: tuple[SendRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class DueSend:
    """What has to be sent now. `tries` counts this one."""

    service: str
    tries: int
    record: SavedRecord


def add(db: Database, item: NewSaved, now: datetime, services: Collection[str] = ()) -> None:
    """Save a story or an article, and queue it for these services; what is saved already stays as it is."""
    values = {
        "story_id": item.story,
        "entry_id": item.entry,
        "at": now,
        "published": item.published,
        "url": item.url,
        "outlet": item.outlet,
        "language": item.language,
        "title": item.title,
        "text": item.text,
    }
    own = saved.c.story_id == item.story if item.story is not None else saved.c.entry_id == item.entry
    with db.write() as connection:
        known = connection.execute(select(saved.c.id).where(own)).first()
        if known is not None:
            return
        connection.execute(insert_or_skip(connection, saved), values)
        key = connection.execute(select(saved.c.id).where(own)).scalar_one()
        rows = [
            {"saved_id": key, "service": name, "state": Sending.QUEUED.value, "due": now}
            for name in dict.fromkeys(services)
        ]
        if rows and item.url:
            connection.execute(insert_or_skip(connection, saved_send), rows)


def remove(db: Database, stories: Collection[str] = (), entries: Collection[int] = ()) -> None:
    """Remove stories and articles from what is saved; what is queued of them is not sent."""
    with db.write() as connection:
        connection.execute(
            delete(saved).where(or_(saved.c.story_id.in_(list(stories)), saved.c.entry_id.in_(list(entries))))
        )


def remove_by_id(db: Database, key: int) -> None:
    """Remove what was saved under an id."""
    with db.write() as connection:
        connection.execute(delete(saved).where(saved.c.id == key))


def saved_stories(db: Database, stories: Iterable[str]) -> set[str]:
    """Return those of these stories that are saved, under their own id or that of a story they were merged with."""
    survivor = func.coalesce(story.c.merged_into, story.c.id)
    kept = story.alias()
    survivors = select(func.coalesce(kept.c.merged_into, kept.c.id)).join(saved, saved.c.story_id == kept.c.id)
    with db.read() as connection:
        return {
            found
            for part in chunks(stories)
            for found in connection.execute(
                union(
                    select(saved.c.story_id).where(saved.c.story_id.in_(part)),  # also of a story that was deleted
                    select(story.c.id).where(story.c.id.in_(part), survivor.in_(survivors)),
                )
            ).scalars()
        }


def saved_entries(db: Database, entries: Iterable[int]) -> set[int]:
    """Return those of these articles, by the ids of entries, that are saved."""
    with db.read() as connection:
        return {
            found
            for part in chunks(entries)
            for found in connection.execute(select(saved.c.entry_id).where(saved.c.entry_id.in_(part))).scalars()
        }


def list_saved(db: Database, limit: int | None = None, offset: int = 0) -> list[SavedRecord]:
    """Return what is saved, newest first, with what was sent of it."""
    query = select(saved).order_by(saved.c.at.desc(), saved.c.id.desc()).limit(limit).offset(offset)
    sends: dict[int, list[SendRecord]] = {}
    with db.read() as connection:
        rows = connection.execute(query).all()
        for part in chunks([row.id for row in rows]):
            mine = select(saved_send).where(saved_send.c.saved_id.in_(part)).order_by(saved_send.c.service)
            for row in connection.execute(mine):
                found = SendRecord(row.service, Sending(row.state), row.tries, row.due, row.detail)
                sends.setdefault(row.saved_id, []).append(found)
    return [_record(row, sends.get(row.id, ())) for row in rows]


def count(db: Database) -> int:
    """Return how many stories and articles are saved."""
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(saved)).scalar_one())


def queue(db: Database, key: int, service: str, now: datetime) -> bool:
    """Queue what was saved under an id for a service, again if it was sent before. False if it is not saved."""
    values = {"state": Sending.QUEUED.value, "tries": 0, "due": now, "detail": ""}
    with db.write() as connection:
        url = connection.execute(select(saved.c.url).where(saved.c.id == key)).scalar()
        if not url:
            return False
        connection.execute(insert_or_skip(connection, saved_send), {"saved_id": key, "service": service, **values})
        mine = (saved_send.c.saved_id == key, saved_send.c.service == service)
        connection.execute(update(saved_send).where(*mine, saved_send.c.state != Sending.QUEUED.value).values(values))
    return True


def claim_due(db: Database, now: datetime, lease: timedelta, limit: int) -> list[DueSend]:
    """Return what is due, and let no other process take it before the lease ends; a crash costs one try."""
    due = (saved_send.c.state == Sending.QUEUED.value, saved_send.c.due <= now)
    query = select(saved, saved_send.c.service, saved_send.c.tries).join_from(saved_send, saved).where(*due)
    with db.write() as connection:
        found = []
        for row in connection.execute(query.order_by(saved_send.c.due).limit(limit)).all():
            mine = (saved_send.c.saved_id == row.id, saved_send.c.service == row.service)
            taken = update(saved_send).where(*mine, *due).values(due=now + lease, tries=saved_send.c.tries + 1)
            if connection.execute(taken).rowcount:
                found.append(DueSend(row.service, row.tries + 1, _record(row, ())))
        return found


def any_due(db: Database, now: datetime) -> bool:
    """Whether something has to be sent now."""
    due = (saved_send.c.state == Sending.QUEUED.value, saved_send.c.due <= now)
    with db.read() as connection:
        return connection.execute(select(saved_send.c.saved_id).where(*due).limit(1)).first() is not None


def settle(db: Database, one: DueSend, state: Sending, due: datetime, detail: str = "") -> None:
    """Store how a try ended: sent, failed for good, or queued for a next try at `due`."""
    mine = (saved_send.c.saved_id == one.record.id, saved_send.c.service == one.service)
    with db.write() as connection:
        connection.execute(update(saved_send).where(*mine).values(state=state.value, due=due, detail=detail))


def _record(row: AnyRow, sends: Sequence[SendRecord]) -> SavedRecord:
    item = NewSaved(
        row.title, row.url, row.story_id, row.entry_id, row.outlet, row.language, row.text, row.published
    )  # fmt: skip
    return SavedRecord(row.id, row.at, item, tuple(sends))
