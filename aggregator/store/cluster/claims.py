"""Claiming due feeds by several workers, with the limits of each host kept across machines. PostgreSQL only.

A claim reads and writes O(limit) rows, however many feeds there are or are due: rows that another claim has locked are
skipped, and feeds of busy hosts are put off. A claim waits for another one only while both see a host for the first
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from aggregator.store.cluster.politeness import ClaimPlan, DueFeed, HostState, Manners, plan_claim
from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost
from aggregator.store.intake import suspects
from aggregator.store.intake.feeds import is_due
from aggregator.store.intake.suspects import Suspicion
from aggregator.store.records import FeedRecord
from aggregator.store.schema.dialect import insert_or_skip
from aggregator.store.schema.rows import AnyRow, feed_record
from aggregator.store.schema.tables import feed, feed_host

ROUNDS = 4  # of one claim, if all feeds of a round are at busy hosts
_HOST = func.split_part(feed.c.url, "/", 3)


@dataclass(frozen=True, slots=True)
class ClaimedFeeds:
    """Leased feeds, and their hosts, which are leased until `until`; `more` is whether others may be due now."""

    feeds: tuple[FeedRecord, ...] = ()
    hosts: tuple[str, ...] = ()
    until: datetime | None = None
    more: bool = False


def claim_due(db: Database, now: datetime, holder: str, lease: timedelta, limit: int, manners: Manners) -> ClaimedFeeds:
    """Lease up to `limit` due feeds and their hosts, longest overdue first; empty if none may be polled now."""
    for _ in range(ROUNDS):
        with db.write() as connection:
            found = _lock_due(connection, now, limit)
            if not found:
                break
            known = [Suspicion(row.id, row.unfinished, row.error_code) for row in found]
            suspects.set_aside(connection, [one for one in known if one.exhausted], now)
            pairs = zip(known, found, strict=True)
            due = [DueFeed(one.id, row.host, one.alone) for one, row in pairs if not one.exhausted]
            plan = plan_claim(due, _lock_hosts(connection, due), now, manners)
            records = _write(connection, plan, now, holder, lease)
        if records:
            more = len(found) == limit or len(due) > len(plan.feeds) + len(plan.put_off)
            return ClaimedFeeds(tuple(records), tuple(plan.hosts), now + lease, more)
    return ClaimedFeeds()


def renew(db: Database, claimed: ClaimedFeeds, holder: str, now: datetime, lease: timedelta) -> ClaimedFeeds:
    """Lease the hosts of a claim longer, and those of its feeds that are not saved. Raises LeaseLost."""
    hosts = update(feed_host).where(feed_host.c.host.in_(claimed.hosts), feed_host.c.lease_until == claimed.until)
    ids = [one.id for one in claimed.feeds]
    feeds = update(feed).where(feed.c.id.in_(ids), feed.c.lease_owner == holder)
    with db.write(durable=False) as connection:
        if connection.execute(hosts.values(lease_until=now + lease)).rowcount != len(claimed.hosts):
            raise LeaseLost("other workers poll these hosts now")
        connection.execute(feeds.values(lease_until=now + lease))
    return replace(claimed, until=now + lease)


def release_hosts(db: Database, claimed: ClaimedFeeds, free_from: datetime) -> None:
    """Let other tasks work at the hosts of a claim from `free_from` on, unless their lease has run out."""
    if not claimed.hosts:
        return
    mine = update(feed_host).where(feed_host.c.host.in_(claimed.hosts), feed_host.c.lease_until == claimed.until)
    with db.write(durable=False) as connection:
        connection.execute(mine.values(lease_owner=None, lease_until=None, free_from=free_from))


def _lock_due(connection: Connection, now: datetime, limit: int) -> Sequence[AnyRow]:
    due = select(feed.c.id, _HOST.label("host"), feed.c.unfinished, feed.c.error_code).where(is_due(now))
    # Not by id too: PostgreSQL would sort all feeds that are due at the same moment.
    due = due.order_by(feed.c.next_check).limit(limit).with_for_update(skip_locked=True)
    return connection.execute(due).all()


def _lock_hosts(connection: Connection, due: Sequence[DueFeed]) -> dict[str, HostState]:
    """Return the states of these hosts, locked; those that another claim has locked are left out."""
    names = sorted({one.host for one in due})
    known = set(connection.execute(select(feed_host.c.host).where(feed_host.c.host.in_(names))).scalars())
    if new := [{"host": name} for name in names if name not in known]:
        connection.execute(insert_or_skip(connection, feed_host), new)
    locking = select(feed_host).where(feed_host.c.host.in_(names)).order_by(feed_host.c.host)
    return {
        row.host: HostState(row.lease_until, row.free_from, row.queued_until)
        for row in connection.execute(locking.with_for_update(skip_locked=True))
    }


def _write(connection: Connection, plan: ClaimPlan, now: datetime, holder: str, lease: timedelta) -> list[FeedRecord]:
    if plan.put_off:
        later = update(feed).where(feed.c.id == bindparam("key")).values(next_check=bindparam("at"))
        connection.execute(later, [{"key": key, "at": at} for key, at in plan.put_off.items()])
        queues = update(feed_host).where(feed_host.c.host == bindparam("key")).values(queued_until=bindparam("at"))
        connection.execute(queues, [{"key": key, "at": at} for key, at in plan.queues.items()])
    if not plan.feeds:
        return []
    leased = {"lease_owner": holder, "lease_until": now + lease}
    connection.execute(update(feed_host).where(feed_host.c.host.in_(plan.hosts)).values(leased))
    taking = update(feed).where(feed.c.id.in_(plan.feeds)).values({**leased, **suspects.BEGUN})
    taken = connection.execute(taking.returning(feed)).all()
    return [feed_record(row) for row in sorted(taken, key=lambda row: (row.next_check or now, row.id))]
