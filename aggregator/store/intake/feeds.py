"""Subscribed feeds: synchronizing them with the configuration, leasing due feeds for polling, and their health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, literal_column, or_, select, update

from aggregator.store.database import Database
from aggregator.store.errors import NotFound
from aggregator.store.intake import suspects
from aggregator.store.intake.pages import refusals
from aggregator.store.intake.polls import Saved, item_notes, known_entries, recent_entries, save_poll, save_polls
from aggregator.store.records import FeedConfigRow, FeedHealth, FeedRecord, PastPoll
from aggregator.store.schema.dialect import chunks, insert_or_skip
from aggregator.store.schema.rows import feed_record
from aggregator.store.schema.tables import entry, fetch
from aggregator.store.schema.tables import feed as feed_table
from feeds.model import NEWSLETTER_SCHEME

__all__ = [
    "Saved",
    "claim",
    "claim_due",
    "count_due",
    "feed",
    "feeds_by_id",
    "history",
    "is_due",
    "is_leased",
    "item_notes",
    "known_entries",
    "list_feeds",
    "make_due",
    "recent_entries",
    "release",
    "save_poll",
    "save_polls",
    "subscribed_urls",
    "sync_subscriptions",
]


def sync_subscriptions(
    db: Database, subscriptions: Sequence[FeedConfigRow], now: datetime
) -> tuple[list[str], list[str]]:
    """Update the table from the configuration; return the URLs that were added and removed.

    A feed that moved is found by any URL it had before. A feed that is no longer subscribed keeps its row and entries.
    Newsletters stay subscribed without being in the configuration.
    """
    with db.write() as connection:
        known, by_url = _feeds_and_urls(connection)
        wanted: dict[int, FeedConfigRow] = {}
        fresh: dict[str, FeedConfigRow] = {}
        for row in subscriptions:
            found = by_url.get(row.url)
            if found is None:
                fresh.setdefault(row.url, row)
            else:
                wanted.setdefault(found, row)
        if fresh:
            # Another worker that starts at the same time may insert them first.
            connection.execute(insert_or_skip(connection, feed_table), [_new_feed(row, now) for row in fresh.values()])
        back = [key for key in wanted if not known[key].subscribed]
        gone = [
            key
            for key, row in known.items()
            if row.subscribed and key not in wanted and not row.url.startswith(NEWSLETTER_SCHEME)
        ]
        unlisted = {
            key: FeedConfigRow(row.url)
            for key, row in known.items()
            if row.url.startswith(NEWSLETTER_SCHEME) and key not in wanted
        }
        every = {key: _configured(row, known[key].options or {}) for key, row in (wanted | unlisted).items()}
        # In order of ids, as polls lock these rows.
        changes = [{"key": key, **values} for key, values in sorted(every.items()) if _differs(known[key], values)]
        if changes:
            connection.execute(_CONFIGURE, changes)
        _set_subscribed(connection, back, gone, now)
        pages = [
            key for key, row in wanted.items() if (known[key].options or {}).get("page") != row.options.get("page")
        ]
        _read_whole(connection, pages, now)
        added = [*fresh, *(wanted[key].url for key in back)]
        return added, [known[key].configured for key in gone]


def _feeds_and_urls(connection: Connection) -> tuple[dict[int, Any], dict[str, int]]:
    """Return all feeds by id, and feed ids by URL; the current URL of a feed takes precedence over former URLs."""
    rows = connection.execute(
        select(
            feed_table.c.id,
            feed_table.c.url,
            feed_table.c.configured,
            feed_table.c.aliases,
            feed_table.c.subscribed,
            *(feed_table.c[name] for name in _configured(FeedConfigRow(""), {}) if name != "configured"),
        )
    ).all()
    by_url: dict[str, int] = {}
    for row in rows:
        for former in (*row.aliases, row.configured):
            by_url.setdefault(former, row.id)
    by_url.update((row.url, row.id) for row in rows)
    return {row.id: row for row in rows}, by_url


def _configured(row: FeedConfigRow, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that the configuration sets. A newsletter keeps its options, which name its first sender."""
    return {
        "configured": row.url,
        "name": row.name,
        "topic": row.topic,
        "weight": row.weight,
        "language": row.language,
        "options": dict(stored if row.url.startswith(NEWSLETTER_SCHEME) else row.options),
    }


