"""What the story engine loads: the documents of open stories, their texts, and their stored features.

Features are stored so that a restart need not compute them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, delete, func, select

from aggregator.store.database import Database
from aggregator.store.intake.entries import FEED_COLUMNS
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.rows import AnyRow, outlet
from aggregator.store.schema.tables import article, comparison, entry, feed, story
from aggregator.stories.copies.copies import ComparedText
from aggregator.stories.grouping import window
from aggregator.stories.model import Document, Placed
from feeds.identity import file_name

_PAGE = 1000  # documents read at once
_READ_COLUMNS = (
    entry.c.id,
    entry.c.feed_id,
    entry.c.arrived,
    entry.c.published,
    entry.c.link,
    entry.c.language,
    entry.c.title,
    entry.c.source_title,
    entry.c.authors,
    entry.c.links,
    entry.c.enclosures,
)
DOCUMENT_COLUMNS = (*_READ_COLUMNS, *FEED_COLUMNS[:4], feed.c.language.label("feed_language"))


def save(db: Database, form: str, readings: Mapping[int, bytes]) -> None:
    """Store the readings of articles, replacing older ones; the articles must be stored already."""
    if not readings:
        return
    rows = [{"article_id": key, "form": form, "reading": packed} for key, packed in readings.items()]
    with db.write() as connection:
        connection.execute(insert_or_replace(connection, comparison, ["article_id"], ["form", "reading"]), rows)


def stories_of(db: Database, articles: Iterable[int]) -> set[str]:
    """Return the stories of these articles."""
    found = set[str]()
    with db.read() as connection:
        for part in chunks(articles):
            found.update(connection.execute(select(article.c.story_id).where(article.c.id.in_(part))).scalars())
    return found


def prune(db: Database, since: datetime) -> int:
    """Delete the readings of stories without an article after `since`; return how many."""
    closed = select(article.c.id).join(story, story.c.id == article.c.story_id).where(story.c.last <= since)
    with db.write() as connection:
        return connection.execute(delete(comparison).where(comparison.c.article_id.in_(closed))).rowcount


def held_since(db: Database, since: datetime, most: int) -> datetime:
    """Return the time after which a story needs an article so that the engine keeps it (see `window.held_since`)."""
    query = (
        select(story.c.last, func.count(article.c.id).label("articles"))
        .join_from(story, article, article.c.story_id == story.c.id)
        .where(story.c.last > since)
        .group_by(story.c.id, story.c.last)
    )
    with db.read() as connection:
        return window.held_since(((row.last, row.articles) for row in connection.execute(query)), since, most)


def placed(db: Database, since: datetime, form: str = "") -> list[Placed]:
    """Return all documents of stories with an article after `since`, in order of arrival: see `placed_by_page`."""
    return [one for page in placed_by_page(db, since, form) for one in page]


def placed_by_page(db: Database, since: datetime, form: str = "") -> Iterator[list[Placed]]:
    """Yield these documents page by page, to rebuild the story engine: together they may take more memory than it.

    An article with a stored reading in `form` comes with the reading instead of its text.
    """
    text = case((comparison.c.reading.is_(None), entry.c.text), else_="").label("text")
    query = select(*DOCUMENT_COLUMNS, text, article.c.id.label("article"), article.c.story_id)
    query = query.add_columns(comparison.c.reading)
    query = query.join_from(entry, feed).join(article, article.c.id == entry.c.article_id)
    stored = (comparison.c.article_id == entry.c.id) & (entry.c.id == article.c.id) & (comparison.c.form == form)
    query = query.outerjoin(comparison, stored)
    query = query.join(story, story.c.id == article.c.story_id).where(story.c.last > since).order_by(entry.c.id)
    last = -1
    while True:
        with db.read() as connection:
            rows = connection.execute(query.where(entry.c.id > last).limit(_PAGE)).all()
        yield [Placed(document_of(row), row.article, row.story_id, row.reading) for row in rows]
        if len(rows) < _PAGE:
            return
        last = rows[-1].id


def document_of(row: AnyRow) -> Document:
    """Return a row with `DOCUMENT_COLUMNS` and a text as a document."""
    return Document(
        entry=row.id,
        title=row.title,
        text=row.text,
        arrived=row.arrived,
        source=outlet(row),
        language=row.language or row.feed_language,
        published=row.published,
        url=row.link,
        links=tuple(row.links),
        authors=tuple(row.authors),
        feed=str(row.feed_id),
        files=tuple(file_name(url) for url, *_ in row.enclosures),
    )


def texts(db: Database, entry_ids: Sequence[int]) -> dict[int, ComparedText]:
    """Return the texts of these entries for the search of copies."""
    query = select(entry.c.id, entry.c.title, entry.c.text, entry.c.source_title, *FEED_COLUMNS)
    query = query.join_from(entry, feed)
    with db.read() as connection:
        return {
            row.id: ComparedText(row.title, row.text, outlet(row))
            for part in chunks(entry_ids)
            for row in connection.execute(query.where(entry.c.id.in_(part)))
        }
