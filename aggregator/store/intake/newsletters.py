"""The feeds of newsletters, one for each list or sender; they are not in the configuration, and nothing polls them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from aggregator.store.database import Database
from aggregator.store.records import FeedRecord
from aggregator.store.schema.rows import feed_record
from aggregator.store.schema.tables import feed

SCHEME = "newsletter:"


def newsletter_feed(db: Database, key: str, name: str, domain: str, now: datetime) -> FeedRecord:
    """Return the feed of a list or sender; create it for its first mail, which came from `domain`."""
    url = f"{SCHEME}{key}"
    wanted = select(feed).where(feed.c.url == url)
    with db.write() as connection:
        row = connection.execute(wanted).first()
        if row is None:
            values = {"url": url, "configured": url, "name": "", "title": name, "weight": 1.0, "added": now}
            values |= {"options": {"from": domain}, "aliases": [], "hints": {}, "next_check": None}
            connection.execute(insert(feed), [values])
            row = connection.execute(wanted).one()
    return feed_record(row)