def _differs(stored: Any, values: Mapping[str, Any]) -> bool:
    return any(getattr(stored, name) != value for name, value in values.items())


_CONFIGURE = (
    update(feed_table)
    .where(feed_table.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in _configured(FeedConfigRow(""), {})})
)


def _new_feed(row: FeedConfigRow, now: datetime) -> dict[str, Any]:
    due = None if row.url.startswith(NEWSLETTER_SCHEME) else now
    return {**_configured(row, {}), "url": row.url, "added": now, "next_check": due, "aliases": [], "hints": {}}


def _set_subscribed(connection: Connection, back: list[int], gone: list[int], now: datetime) -> None:
    for part in chunks(back):
        again = update(feed_table).where(feed_table.c.id.in_(part))
        connection.execute(again.values(subscribed=True, gone=False, failures=0, next_check=now))
    for part in chunks(gone):
        connection.execute(update(feed_table).where(feed_table.c.id.in_(part)).values(subscribed=False))


def _read_whole(connection: Connection, ids: list[int], now: datetime) -> None:
    """Make feeds due without their validators: other selectors find other items on the same page."""
    for part in chunks(ids):
        these = update(feed_table).where(feed_table.c.id.in_(part))
        connection.execute(these.values(etag=None, last_modified=None, body_hash=None, next_check=now))


def count_due(db: Database, now: datetime, limit: int) -> int:
    """Return how many feeds are due and not leased, `limit` at most."""
    due = select(feed_table.c.id).where(is_due(now))
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(due.limit(limit).subquery())).scalar_one()


def claim_due(db: Database, now: datetime, holder: str, lease: timedelta, limit: int) -> list[FeedRecord]:
    """Lease up to `limit` due feeds, longest overdue first; no other process gets them until the lease runs out.

    A feed that may end its process is leased alone (see `suspects`).
    """
    columns = (feed_table.c.id, feed_table.c.unfinished, feed_table.c.error_code)
    due = select(*columns).where(is_due(now)).order_by(feed_table.c.next_check, feed_table.c.id)
    with db.write() as connection:
        found = connection.execute(due.limit(limit).with_for_update(skip_locked=True)).all()
        known = [suspects.Suspicion(*row) for row in found]
        suspects.set_aside(connection, [one for one in known if one.exhausted], now)
        taken = suspects.chosen([one for one in known if not one.exhausted])
        leasing = (_taking(part, now, holder, lease).values(suspects.BEGUN) for part in chunks(taken))
        rows = [row for statement in leasing for row in connection.execute(statement)]
    return [feed_record(row) for row in sorted(rows, key=_overdue)]


def claim(db: Database, feed_ids: Sequence[int], now: datetime, holder: str, lease: timedelta) -> list[FeedRecord]:
    """Lease these feeds, due or not, and return them in the given order; feeds leased to another are left out."""
    taken: list[FeedRecord] = []
    for part in chunks(feed_ids):
        mine = or_(_unleased(now), feed_table.c.lease_owner == holder)
        free = select(feed_table.c.id).where(feed_table.c.id.in_(part), mine).with_for_update(skip_locked=True)
        with db.write() as connection:  # a CTE, because PostgreSQL may run a subquery twice
            rows = connection.execute(_taking(select(free.cte("free").c.id), now, holder, lease)).all()
        taken += [feed_record(row) for row in rows]
    place = {key: k for k, key in enumerate(feed_ids)}
    return sorted(taken, key=lambda record: place[record.id])


def is_due(now: datetime) -> Any:
    """Whether a feed is to be polled now, and nobody polls it."""
    return and_(feed_table.c.subscribed, ~feed_table.c.gone, feed_table.c.next_check <= now, _unleased(now))


