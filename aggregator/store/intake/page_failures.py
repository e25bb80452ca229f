"""Pages whose text could not be extracted within the limits; they are not read again for days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from aggregator.store.database import Database
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.tables import page_failure

WAIT = timedelta(days=4)
MOST_OF_A_SITE = 3  # pages that failed; no other page of the site is read then


def put(db: Database, url: str, reason: str, now: datetime) -> None:
    """Store that a page failed, and delete the failures whose waiting time is over."""
    with db.write() as connection:
        connection.execute(delete(page_failure).where(page_failure.c.until <= now))
        merging = insert_or_replace(connection, page_failure, ["url"], ["until", "reason"])
        connection.execute(merging, {"url": url, "until": now + WAIT, "reason": reason[:300]})


def blocked(db: Database, urls: Iterable[str], now: datetime) -> set[str]:
    """Return which of these pages must not be read now: they failed, or several pages of their site did."""
    wanted = list(dict.fromkeys(urls))
    with db.read() as connection:
        present = page_failure.c.until > now
        found = {
            row.url
            for part in chunks(wanted)
            for row in connection.execute(select(page_failure.c.url).where(present, page_failure.c.url.in_(part)))
        }
        for site in {_site(url) for url in wanted}:
            there = select(page_failure.c.url).where(present, page_failure.c.url.startswith(site, autoescape=True))
            if len(connection.execute(there.limit(MOST_OF_A_SITE)).all()) == MOST_OF_A_SITE:
                found.update(url for url in wanted if _site(url) == site)
    return found


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
