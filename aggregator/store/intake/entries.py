"""Reads stored entries, and counts what arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, or_, select

from aggregator.store.database import Database
from aggregator.store.records import Arrival, EntryName, EntryRecord, IntakeCounts, host
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.rows import AnyRow, outlet
from aggregator.store.schema.tables import article, entry, feed, fetch
from feeds.model import Enclosure

if TYPE_CHECKING:
    from digests.model import FeedTrouble

FEED_COLUMNS = (
    feed.c.name.label("feed_name"),
    feed.c.title.label("feed_title"),
    feed.c.url.label("feed_url"),
    feed.c.site.label("feed_site"),
    feed.c.topic.label("feed_topic"),
    feed.c.weight.label("feed_weight"),
    feed.c.language.label("feed_language"),
    feed.c.options.label("feed_options"),
)


def _entries() -> Select[Any]:
    return select(entry, *FEED_COLUMNS).join_from(entry, feed)


def first_entries(db: Database, articles: Sequence[int]) -> dict[int, EntryName]:
    """Return the first entry of each of these articles, by article."""
    columns = (entry.c.id, entry.c.article_id, entry.c.title, entry.c.arrived, entry.c.link, entry.c.source_title)
    found: dict[int, EntryName] = {}
    with db.read() as connection:
        for part in chunks(articles):
            query = select(*columns, *FEED_COLUMNS).join_from(entry, feed).where(entry.c.article_id.in_(part))
            for row in connection.execute(query.order_by(entry.c.id)):
                named = EntryName(row.id, outlet(row), row.title, row.arrived, row.link)
                found.setdefault(row.article_id, named)
    return found


def ungrouped(db: Database, limit: int) -> list[EntryRecord]:
    """Return entries without a story, in order of arrival."""
    with db.read() as connection:
        rows = connection.execute(_entries().where(~entry.c.grouped).order_by(entry.c.id).limit(limit))
        return [_record(row) for row in rows]


def any_ungrouped(db: Database, arrived: datetime) -> bool:
    """Whether an entry that had arrived by an instant has no story yet."""
    query = select(entry.c.id).where(~entry.c.grouped, entry.c.arrived <= arrived).limit(1)
    with db.read() as connection:
        return connection.execute(query).first() is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry without a story, and what says when it is its turn."""

    id: int
    title: str
    arrived: datetime
    published: datetime | None


def waiting(db: Database) -> list[Waiting]:
    """Return all entries without a story, in order of arrival."""
    columns = (entry.c.id, entry.c.title, entry.c.arrived, entry.c.published)
    with db.read() as connection:
        rows = connection.execute(select(*columns).where(~entry.c.grouped).order_by(entry.c.id))
        return [Waiting(row.id, row.title, row.arrived, row.published) for row in rows]


def entries(db: Database, ids: Sequence[int]) -> list[EntryRecord]:
    """Return these entries in order of arrival; ids that are not stored are left out."""
    with db.read() as connection:
        return _collect(connection, entry.c.id, ids)


def article_entries(db: Database, article_ids: Sequence[int]) -> dict[int, list[EntryRecord]]:
    """Return the entries of each article, in order of arrival."""
    found: dict[int, list[EntryRecord]] = {key: [] for key in article_ids}
    with db.read() as connection:
        for record in _collect(connection, entry.c.article_id, article_ids):
            assert record.article_id is not None
            found[record.article_id].append(record)
    return found


_SEARCHED = (
    entry.c.id, entry.c.feed_id, entry.c.guid, entry.c.arrived, entry.c.title, entry.c.text, entry.c.link,
    entry.c.published, entry.c.language, entry.c.authors, entry.c.source_title, entry.c.article_id,
    *FEED_COLUMNS[:3], feed.c.language.label("feed_language"),
)  # fmt: skip


def searched_entries(db: Database, ids: Sequence[int]) -> list[EntryRecord]:
    """Return entries in the order of their ids, with only the values that queries match and lists show."""
    with db.read() as connection:
        query = select(*_SEARCHED).join_from(entry, feed)
        rows = [row for part in chunks(ids) for row in connection.execute(query.where(entry.c.id.in_(part)))]
    return [
        EntryRecord(
            id=row.id,
            feed_id=row.feed_id,
            guid=row.guid,
            arrived=row.arrived,
            title=row.title,
            text=row.text,
            outlet=outlet(row),
            feed_url=row.feed_url,
            link=row.link,
            published=row.published,
            language=row.language or row.feed_language,
            authors=tuple(row.authors),
            source_title=row.source_title,
            article_id=row.article_id,
        )
        for row in sorted(rows, key=lambda row: row.id)
    ]


