"""The feeds of newsletters, one for each list or sender. Nothing polls them; the configuration may name them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from aggregator.store.database import Database
from aggregator.store.records import FeedRecord
from aggregator.store.schema.rows import feed_record
from aggregator.store.schema.tables import feed
from feeds.model import NEWSLETTER_SCHEME


def newsletter_feed(db: Database, key: str, name: str, domain: str, now: datetime) -> FeedRecord:
    """Return the feed of a list or sender; create it for its first mail, which came from `domain`."""
    url = f"{NEWSLETTER_SCHEME}{key}"
    wanted = select(feed).where(feed.c.url == url)
    first = {"title": name, "options": {"from": domain}}
    with db.write() as connection:
        row = connection.execute(wanted).first()
        if row is None:
            values = {"url": url, "configured": url, "name": "", "weight": 1.0, "added": now, "next_check": None}
            connection.execute(insert(feed), [{**values, **first, "aliases": [], "hints": {}}])
        elif not row.options:  # listed in the configuration before its first mail
            connection.execute(update(feed).where(feed.c.id == row.id).values(**first))
        return feed_record(connection.execute(wanted).one())
