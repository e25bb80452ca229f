"""Deliveries whose process died or hangs: which of them are sent again at once, and of which the outcome is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from aggregator.store.database import Database
from aggregator.store.outgoing import outcomes
from aggregator.store.outgoing.deliveries import delivery_rows, record_of
from aggregator.store.records import Recovered
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import delivery
from digests.outbox import Policy, State, step_after_crash


def end_leases(connection: Connection, holder: str, now: datetime) -> None:
    """End the leases of all runs of a dead process, so that the next `recover` settles its deliveries."""
    theirs = or_(delivery.c.lease_owner == holder, delivery.c.lease_owner.startswith(f"{holder}/", autoescape=True))
    held = update(delivery).where(theirs, outcomes.leased(), delivery.c.lease_until > now)
    connection.execute(held.values(lease_until=now))


def recover(
    db: Database,
    now: datetime,
    policy: Policy | None = None,
    has_ended: Callable[[str], bool] = lambda _: False,
) -> Recovered:
    """Settle deliveries whose lease ran out or whose lease holder has ended.

    Those that were not sent are queued again; of one whose final dot may be out the outcome is unknown.
    """
    queued: list[int] = []
    unknown: list[int] = []
    leased = outcomes.leased()
    with db.read() as connection:
        holders = connection.execute(select(delivery.c.lease_owner).where(leased).distinct()).scalars().all()
    ended = [holder for holder in holders if holder and has_ended(holder)]
    lost = and_(leased, or_(delivery.c.lease_until <= now, delivery.c.lease_owner.in_(ended)))
    with db.write() as connection:
        locked = select(delivery.c.id).where(lost).order_by(delivery.c.id).with_for_update(skip_locked=True)
        ids = connection.execute(locked).scalars().all()
        found = delivery_rows(connection, delivery.c.id.in_(ids)) if ids else []
        behind = _not_sent_yet(found)
        tried = _under_way(found)
        for row in sorted(found, key=lambda row: -row.id):
            before = record_of(row)
            if before.id in behind:
                before = replace(before, state=State.SENDING)
            step = step_after_crash(before.outbox, now, policy or Policy(), tried=before.id in tried)
            outcomes.write_step(connection, before.id, step, now, outcomes.leased)
            (queued if before.state is State.SENDING else unknown).append(before.id)
    return Recovered(tuple(queued), tuple(unknown))


def _under_way(found: Iterable[AnyRow]) -> set[int]:
    """Return the deliveries that their processes may have been trying when they died: the first of each.

    A process tries what it claimed by channel, the longest waiting first, and stores each outcome before the next try.
    """
    first: dict[str, int] = {}
    for row in sorted(found, key=lambda row: (row.channel, row.next_try or row.updated, row.id)):
        first.setdefault(row.lease_owner, row.id)
    return set(first.values())


def _not_sent_yet(found: Iterable[AnyRow]) -> set[int]:
    """Return the deliveries that were marked and cannot have been sent.

    A process marks several in one commit, sends them in the order in which it claimed them, and stores each outcome
    before it sends the next. So of those marked together only the first can have been sent. A power failure may undo
    stored outcomes: then some of the others were sent too. They would go out again in any case, only later.
    """
    marked = sorted(
        (row for row in found if row.state == State.DOT.value), key=lambda row: (row.next_try or row.updated, row.id)
    )
    first: dict[tuple[str, datetime, str], int] = {}
    for row in marked:
        first.setdefault((row.lease_owner, row.updated, row.channel), row.id)
    return {row.id for row in marked} - set(first.values())
