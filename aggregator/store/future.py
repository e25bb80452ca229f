"""Corrects the times in the database that a clock stored while it was ahead, for example in 2036.

The time of an event cannot be later than now. Where one is, no time that was computed from it is valid: feeds are
polled, deliveries are tried and hubs are asked at once, instead of after ten years.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, Connection, delete, func, or_, select, update

from aggregator.store.database import Database
from aggregator.store.leases import LONGEST
from aggregator.store.schema import tables as t
from digests.outbox import OPEN, State

TOLERANCE = timedelta(minutes=2)  # clocks of two machines may differ by as much
_HAPPENED: tuple[Column[datetime], ...] = (
    t.feed.c.last_check,
    t.feed.c.last_success,
    t.feed.c.last_new,
    t.entry.c.arrived,
    t.article.c.arrived,
    t.story.c.first,
    t.story.c.last,
    t.ledger.c.at,
    t.alert.c.reported,
    t.subscription.c.since,
    t.delivery.c.created,
    t.delivery.c.updated,
    t.delivery.c.sent_at,
    t.digest.c.covered,
    t.digest.c.last_slot,
    t.saved.c.at,
)
_EVIDENCE = (t.feed.c.last_check, t.delivery.c.updated)  # written most often
Following = Callable[[str, datetime], datetime | None]  # the next slot of a digest after a time


def has_future_times(db: Database, now: datetime) -> bool:
    """Whether the database has times of events that are later than now."""
    with db.read() as connection:
        latest = [connection.execute(select(func.max(column))).scalar() for column in _EVIDENCE]
    return any(one is not None and one > now + TOLERANCE for one in latest)


def judge_again(db: Database, now: datetime, following: Following) -> None:
    """Set times of events that are later than now to now, and make due what waits for a time.

    `following` returns the next slot of a digest, or None if it is not configured.
    """
    with db.write() as connection:
        _free_leases(connection, now)
        _deliveries(connection, now)
        for column in _HAPPENED:
            connection.execute(update(column.table).where(column > now).values({column.name: now}))
        connection.execute(update(t.feed).where(t.feed.c.next_check > now).values(next_check=now))
        connection.execute(update(t.feed).where(t.feed.c.pushed_until > now).values(pushed_until=None))
        connection.execute(update(t.push).where(t.push.c.next_ask > now).values(next_ask=now))
        connection.execute(delete(t.delivery_stop).where(t.delivery_stop.c.until > now))
        # A turn in the future would count for the limit of its domain until then.
        connection.execute(delete(t.delivery_turn).where(t.delivery_turn.c.at > now))
        _free_hosts(connection, now)
        connection.execute(update(t.saved_send).where(t.saved_send.c.due > now).values(due=now))
        connection.execute(delete(t.page_failure).where(t.page_failure.c.until > now))
        _slots(connection, now, following)


def _free_leases(connection: Connection, now: datetime) -> None:
    for table in (t.feed, t.digest):
        held = update(table).where(table.c.lease_until > now + LONGEST)
        connection.execute(held.values(lease_owner=None, lease_until=None))
    # A delivery in progress is recovered like one of a crashed process, by the state that it has reached.
    connection.execute(update(t.delivery).where(t.delivery.c.lease_until > now + LONGEST).values(lease_until=now))


def _free_hosts(connection: Connection, now: datetime) -> None:
    host = t.feed_host.c
    connection.execute(
        update(t.feed_host).where(host.lease_until > now + LONGEST).values(lease_owner=None, lease_until=None)
    )
    for column in (host.free_from, host.queued_until):
        connection.execute(update(t.feed_host).where(column > now).values({column.name: None}))


def _deliveries(connection: Connection, now: datetime) -> None:
    """Make queued deliveries due; one that was created later than now is stale after the same time as before."""
    d = t.delivery.c
    waiting = d.state.in_(OPEN)
    connection.execute(update(t.delivery).where(d.state == State.QUEUED.value, d.next_try > now).values(next_try=now))
    created = select(d.created, d.expires).where(waiting, d.created > now).distinct()
    for row in connection.execute(created).all():
        expires = now + (row.expires - row.created) if row.expires else None
        same = update(t.delivery).where(waiting, d.created == row.created, d.expires == row.expires)
        connection.execute(same.values(created=now, expires=expires))


def _slots(connection: Connection, now: datetime, following: Following) -> None:
    """Compute the next slot of each digest again; a slot that has its edition already is not served twice."""
    for row in connection.execute(select(t.digest).where(t.digest.c.active, t.digest.c.next_slot > now)).all():
        slot = following(row.name, now)
        made = select(t.edition.c.slot).where(t.edition.c.digest == row.name, t.edition.c.slot > now)
        served = set(connection.execute(made).scalars())
        while slot is not None and slot in served:
            slot = following(row.name, slot)
        if slot is not None and slot < row.next_slot:
            connection.execute(update(t.digest).where(t.digest.c.name == row.name).values(next_slot=slot))
    later = or_(t.recipient_slot.c.served > now, t.recipient_slot.c.served.is_(None))
    local = now.astimezone(UTC).replace(tzinfo=None).isoformat()
    ahead = update(t.recipient_slot).where(later, t.recipient_slot.c.slot > local)
    connection.execute(ahead.values(slot=local, served=None))
