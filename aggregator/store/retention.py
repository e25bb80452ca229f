"""Taking away what is old, in small transactions. What an edition told is kept for the archive.

An entry is emptied first and stays as a line that says "known": a feed that still lists it would otherwise bring it back as
news. Such lines go too when they are eight times as old and far behind what their feed lists.
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

_BATCH = 500  # one transaction: others wait some tens of milliseconds at most
_FORGET_AFTER = 8
_FEED_REMEMBERS = 500  # longer than nearly all feeds


def prune(db: Database, now: datetime, keep: timedelta, pages: Collection[str] = ()) -> Pruned:
    """Take away what is older than `keep` and was never told; return what went. May stop at any point: the next call goes on.

    The texts of `pages`, by address, are kept however old they are.
    """
    cut = now - keep
    unused = (page_text.c.fetched < cut) & page_text.c.url.not_in(list(pages))
    return Pruned(
        stories=_until_none(db, lambda connection: _stories(connection, cut)),
        emptied=_until_none(db, lambda connection: _empty(connection, cut)),
        entries=_until_none(db, lambda connection: _forget(connection, now - keep * _FORGET_AFTER)),
        fetches=_until_none(db, lambda connection: _delete(connection, fetch, fetch.c.id, fetch.c.at < cut)),
        summaries=_until_none(
            db,
            lambda connection: _delete(connection, summary_cache, summary_cache.c.key, summary_cache.c.created < cut),
        )
        + _until_none(db, lambda connection: _delete(connection, meta, meta.c.key, meta.c.until < cut)),
        bodies=_until_none(db, lambda connection: _bodies(connection, cut)),
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


def _was_told(story_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an edition told the story, or another that has ended in it, or one of its articles."""
    ended = story.alias("ended")
    return or_(
        exists().where(item.c.story_id == story_id),
        exists().where(ended.c.merged_into == story_id, item.c.story_id == ended.c.id),
        exists().where(article.c.story_id == story_id, item_article.c.article_id == article.c.id),
    )


def _stories(connection: Connection, cut: datetime) -> int:
    old = select(story.c.id).where(story.c.last < cut, story.c.merged_into.is_(None), ~_was_told(story.c.id))
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


def _empty(connection: Connection, cut: datetime) -> int:
    """Empty old entries that stand in no story: what was told still has its story."""
    old = select(entry.c.id).where(
        entry.c.arrived < cut, ~entry.c.emptied, entry.c.grouped, entry.c.article_id.is_(None)
    )
    ids = connection.execute(old.order_by(entry.c.arrived).limit(_BATCH)).scalars().all()
    if not ids:
        return 0
    search.unindex(connection, ids)
    connection.execute(delete(entry_revision).where(entry_revision.c.entry_id.in_(ids)))
    nothing: dict[str, Any] = {"text": "", "summary_html": "", "content_html": "", "links": [], "enclosures": []}
    # Not to be indexed again: there is nothing left to find.
    connection.execute(update(entry).where(entry.c.id.in_(ids)).values(emptied=True, indexed=True, **nothing))
    return len(ids)


def _forget(connection: Connection, cut: datetime) -> int:
    newer = entry.alias("newer")
    limit = (
        select(newer.c.id)
        .where(newer.c.feed_id == entry.c.feed_id)
        .order_by(newer.c.id.desc())
        .offset(_FEED_REMEMBERS)
        .limit(1)
        .scalar_subquery()
    )
    old = select(entry.c.id).where(entry.c.arrived < cut, entry.c.emptied, entry.c.id <= limit).limit(_BATCH)
    ids = connection.execute(old).scalars().all()
    if ids:
        connection.execute(delete(entry).where(entry.c.id.in_(ids)))
    return len(ids)


def _bodies(connection: Connection, cut: datetime) -> int:
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
