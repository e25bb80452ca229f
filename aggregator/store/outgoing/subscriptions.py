"""Subscriptions of recipients to digests: requested, confirmed, or left. Only the recipient can undo leaving."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update

from aggregator.store.database import Database
from aggregator.store.outgoing import recipients
from aggregator.store.outgoing.deliveries import end_queued
from aggregator.store.records import Purpose, RecipientConfigRow, SubscriptionRecord
from aggregator.store.schema.dialect import chunks, insert_or_replace, insert_or_skip
from aggregator.store.schema.tables import delivery, feedback, ledger, recipient, subscription
from digests.channels.recipient import Recipient


class Standing(StrEnum):
    """The state of a subscription; the words of the database."""

    PENDING = "pending"  # asked for, and the address has not confirmed it
    ACTIVE = "active"
    LEFT = "left"  # by the recipient itself: no import and no configuration undoes it


def ask(
    db: Database, who: RecipientConfigRow, digests: Collection[str], standing: Standing, now: datetime
) -> dict[str, Standing]:
    """Subscribe a recipient to digests, pending or active; return the state of each subscription afterwards.

    What the recipient left stays left, and what is active does not become pending.
    """
    stored = recipients.ensure(db, [who], now)[0]
    rows = [
        {"recipient_id": stored.id, "digest": d, "state": standing.value, "since": now} for d in dict.fromkeys(digests)
    ]
    with db.write() as connection:
        if rows:
            connection.execute(insert_or_skip(connection, subscription), rows)
        mine = subscription.c.recipient_id == stored.id
        if standing is Standing.ACTIVE:
            waiting = update(subscription).where(
                mine, subscription.c.digest.in_(digests), subscription.c.state == Standing.PENDING.value
            )
            connection.execute(waiting.values(state=standing.value, since=now))
        found = select(subscription).where(mine, subscription.c.digest.in_(digests))
        return {row.digest: Standing(row.state) for row in connection.execute(found)}


def join(db: Database, who: Recipient, digest: str, now: datetime) -> None:
    """Subscribe a recipient who requested and confirmed it. This ends a pause and a suppression."""
    stored = recipients.ensure(db, [who], now)[0]
    with db.write() as connection:
        _put(connection, stored.id, digest, Standing.ACTIVE, now)
    recipients.resume(db, stored.id)
    recipients.allow(db, stored.address)


def leave(db: Database, who: Recipient, digest: str, now: datetime) -> None:
    """Unsubscribe a recipient at its own request, and end what waits in the outbox for it. Idempotent."""
    stored = recipients.ensure(db, [who], now)[0]
    with db.write() as connection:
        _put(connection, stored.id, digest, Standing.LEFT, now)
        end_queued(connection, stored.id, digest, "the recipient unsubscribed", now)


def leave_all(db: Database, who: Recipient, digests: Collection[str], now: datetime) -> None:
    """Leave these digests and every other that the recipient is subscribed to."""
    known = {row.digest for row in list_subscriptions(db, only=who)}
    for digest in sorted({*digests, *known}):
        leave(db, who, digest, now)


def drop(db: Database, who: Recipient, digests: Collection[str] | None, now: datetime) -> list[str]:
    """Unsubscribe a recipient from these digests, or all, for the operator; return which. What it left stays noted."""
    found = next(iter(recipients.find(db, [who])), None)
    if found is None:
        return []
    mine = [subscription.c.recipient_id == found.id, subscription.c.state != Standing.LEFT.value]
    if digests is not None:
        mine.append(subscription.c.digest.in_(digests))
    with db.write() as connection:
        gone = connection.execute(delete(subscription).where(*mine).returning(subscription.c.digest)).scalars().all()
        for digest in gone:
            end_queued(connection, found.id, digest, "the recipient was removed", now)
    return sorted(gone)


def standings(db: Database, digest: str) -> dict[Recipient, Standing]:
    """Return everyone with a subscription to a digest, and its state."""
    query = select(recipient.c.channel, recipient.c.address, subscription.c.state)
    query = query.join(recipient, recipient.c.id == subscription.c.recipient_id)
    query = query.where(subscription.c.digest == digest).order_by(subscription.c.since, recipient.c.id)
    with db.read() as connection:
        return {Recipient(row.channel, row.address): Standing(row.state) for row in connection.execute(query)}


def forget_unconfirmed(db: Database, before: datetime) -> int:
    """Delete what was asked for before an instant and never confirmed, and who asked for nothing else."""
    waiting = (subscription.c.state == Standing.PENDING.value, subscription.c.since < before)
    with db.write() as connection:
        gone = connection.execute(delete(subscription).where(*waiting).returning(subscription.c.recipient_id))
        ids = gone.scalars().all()
        for part in chunks(dict.fromkeys(ids)):
            _forget_strangers(connection, part)
    return len(ids)


def _forget_strangers(connection: Connection, ids: Sequence[int]) -> None:
    """Delete those of these recipients that got nothing but letters of confirmation, with the letters."""
    letter = delivery.c.purpose == Purpose.CONFIRMATION.value
    known = select(subscription.c.recipient_id).union(
        select(delivery.c.recipient_id).where(~letter), select(ledger.c.recipient_id), select(feedback.c.recipient_id)
    )
    strangers = select(recipient.c.id).where(recipient.c.id.in_(ids), ~recipient.c.paused, recipient.c.id.not_in(known))
    gone = connection.execute(strangers).scalars().all()
    connection.execute(delete(delivery).where(delivery.c.recipient_id.in_(gone)))
    connection.execute(delete(recipient).where(recipient.c.id.in_(gone)))


def list_subscriptions(db: Database, *, only: Recipient | None = None) -> list[SubscriptionRecord]:
    """Return the subscriptions of a recipient, or all, by recipient and digest."""
    query = select(
        recipient.c.channel, recipient.c.address, subscription.c.digest, subscription.c.state, subscription.c.since
    )
    query = query.join(recipient, recipient.c.id == subscription.c.recipient_id)
    query = query.order_by(recipient.c.key, subscription.c.digest)
    if only is not None:
        query = query.where(recipient.c.key == only.key)
    with db.read() as connection:
        rows = connection.execute(query)
        return [SubscriptionRecord(Recipient(r.channel, r.address), r.digest, r.state, r.since) for r in rows]


def _put(connection: Connection, recipient_id: int, digest: str, standing: Standing, now: datetime) -> None:
    merging = insert_or_replace(connection, subscription, ["recipient_id", "digest"], ["state", "since"])
    values = {"recipient_id": recipient_id, "digest": digest, "state": standing.value, "since": now}
    connection.execute(merging, values)