def _collect(connection: Connection, column: Any, values: Sequence[int]) -> list[EntryRecord]:
    rows = [row for part in chunks(values) for row in connection.execute(_entries().where(column.in_(part)))]
    return [_record(row) for row in sorted(rows, key=lambda row: row.id)]


def _record(row: AnyRow) -> EntryRecord:
    """Return the record of a row of `entry` joined with the feed's columns as `feed_…`."""
    return EntryRecord(
        id=row.id,
        feed_id=row.feed_id,
        guid=row.guid,
        arrived=row.arrived,
        title=row.title,
        text=row.text,
        outlet=outlet(row),
        feed_url=row.feed_url,
        feed_site=row.feed_site,
        feed_topic=row.feed_topic,
        feed_weight=row.feed_weight,
        feed_options=row.feed_options or {},
        link=row.link,
        link_published=row.link_published,
        published=row.published,
        updated=row.updated,
        revised=row.revised,
        language=row.language or row.feed_language,
        title_published=row.title_published,
        image=row.image,
        source_title=row.source_title,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        enclosures=tuple(Enclosure(*parts) for parts in row.enclosures),
        links=tuple(row.links),
        summary_html=row.summary_html,
        content_html=row.content_html,
        content_hash=row.content_hash,
        backlog=row.backlog,
        grouped=row.grouped,
        teaser=row.teaser,
        full_text=row.full_text,
        withdrawn=row.withdrawn,
        article_id=row.article_id,
    )


def arrivals(db: Database, since: datetime, until: datetime) -> list[Arrival]:
    """Return the entries that arrived after `since` and not after `until`, in order of arrival."""
    query = (
        select(entry.c.id, entry.c.article_id, article.c.story_id, entry.c.backlog, entry.c.published)
        .select_from(entry.outerjoin(article, article.c.id == entry.c.article_id))
        .where(entry.c.arrived > since, entry.c.arrived <= until)
        .order_by(entry.c.id)
    )
    with db.read() as connection:
        return [Arrival(*row) for row in connection.execute(query)]


def entry_names(db: Database, ids: Sequence[int]) -> dict[int, EntryName]:
    """Return what lists show of these entries, by id; deleted ones are left out."""
    lead = func.coalesce(article.c.lead_id, article.c.id)
    shown = (entry.c.id, entry.c.title, entry.c.arrived, entry.c.link, entry.c.published, entry.c.source_title)
    query = select(*shown, lead.label("lead"), article.c.id.label("first"), *FEED_COLUMNS)
    query = query.join_from(entry, feed).outerjoin(article, article.c.id == entry.c.article_id)
    found = {}
    with db.read() as connection:
        for part in chunks(ids):
            for row in connection.execute(query.where(entry.c.id.in_(part))):
                other = next((key for key in (row.lead, row.first) if key not in (None, row.id)), None)
                found[row.id] = EntryName(
                    row.id, outlet(row), row.title, row.arrived, row.link, row.published, same_as=other
                )
    return found


def counts_since(
    db: Database, since: datetime, now: datetime, silent_after: timedelta = timedelta(days=14)
) -> IntakeCounts:
    """Count the feeds that were polled and the articles and stories that arrived after `since`.

    A feed counts as failed when its last poll failed, and as silent when polls succeed but bring nothing new for
    `silent_after`.
    """
    with db.read() as connection:
        checked = connection.scalar(select(func.count(fetch.c.feed_id.distinct())).where(fetch.c.at > since))
        failed = connection.execute(_failed()).all()
        silent = connection.scalar(_count_silent(now - silent_after))
        placed = select(func.count(article.c.id), func.count(article.c.story_id.distinct()))
        articles, stories = connection.execute(placed.where(article.c.arrived > since)).one()
    return IntakeCounts(
        feeds_checked=checked or 0,
        feeds_failed=len(failed),
        feeds_silent=silent or 0,
        articles=articles,
        stories=stories,
        troubles=tuple(_trouble(row) for row in failed),
    )


def _failed() -> Select[Any]:
    query = select(feed).where(feed.c.subscribed, or_(feed.c.failures > 0, feed.c.gone))
    return query.order_by(feed.c.gone.desc(), feed.c.failures.desc(), feed.c.id)


def _count_silent(before: datetime) -> Select[Any]:
    last_new = func.coalesce(feed.c.last_new, feed.c.added)
    return select(func.count(feed.c.id)).where(feed.c.subscribed, ~feed.c.gone, feed.c.failures == 0, last_new < before)


def _trouble(row: Any) -> FeedTrouble:
    from digests.model import FeedTrouble

    code = row.error_code or ("gone" if row.gone else "feed")
    return FeedTrouble(row.name or row.title or host(row.url), code, row.error_message or "", row.last_success)
