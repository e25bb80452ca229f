"""The story engine's features of the articles of open stories, stored so that a restart need not compute them again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.tables import article, comparison, story


def save(db: Database, form: str, readings: Mapping[int, bytes]) -> None:
    """Store the readings of articles, replacing older ones; the articles must be stored already."""
    if not readings:
        return
    rows = [{"article_id": key, "form": form, "reading": packed} for key, packed in readings.items()]
    with db.write() as connection:
        connection.execute(insert_or_replace(connection, comparison, ["article_id"], ["form", "reading"]), rows)


def prune(db: Database, since: datetime) -> int:
    """Delete the readings of stories without an article after `since`; return how many."""
    closed = select(article.c.id).join(story, story.c.id == article.c.story_id).where(story.c.last <= since)
    with db.write() as connection:
        return connection.execute(delete(comparison).where(comparison.c.article_id.in_(closed))).rowcount
