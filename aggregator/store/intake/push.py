"""WebSub subscriptions at the hubs of feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from aggregator.store.database import Database
from aggregator.store.records import FeedRecord
from aggregator.store.schema.dialect import insert_or_replace
from aggregator.store.schema.rows import AnyRow, feed_record
from aggregator.store.schema.tables import feed, push
from feeds.websub import Push, PushState

_COLUMNS = ("hub", "topic", "token", "secret", "state", "lease_until", "next_ask", "failures")


def due(db: Database, now: datetime, limit: int) -> list[tuple[FeedRecord, Push | None]]:
    """Return feeds that need a request to their hub, each with its subscription.

    The subscription is missing, for another hub or topic, or due for renewal.
    """
    both = feed.outerjoin(push, push.c.feed_id == feed.c.id)
    moved = or_(push.c.hub != feed.c.hub, push.c.topic != feed.c.hub_topic)
    wanted = (
        select(feed, *(push.c[name].label(f"push_{name}") for name in _COLUMNS))
        .select_from(both)
        .where(feed.c.subscribed, ~feed.c.gone, feed.c.hub.is_not(None), feed.c.hub_topic.is_not(None))
        .where(or_(push.c.feed_id.is_(None), moved, push.c.next_ask <= now))
        .order_by(feed.c.id)
        .limit(limit)
    )
    with db.read() as connection:
        rows = connection.execute(wanted).all()
    return [(feed_record(row), _push(row, row.id, "push_") if row.push_token else None) for row in rows]


def save(db: Database, pushes: Sequence[Push]) -> None:
    """Save subscriptions; only a feed with a confirmed subscription is polled less often."""
    if not pushes:
        return
    with db.write() as connection:
        statement = insert_or_replace(connection, push, ["feed_id"], _COLUMNS)
        connection.execute(statement, [_values(one) for one in pushes])
        for one in pushes:
            pushed_until = one.lease_until if one.state is PushState.ACTIVE else None
            connection.execute(update(feed).where(feed.c.id == one.feed).values(pushed_until=pushed_until))


def by_token(db: Database, token: str) -> Push | None:
    """Return the subscription whose callback URL contains `token`; None if there is none."""
    with db.read() as connection:
        row = connection.execute(select(push).where(push.c.token == token)).first()
    return _push(row, row.feed_id) if row is not None else None


def forget(db: Database) -> int:
    """Delete the subscriptions of feeds that are unsubscribed, gone or without a hub; return how many."""
    unused = select(feed.c.id).where(or_(~feed.c.subscribed, feed.c.gone, feed.c.hub.is_(None)))
    with db.write() as connection:
        connection.execute(update(feed).where(feed.c.id.in_(unused)).values(pushed_until=None))
        return connection.execute(delete(push).where(push.c.feed_id.in_(unused))).rowcount


def _values(one: Push) -> dict[str, Any]:
    values = asdict(one)
    values["feed_id"] = values.pop("feed")
    return values


def _push(row: AnyRow, feed_id: int, prefix: str = "") -> Push:
    values = {name: getattr(row, prefix + name) for name in _COLUMNS}
    return Push(feed=feed_id, **{**values, "state": PushState(values["state"])})
