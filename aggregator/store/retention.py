"""Deletes old rows in small transactions. The stories of editions are kept for the archive.

An old entry first loses its texts and keeps its row: if its feed still listed it, it would otherwise arrive again as
new. The row is deleted when it is eight times as old and many newer entries of its feed are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, func, or_, select, update
from sqlalchemy.sql import ColumnElement

from aggregator.store.database import Database
from aggregator.store.records import Pruned
from aggregator.store.schema.tables import (
    article,
    attempt,
    delivery,
    entry,
    entry_revision,
    fetch,
    item,
    item_article,
    meta,
    page_text,
    story,
    story_event,
    summary_cache,
)
from aggregator.store.stories import search
from digests.outbox import FINAL

_BATCH = 500  # rows of one transaction, so that other writers wait some tens of milliseconds at most
_DELETE_AFTER = 8  # times the age at which an entry loses its texts
_KEPT_PER_FEED = 500  # more than nearly all feeds list


def prune(db: Database, now: datetime, keep: timedelta, pages: Collection[str] = ()) -> Pruned:
    """Delete what is older than `keep` and in no edition; return the counts. The next call continues after a crash.

    The texts of `pages`, given by URL, are never deleted.
    """
    cut = now - keep
    unused = (page_text.c.fetched < cut) & page_text.c.url.not_in(list(pages))
    return Pruned(
        stories=_until_none(db, lambda connection: _delete_stories(connection, cut)),
        emptied=_until_none(db, lambda connection: _empty_entries(connection, cut)),
        entries=_until_none(db, lambda connection: _delete_emptied(connection, now - keep * _DELETE_AFTER)),
        fetches=_until_none(db, lambda connection: _delete(connection, fetch, fetch.c.id, fetch.c.at < cut)),
        summaries=_until_none(
            db,
            lambda connection: _delete(connection, summary_cache, summary_cache.c.key, summary_cache.c.created < cut),
        )
        + _until_none(db, lambda connection: _delete(connection, meta, meta.c.key, meta.c.until < cut))
        + _until_none(db, lambda connection: connection.execute(delete(attempt).where(attempt.c.at < cut)).rowcount),
        bodies=_until_none(db, lambda connection: _empty_bodies(connection, cut)),
        pages=_until_none(db, lambda connection: _delete(connection, page_text, page_text.c.url, unused)),
    )


def _until_none(db: Database, step: Callable[[Connection], int]) -> int:
    total = 0
    while True:
        with db.write() as connection:
            done = step(connection)
        total += done
        if done < _BATCH:
            return total


def _in_an_edition(story_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an edition contains the story, a story merged into it, or one of its articles."""
    merged = story.alias("merged")
    return or_(
        exists().where(item.c.story_id == story_id),
        exists().where(merged.c.merged_into == story_id, item.c.story_id == merged.c.id),
        exists().where(article.c.story_id == story_id, item_article.c.article_id == article.c.id),
    )


def _delete_stories(connection: Connection, cut: datetime) -> int:
    old = select(story.c.id).where(story.c.last < cut, story.c.merged_into.is_(None), ~_in_an_edition(story.c.id))
    ids = connection.execute(old.order_by(story.c.last).limit(_BATCH)).scalars().all()
    if not ids:
        return 0
    family = [*ids, *connection.execute(select(story.c.id).where(story.c.merged_into.in_(ids))).scalars()]
    articles = select(article.c.id).where(article.c.story_id.in_(family))
    connection.execute(update(entry).where(entry.c.article_id.in_(articles)).values(article_id=None))
    connection.execute(delete(article).where(article.c.story_id.in_(family)))
    connection.execute(delete(story_event).where(story_event.c.story_id.in_(family)))
    connection.execute(delete(story).where(story.c.id.in_(family)))
    return len(ids)


def _empty_entries(connection: Connection, cut: datetime) -> int:
    """Delete the texts of old entries that belong to no story."""
    old = select(entry.c.id).where(
        entry.c.arrived < cut, ~entry.c.emptied, entry.c.grouped, entry.c.article_id.is_(None)
    )
    ids = connection.execute(old.order_by(entry.c.arrived).limit(_BATCH)).scalars().all()
    if not ids:
        return 0
    search.unindex(connection, ids)
    connection.execute(delete(entry_revision).where(entry_revision.c.entry_id.in_(ids)))
    no_content: dict[str, Any] = {"text": "", "summary_html": "", "content_html": "", "links": [], "enclosures": []}
    # Marked as indexed, because there is no text left to index.
    connection.execute(update(entry).where(entry.c.id.in_(ids)).values(emptied=True, indexed=True, **no_content))
    return len(ids)


def _delete_emptied(connection: Connection, cut: datetime) -> int:
    newer = entry.alias("newer")
    oldest_kept = (
        select(newer.c.id)
        .where(newer.c.feed_id == entry.c.feed_id)
        .order_by(newer.c.id.desc())
        .offset(_KEPT_PER_FEED)
        .limit(1)
        .scalar_subquery()
    )
    old = select(entry.c.id).where(entry.c.arrived < cut, entry.c.emptied, entry.c.id <= oldest_kept).limit(_BATCH)
    ids = connection.execute(old).scalars().all()
    if ids:
        connection.execute(delete(entry).where(entry.c.id.in_(ids)))
    return len(ids)


def _empty_bodies(connection: Connection, cut: datetime) -> int:
    ended = delivery.c.state.in_([state.value for state in FINAL])
    old = select(delivery.c.id).where(delivery.c.updated < cut, ended, func.length(delivery.c.body) > 0).limit(_BATCH)
    ids = connection.execute(old).scalars().all()
    if ids:
        connection.execute(update(delivery).where(delivery.c.id.in_(ids)).values(body=b""))
    return len(ids)


def _delete(connection: Connection, table: Any, key: ColumnElement[Any], condition: ColumnElement[bool]) -> int:
    ids = connection.execute(select(key).where(condition).limit(_BATCH)).scalars().all()
    if ids:
        connection.execute(delete(table).where(key.in_(ids)))
    return len(ids)
