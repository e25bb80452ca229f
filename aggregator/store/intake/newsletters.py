"""The feeds of newsletters, one for each list or sender. Nothing polls them; the configuration may name them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from aggregator.store.database import Database
from aggregator.store.records import FeedRecord
from aggregator.store.schema.rows import feed_record
from aggregator.store.schema.tables import feed
from feeds.model import NEWSLETTER_SCHEME

_DAY = timedelta(days=1)


def newsletter_feed(db: Database, key: str, name: str, domain: str, now: datetime, most_new: int) -> FeedRecord | None:
    """Return the feed of a list or sender; create it for its first mail, which came from `domain`.

    None if `most_new` lists and senders were new within a day. The first mailbox that is read may have any number.
    """
    url = f"{NEWSLETTER_SCHEME}{key}"
    wanted = select(feed).where(feed.c.url == url)
    first = {"title": name, "options": {"from": domain}}
    with db.write() as connection:
        row = connection.execute(wanted).first()
        if row is None:
            if _is_flooded(connection, now, most_new):
                return None
            values = {"url": url, "configured": url, "name": "", "weight": 1.0, "added": now, "next_check": None}
            connection.execute(insert(feed), [{**values, **first, "aliases": [], "hints": {}}])
        elif not row.options:  # listed in the configuration before its first mail
            connection.execute(update(feed).where(feed.c.id == row.id).values(**first))
        return feed_record(connection.execute(wanted).one())


def _is_flooded(connection: Connection, now: datetime, most_new: int) -> bool:
    """Whether so many lists and senders are new since a day, of which there were some before."""
    lists = feed.c.url.startswith(NEWSLETTER_SCHEME, autoescape=True)
    count = select(func.count()).select_from(feed).where(lists)
    new = connection.execute(count.where(feed.c.added > now - _DAY)).scalar_one()
    return new >= most_new and connection.execute(count).scalar_one() > new
