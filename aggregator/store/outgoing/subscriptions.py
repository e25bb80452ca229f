"""Who reads which digest: asked for, confirmed, or left. What a reader left stays left, whoever names the reader again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select, update

from aggregator.store.database import Database
from aggregator.store.outgoing import recipients
from aggregator.store.outgoing.deliveries import end_queued
from aggregator.store.records import RecipientConfigRow, SubscriptionRecord
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip
from aggregator.store.schema.tables import recipient, subscription
from digests.channels.recipient import Recipient


class Standing(StrEnum):
    """How a reader stands to a digest; the words of the database."""

    PENDING = "pending"  # asked for, and the address has not confirmed it
    ACTIVE = "active"
    LEFT = "left"  # by the reader's own will: no import and no configuration brings it back


def ask(
    db: Database, reader: RecipientConfigRow, digests: Collection[str], standing: Standing, now: datetime
) -> dict[str, Standing]:
    """Put a reader down for digests, pending or active; return how the reader stands to each afterwards.

    What the reader left stays left, and what is active does not become pending.
    """
    who = recipients.ensure(db, [reader], now)[0]
    rows = [
        {"recipient_id": who.id, "digest": d, "state": standing.value, "since": now} for d in dict.fromkeys(digests)
    ]
    with db.write() as connection:
        if rows:
            connection.execute(insert_or_skip(connection, subscription), rows)
        mine = subscription.c.recipient_id == who.id
        if standing is Standing.ACTIVE:
            waiting = update(subscription).where(
                mine, subscription.c.digest.in_(digests), subscription.c.state == Standing.PENDING.value
            )
            connection.execute(waiting.values(state=standing.value, since=now))
        found = select(subscription).where(mine, subscription.c.digest.in_(digests))
        return {row.digest: Standing(row.state) for row in connection.execute(found)}


def join(db: Database, reader: Recipient, digest: str, now: datetime) -> None:
    """Carry out a reader's own will to get a digest. It ends a pause and a suppression: the address has just proved itself."""
    who = recipients.ensure(db, [reader], now)[0]
    with db.write() as connection:
        _put(connection, who.id, digest, Standing.ACTIVE, now)
    recipients.resume(db, who.id)
    recipients.allow(db, who.address)


def leave(db: Database, reader: Recipient, digest: str, now: datetime) -> None:
    """Carry out a reader's own will to get a digest no more: at once, what waits in the outbox included. Idempotent."""
    who = recipients.ensure(db, [reader], now)[0]
    with db.write() as connection:
        _put(connection, who.id, digest, Standing.LEFT, now)
        end_queued(connection, who.id, digest, "the reader unsubscribed", now)


def leave_all(db: Database, reader: Recipient, digests: Collection[str], now: datetime) -> None:
    """Leave these digests and every other that the reader stands to."""
    known = {row.digest for row in list_subscriptions(db, only=reader)}
    for digest in sorted({*digests, *known}):
        leave(db, reader, digest, now)


def drop(db: Database, reader: Recipient, digests: Collection[str] | None, now: datetime) -> list[str]:
    """Take a reader off these digests, or all, as the operator's doing; return which. What the reader left stays noted."""
    found = next(iter(recipients.find(db, [reader])), None)
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


def readers(db: Database, digest: str) -> dict[Recipient, Standing]:
    """Return everyone the database knows to stand to a digest."""
    query = select(recipient.c.channel, recipient.c.address, subscription.c.state)
    query = query.join(recipient, recipient.c.id == subscription.c.recipient_id)
    query = query.where(subscription.c.digest == digest).order_by(subscription.c.since, recipient.c.id)
    with db.read() as connection:
        return {Recipient(row.channel, row.address): Standing(row.state) for row in connection.execute(query)}


def pending_since(db: Database, since: datetime) -> int:
    """Return how many were put down as pending after an instant."""
    waiting = (subscription.c.state == Standing.PENDING.value, subscription.c.since > since)
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(subscription).where(*waiting)).scalar_one()


def forget_unconfirmed(db: Database, before: datetime) -> int:
    """Delete what was asked for before an instant and never confirmed; return how many."""
    waiting = (subscription.c.state == Standing.PENDING.value, subscription.c.since < before)
    with db.write() as connection:
        return connection.execute(delete(subscription).where(*waiting)).rowcount


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
