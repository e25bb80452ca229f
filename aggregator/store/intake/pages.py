"""What is known of the pages behind entries: the last texts that came from pages, and refused pages.

page_memory     what a poll compares pages with
refusals        the refused pages of all feeds
write_refusals  saves the refusals of polls, within their transaction
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from aggregator.store.database import Database
from aggregator.store.records import PageMemory, PageRefusal, Poll
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.tables import entry, page_refusal

RECENT = 20  # entries with a page's text that a new page is compared with
RETRY = timedelta(days=1)  # how long a refused page is not fetched again
KEPT = timedelta(days=30)


def page_memory(db: Database, feed_id: int, now: datetime) -> PageMemory:
    """Return what a poll of the feed compares pages with."""
    recent = (
        select(entry.c.guid, entry.c.title, entry.c.text)
        .where(entry.c.feed_id == feed_id, entry.c.full_text)
        .order_by(entry.c.id.desc())
        .limit(RECENT)
    )
    refused = select(page_refusal.c.link).where(page_refusal.c.feed_id == feed_id, page_refusal.c.at > now - RETRY)
    with db.read() as connection:
        return PageMemory(
            tuple((row.guid, row.title, row.text) for row in connection.execute(recent)),
            frozenset(connection.execute(refused).scalars()),
        )


def refusals(connection: Connection, since: datetime) -> Mapping[int, list[PageRefusal]]:
    """Return the pages that were refused since then, by feed, newest first."""
    query = select(page_refusal).where(page_refusal.c.at > since)
    found: defaultdict[int, list[PageRefusal]] = defaultdict(list)
    for row in connection.execute(query.order_by(page_refusal.c.at.desc(), page_refusal.c.link)):
        found[row.feed_id].append(PageRefusal(row.link, row.code, row.at))
    return found


def write_refusals(connection: Connection, polls: Sequence[Poll], now: datetime) -> None:
    """Save which pages were refused, and forget old refusals of these feeds."""
    rows = [
        {"feed_id": poll.feed_id, "link": refused.link, "code": refused.code, "at": refused.at}
        for poll in polls
        for refused in poll.refused
    ]
    if rows:
        connection.execute(insert_or_replace(connection, page_refusal, ["feed_id", "link"], ["code", "at"]), rows)
        feeds = {row["feed_id"] for row in rows}
        connection.execute(
            delete(page_refusal).where(page_refusal.c.feed_id.in_(feeds), page_refusal.c.at < now - KEPT)
        )