def is_leased(db: Database, feed_id: int, now: datetime) -> bool:
    """Whether a process polls a feed now."""
    query = select(feed_table.c.id).where(feed_table.c.id == feed_id, ~_unleased(now))
    with db.read() as connection:
        return connection.execute(query).first() is not None


def _overdue(row: Any) -> tuple[datetime, int]:
    return row.next_check, row.id


def _unleased(now: datetime) -> Any:
    return or_(feed_table.c.lease_until.is_(None), feed_table.c.lease_until <= now)


def _taking(wanted: Any, now: datetime, holder: str, lease: timedelta) -> Any:
    """Return the statement that leases the feeds with these ids and returns their rows."""
    taking = update(feed_table).where(feed_table.c.id.in_(wanted))
    return taking.values(lease_owner=holder, lease_until=now + lease).returning(feed_table)


def release(db: Database, feed_ids: Sequence[int], holder: str) -> None:
    """Release the leases of `holder` on feeds that it did not poll; they stay due."""
    with db.write() as connection:
        for part in chunks(feed_ids):
            mine = update(feed_table).where(feed_table.c.id.in_(part), feed_table.c.lease_owner == holder)
            connection.execute(mine.values({"lease_owner": None, "lease_until": None, **suspects.NOT_BEGUN}))


def make_due(db: Database, now: datetime, ids: Sequence[int] | None = None) -> int:
    """Make all subscribed feeds that are not gone due, or those in `ids` even if gone; return how many."""
    with db.write() as connection:
        if ids is None:
            every = update(feed_table).where(
                feed_table.c.subscribed, ~feed_table.c.gone, ~feed_table.c.url.startswith(NEWSLETTER_SCHEME)
            )
            return connection.execute(every.values(next_check=now)).rowcount
        count = 0
        for part in chunks(ids):
            these = update(feed_table).where(feed_table.c.id.in_(part))
            count += connection.execute(these.values(next_check=now, gone=False)).rowcount
        return count


def feed(db: Database, key: str | int) -> FeedRecord:
    """Return a feed by id, by a current or former URL, or by name (case-insensitive). Raises `NotFound`."""
    with db.read() as connection:
        if isinstance(key, int) or key.isdecimal():
            found = connection.execute(select(feed_table).where(feed_table.c.id == int(key))).first()
        else:
            found = _feed_by_url_or_name(connection, key)
    if found is None:
        raise NotFound(f"no feed has the URL, name or id {key!r}")
    return feed_record(found)


def _feed_by_url_or_name(connection: Connection, key: str) -> Any:
    exact = select(feed_table).where(or_(feed_table.c.url == key, feed_table.c.configured == key))
    if (row := connection.execute(exact).first()) is not None:
        return row
    named = [
        row
        for row in connection.execute(select(feed_table).order_by(feed_table.c.subscribed.desc(), feed_table.c.id))
        if key in row.aliases or key.casefold() in (row.name.casefold(), row.title.casefold())
    ]
    return named[0] if named else None


def feeds_by_id(db: Database, ids: Sequence[int] | None = None) -> dict[int, FeedRecord]:
    """Return these feeds by id; without `ids` all that are subscribed."""
    with db.read() as connection:
        if ids is None:
            rows = connection.execute(select(feed_table).where(feed_table.c.subscribed).order_by(feed_table.c.id)).all()
        else:
            rows = [
                row
                for part in chunks(ids)
                for row in connection.execute(select(feed_table).where(feed_table.c.id.in_(part)))
            ]
    return {row.id: feed_record(row) for row in rows}


def subscribed_urls(db: Database) -> dict[int, str]:
    """Return the URLs of all subscribed feeds by id. Their records, which `claim` returns, cost far more."""
    query = select(feed_table.c.id, feed_table.c.url).where(feed_table.c.subscribed).order_by(feed_table.c.id)
    with db.read() as connection:
        return {row.id: row.url for row in connection.execute(query)}


