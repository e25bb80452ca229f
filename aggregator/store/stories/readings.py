"""What the story engine read of each article of an open story, so that it need not read the texts again after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.tables import article, comparison, story


def save(db: Database, form: str, readings: Mapping[int, bytes]) -> None:
    """Keep the readings of some articles, which are stored already, in place of older ones."""
    if not readings:
        return
    rows = [{"article_id": key, "form": form, "reading": packed} for key, packed in readings.items()]
    with db.write() as connection:
        connection.execute(insert_or_replace(connection, comparison, ["article_id"], ["form", "reading"]), rows)


def prune(db: Database, since: datetime) -> int:
    """Drop the readings of stories that had no article after `since`; return how many went."""
    ended = select(article.c.id).join(story, story.c.id == article.c.story_id).where(story.c.last <= since)
    with db.write() as connection:
        return connection.execute(delete(comparison).where(comparison.c.article_id.in_(ended))).rowcount
