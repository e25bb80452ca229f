"""The texts of pages that are examples of interests, stored so that each page is fetched once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.tables import page_text


def get(db: Database, url: str) -> str | None:
    """Return the text of a page; None if it is not stored."""
    with db.read() as connection:
        found: str | None = connection.execute(select(page_text.c.text).where(page_text.c.url == url)).scalar()
    return found


def put(db: Database, url: str, text: str, now: datetime) -> None:
    """Store the text of a page."""
    with db.write() as connection:
        merging = insert_or_replace(connection, page_text, ["url"], ["fetched", "text"])
        connection.execute(merging, {"url": url, "fetched": now, "text": text})