def count_subscribed(db: Database) -> tuple[int, int]:
    """Return the number of subscribed feeds, and of those whose last poll failed."""
    failing = func.count().filter(feed_table.c.failures > 0)
    with db.read() as connection:
        row = connection.execute(select(func.count(), failing).where(feed_table.c.subscribed)).one()
        return row[0], row[1]


def list_feeds(
    db: Database,
    now: datetime,
    window: timedelta = timedelta(days=14),
    *,
    notes: bool = True,
    rates: bool = True,
    only: int | None = None,
) -> list[FeedHealth]:
    """Return the health of every subscribed feed, or of one, sorted by name.

    The rate of a feed is measured over `window`, or since it was added if that is shorter; refused pages are those of
    `window`. Without `rates` nothing that feeds brought is counted; without `notes` refused pages are left out too.
    """
    with db.read() as connection:
        # Grouped by an expression, SQLite searches by arrival; by the column it would read every entry in its order.
        of_feed = entry.c.feed_id + literal_column("0")
        recent = select(of_feed.label("feed_id"), func.count().label("n"), func.max(entry.c.arrived).label("newest"))
        recent = recent.where(entry.c.arrived > now - window, ~entry.c.backlog).group_by(of_feed)
        if only is not None:
            recent = recent.where(entry.c.feed_id == only)
        counts: Mapping[int, Any] = {row.feed_id: row for row in connection.execute(recent)} if rates else {}
        last_day = select(fetch.c.feed_id, func.sum(fetch.c.added_bytes).label("n"))
        last_day = last_day.where(fetch.c.at > now - timedelta(days=1)).group_by(fetch.c.feed_id)
        added = {row.feed_id: int(row.n or 0) for row in connection.execute(last_day)} if rates else {}
        shown = select(feed_table).where(feed_table.c.subscribed)
        rows = connection.execute(shown if only is None else shown.where(feed_table.c.id == only)).all()
        noted = {row.feed_id: tuple(row.notes) for row in connection.execute(_LAST_NOTES)} if notes else {}
        refused = refusals(connection, now - window) if notes else {}
    found = (_health(feed_record(row), counts, added.get(row.id, 0), now, window) for row in rows)
    whole = (
        replace(one, notes=noted.get(one.feed.id, ()), refused=tuple(refused.get(one.feed.id, ()))) for one in found
    )
    return sorted(whole, key=lambda health: health.feed.label.casefold())


_parsed = fetch.alias("parsed")
# One look-up in an index for each feed: the table holds every poll of the retention time.
_LAST_NOTES = select(fetch.c.feed_id, fetch.c.notes).where(
    fetch.c.id.in_(
        select(
            select(_parsed.c.id)
            .where(_parsed.c.feed_id == feed_table.c.id, _parsed.c.parser != "")
            .order_by(_parsed.c.at.desc(), _parsed.c.id.desc())
            .limit(1)
            .scalar_subquery()
        ).where(feed_table.c.subscribed)
    )
)


def _health(record: FeedRecord, counts: Mapping[int, Any], added: int, now: datetime, window: timedelta) -> FeedHealth:
    count = counts.get(record.id)
    if count is None:
        return FeedHealth(record, 0, 0.0, record.state.last_new, added_bytes=added)
    days = min(window, max(now - (record.added or now), timedelta(days=1))) / timedelta(days=1)
    return FeedHealth(record, count.n, count.n / days, count.newest, added_bytes=added)


def history(db: Database, feed_id: int, limit: int = 20) -> list[PastPoll]:
    """Return the outcomes of the feed's last polls, newest first."""
    query = select(fetch).where(fetch.c.feed_id == feed_id).order_by(fetch.c.at.desc(), fetch.c.id.desc()).limit(limit)
    with db.read() as connection:
        rows = connection.execute(query).mappings().all()
    names = [one.name for one in fields(PastPoll)]
    return [PastPoll(**{**{name: row[name] for name in names}, "notes": tuple(row["notes"])}) for row in rows]
