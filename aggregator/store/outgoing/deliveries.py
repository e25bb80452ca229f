"""The outbox: each delivery of an edition or a letter is a row before it is sent. Each step is one transaction.

claim_due   queued -> sending, leased        mark_dot   sending -> dot, on the disk before the final dot goes out
record      the outcome                      (recovery: what a dead process left behind)
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)

from aggregator.store.database import Database
from aggregator.store.editions.editions import delivery_values
from aggregator.store.errors import LeaseLost, NotFound
from aggregator.store.outgoing import outcomes
from aggregator.store.outgoing.waiting import is_open
from aggregator.store.records import DeliveryRecord, DeliveryStop, NewDelivery, Purpose
from aggregator.store.schema.dialect import chunks, insert_or_replace, insert_or_skip, one_at_a_time, take_ids
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import (
    delivery,
    delivery_stop,
    delivery_turn,
    edition,
    item,
    ledger,
    recipient,
    report_hint,
    subscription,
    suppression,
)
from digests.channels.recipient import Recipient
from digests.outbox import State, Step, step_after_settlement

_TURNS_LOCK = 4_711_300_000_000  # an arbitrary constant, plus a number for each domain
_RECIPIENT = (recipient.c.key, recipient.c.channel, recipient.c.address)


def claim_due(db: Database, now: datetime, holder: str, lease: timedelta, limit: int) -> list[DeliveryRecord]:
    """Lease up to `limit` due deliveries, with their bytes; no other process gets them until the lease expires.

    Of one recipient only the first is taken, and none while another is being sent: what one recipient gets stays in
    order. Paused recipients, suppressed addresses and recipients who left the digest are skipped: their deliveries
    expire. A letter of confirmation still goes to a recipient who is paused or has left: it was asked for since, and
    confirming lifts both.
    """
    # Of a mail address the key has the folded form, as the suppressed addresses have it.
    folded = func.lower(func.substr(recipient.c.key, func.length(recipient.c.channel) + 2))
    blocked = select(suppression.c.address).where(suppression.c.address == folded).exists()
    wanted = (
        select(delivery.c.id)
        .join(recipient, recipient.c.id == delivery.c.recipient_id)
        .where(_due(delivery, now), ~blocked, ~_earlier(now))
        .order_by(delivery.c.next_try, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=delivery)
        .cte("wanted")
    )
    taking = update(delivery).where(delivery.c.id.in_(select(wanted.c.id)))
    taking = taking.values(state=State.SENDING.value, lease_owner=holder, lease_until=now + lease, updated=now)
    with db.write() as connection:
        ids = connection.execute(taking.returning(delivery.c.id)).scalars().all()
        claimed = delivery_rows(connection, delivery.c.id.in_(ids), body=True) if ids else []
    return sorted((record_of(row) for row in claimed), key=lambda record: (record.next_try or now, record.id))


def _due(table: Any, now: datetime) -> Any:
    """Whether a delivery waits and may be tried now; `table` is `delivery` or an alias of it."""
    left = (
        select(subscription.c.digest)
        .where(
            subscription.c.recipient_id == table.c.recipient_id,
            subscription.c.digest == table.c.digest,
            subscription.c.state == "left",
        )
        .exists()
    )
    willing = or_(table.c.purpose == Purpose.CONFIRMATION.value, and_(~recipient.c.paused, ~left))
    return and_(table.c.state == State.QUEUED.value, table.c.next_try <= now, willing)


def _earlier(now: datetime) -> Any:
    """Whether another delivery to the recipient comes before this one: one that is being sent, or due and older.

    It does not depend on what another claim has locked or is about to commit, so two claims never take two of one
    recipient.
    """
    other = delivery.alias("other")
    older = or_(
        other.c.next_try < delivery.c.next_try,
        and_(other.c.next_try == delivery.c.next_try, other.c.id < delivery.c.id),
    )
    comes = or_(other.c.state != State.QUEUED.value, and_(_due(other, now), older))
    same = (other.c.recipient_id == delivery.c.recipient_id, other.c.id != delivery.c.id)
    return select(other.c.id).where(*same, is_open(other), comes).exists()


def count_due(db: Database, now: datetime, limit: int) -> int:
    """Return how many deliveries wait and may be tried now, `limit` at most."""
    due = select(delivery.c.id).where(delivery.c.state == State.QUEUED.value, delivery.c.next_try <= now).limit(limit)
    with db.read() as connection:
        return connection.execute(select(func.count()).select_from(due.subquery())).scalar_one()


def mark_dot(
    db: Database, delivery_id: int, holder: str, now: datetime, following: Sequence[int] = ()
) -> frozenset[int]:
    """Commit, before the final dot is sent, that the message may be accepted. Raises `LeaseLost`: then do not send.

    Messages that go out next may be marked in the same commit; returns which of `following` were.
    """
    with db.write() as connection:
        marking = {"keys": [delivery_id, *following], "holder": holder, "now": now}
        marked = frozenset(connection.execute(outcomes.MARK, marking).scalars())
        if delivery_id not in marked:
            raise LeaseLost
    return marked - {delivery_id}


def still_marked(db: Database, delivery_id: int, holder: str) -> bool:
    """Whether `holder` still has a delivery that it marked before."""
    mine = (delivery.c.lease_owner == holder, delivery.c.state == State.DOT.value)
    with db.read() as connection:
        return connection.execute(select(delivery.c.id).where(delivery.c.id == delivery_id, *mine)).first() is not None


def renew(db: Database, delivery_ids: Sequence[int], holder: str, now: datetime, lease: timedelta) -> int:
    """Hold deliveries longer; return how many `holder` still had."""
    mine = update(delivery).where(delivery.c.id.in_(delivery_ids), delivery.c.lease_owner == holder)
    with db.write() as connection:
        return connection.execute(mine.values(lease_until=now + lease)).rowcount


def record(db: Database, delivery_id: int, holder: str, step: Step, now: datetime, *, durable: bool = True) -> None:
    """Write the outcome of a try and give the lease back. Raises `LeaseLost` when another holder has the delivery.

    That a server accepted it is written even if the lease ran out, unless another process has started a new try.
    Without `durable` the next `mark_dot` writes it to the disk as well; until then only a power failure can undo it.
    """
    with db.write(durable=durable) as connection:
        condition = outcomes.held_or_free if step.state is State.SENT else outcomes.held
        if not outcomes.write_step(connection, delivery_id, step, now, condition, holder):
            raise LeaseLost


def expire(db: Database, now: datetime) -> list[DeliveryRecord]:
    """End queued deliveries that are stale; their stories become new to these recipients again."""
    stale = and_(delivery.c.state == State.QUEUED.value, delivery.c.expires <= now)
    with db.write() as connection:
        ending = update(delivery).where(stale).values(state=State.EXPIRED.value, next_try=None, updated=now)
        ids = list(connection.execute(ending.returning(delivery.c.id)).scalars())
        if not ids:
            return []
        outcomes.not_received(connection, ids)
        return [record_of(row) for row in delivery_rows(connection, delivery.c.id.in_(ids))]


def hurry(db: Database, digest: str | None, now: datetime) -> None:
    """Make what waits for its next try due now, of one digest or of all, and end the stops of servers.

    A delivery whose outcome is unknown keeps its wait, because a try that comes too early may make a second copy.
    """
    waiting = [delivery.c.state == State.QUEUED.value, delivery.c.next_try > now, delivery.c.doubts == 0]
    if digest is not None:
        waiting.append(delivery.c.digest == digest)
    with db.write() as connection:
        connection.execute(update(delivery).where(*waiting).values(next_try=now))
        connection.execute(delete(delivery_stop))


def end_queued(connection: Connection, recipient_id: int, digest: str, why: str, now: datetime) -> None:
    """End what waits for a recipient of a digest, within the caller's transaction."""
    waiting = update(delivery).where(
        delivery.c.recipient_id == recipient_id,
        delivery.c.digest == digest,
        delivery.c.state == State.QUEUED.value,
    )
    ending = waiting.values(state=State.EXPIRED.value, next_try=None, detail=why, updated=now)
    ids = connection.execute(ending.returning(delivery.c.id)).scalars().all()
    if ids:
        outcomes.not_received(connection, ids)


def returned_to(db: Database, token: str | None, message_id: str | None) -> DeliveryRecord | None:
    """Return the delivery whose return address has the token, else the one with the Message-ID, else None."""
    if token is not None:
        where: Any = delivery.c.sender.contains(f"+{token}-", autoescape=True)
    elif message_id is not None:
        where = delivery.c.message_id == message_id
    else:
        return None
    with db.read() as connection:
        row = next(iter(delivery_rows(connection, where, limit=1)), None)
    return None if row is None else record_of(row)


def mark_returned(db: Database, delivery_id: int, reply_code: int, detail: str, now: datetime) -> bool:
    """Write that a delivery came back: its recipient did not get it. False if that is known, or it was never sent."""
    out = [State.SENT.value, State.UNKNOWN.value]
    with db.write() as connection:
        one = update(delivery).where(delivery.c.id == delivery_id, delivery.c.state.in_(out))
        values = {"state": State.FAILED.value, "reply_code": reply_code, "detail": detail, "updated": now}
        if (
            connection.execute(
                one.values(sent_at=func.coalesce(delivery.c.sent_at, literal(now, delivery.c.sent_at.type)), **values)
            ).rowcount
            != 1
        ):
            return False
        outcomes.take_back(connection, [delivery_id])
    return True


def count_returned(db: Database, recipient_id: int, since: datetime) -> int:
    """Return how many deliveries of a recipient were sent and came back since an instant."""
    back = (delivery.c.state == State.FAILED.value, delivery.c.sent_at.is_not(None), delivery.c.updated > since)
    with db.read() as connection:
        query = select(func.count()).select_from(delivery).where(delivery.c.recipient_id == recipient_id, *back)
        return connection.execute(query).scalar_one()


def add_hint(db: Database, delivery_id: int, action: str, now: datetime) -> bool:
    """Note a report about a delivery that proves nothing; False if the same is noted."""
    with db.write() as connection:
        values = {"delivery_id": delivery_id, "action": action, "at": now}
        return connection.execute(insert_or_skip(connection, report_hint), values).rowcount > 0


def hinted(db: Database, recipient_id: int, action: str, since: datetime) -> list[str]:
    """Return the Message-IDs of a recipient's deliveries with such a hint since an instant."""
    query = select(delivery.c.message_id).join(report_hint, report_hint.c.delivery_id == delivery.c.id)
    mine = (delivery.c.recipient_id == recipient_id, report_hint.c.action == action, report_hint.c.at > since)
    with db.read() as connection:
        return list(connection.execute(query.where(*mine)).scalars())


def settle(db: Database, delivery_id: int, accepted: bool, now: datetime) -> None:
    """Write what a person knows of an unknown delivery: it arrived, or it is to be sent again.

    Raises `NotFound`, or ValueError if it is not unknown.
    """
    with db.write() as connection:
        row = next(iter(delivery_rows(connection, delivery.c.id == delivery_id)), None)
        if row is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        step = step_after_settlement(record_of(row).outbox, accepted, now)
        outcomes.write_step(connection, delivery_id, step, now, outcomes.unknown)


def add_copy(db: Database, edition_id: str, new: NewDelivery, now: datetime, subject: str = "") -> int:
    """Queue one more copy of an edition for a recipient, as a person asked for; return its id.

    The ledger then holds its stories for the recipient, also if an earlier delivery had failed.
    """
    with db.write() as connection:
        same = and_(delivery.c.edition_id == edition_id, delivery.c.recipient_id == new.recipient_id)
        last = connection.execute(select(func.max(delivery.c.copy)).where(same)).scalar()
        digest = connection.execute(select(edition.c.digest).where(edition.c.id == edition_id)).scalar()
        if digest is None:
            raise NotFound(f"there is no edition {edition_id}")
        key = take_ids(connection, delivery, 1)[0]
        values = delivery_values(key, edition_id, digest, subject, new, now, copy=0 if last is None else last + 1)
        connection.execute(insert(delivery), values)
        items = select(item.c.story_id, item.c.kind).where(item.c.edition_id == edition_id).order_by(item.c.position)
        rows = [
            {
                "recipient_id": new.recipient_id,
                "story_id": row.story_id,
                "edition_id": edition_id,
                "kind": row.kind,
                "at": now,
            }
            for row in connection.execute(items)
        ]
        if rows:
            connection.execute(insert_or_skip(connection, ledger), rows)
    return key


def list_deliveries(
    db: Database,
    *,
    edition_id: str | None = None,
    states: Iterable[State] | None = None,
    since: datetime | None = None,
    ids: Iterable[int] | None = None,
    limit: int | None = 1000,
) -> list[DeliveryRecord]:
    """Return deliveries without their bytes, newest first; all of them with `limit` None."""
    conditions = []
    if edition_id is not None:
        conditions.append(delivery.c.edition_id == edition_id)
    if states is not None:
        conditions.append(delivery.c.state.in_([state.value for state in states]))
    if since is not None:
        conditions.append(delivery.c.updated > since)
    with db.read() as connection:
        if ids is None:
            return [record_of(row) for row in delivery_rows(connection, and_(True, *conditions), limit=limit)]
        rows = [
            row for part in chunks(ids) for row in delivery_rows(connection, and_(delivery.c.id.in_(part), *conditions))
        ]
    return [record_of(row) for row in sorted(rows, key=lambda row: -row.id)[:limit]]


def editions_of(db: Database, to: Recipient) -> set[str]:
    """Return the ids of the editions that have a delivery to a recipient."""
    query = select(delivery.c.edition_id).join_from(delivery, recipient, recipient.c.id == delivery.c.recipient_id)
    with db.read() as connection:
        found = connection.execute(query.where(recipient.c.key == to.key, delivery.c.edition_id.is_not(None)))
        return set(found.scalars())


def take_turn(db: Database, delivery_id: int, domain: str, most: int, now: datetime, window: timedelta) -> bool:
    """Note that a delivery to a mail domain is tried now; False if there were `most` within the `window`.

    Counts the tries of all processes, and what was sent without a turn. Two processes cannot take one last turn.
    """
    there = func.lower(recipient.c.address).endswith(f"@{domain.lower()}", autoescape=True)
    sent = select(delivery.c.id).join_from(delivery, recipient, recipient.c.id == delivery.c.recipient_id)
    sent = sent.where(delivery.c.sent_at > now - window, there)
    turns = select(delivery_turn.c.delivery_id)
    turns = turns.where(delivery_turn.c.domain == domain, delivery_turn.c.at > now - window)
    with db.write(durable=False) as connection:
        one_at_a_time(connection, _TURNS_LOCK + zlib.crc32(domain.encode()))
        counted = union(sent, turns).subquery()
        if connection.execute(select(func.count()).select_from(counted)).scalar_one() >= most:
            return False
        connection.execute(delete(delivery_turn).where(delivery_turn.c.at <= now - window))
        merging = insert_or_replace(connection, delivery_turn, ["delivery_id"], ["domain", "at"])
        connection.execute(merging, {"delivery_id": delivery_id, "domain": domain, "at": now})
    return True


def delivery_by(db: Database, delivery_id: int) -> DeliveryRecord:
    """Return one delivery with its bytes. Raises `NotFound`."""
    with db.read() as connection:
        row = next(iter(delivery_rows(connection, delivery.c.id == delivery_id, body=True)), None)
    if row is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    return record_of(row)


def counts(db: Database) -> dict[State, int]:
    """Return how many deliveries are in each state."""
    with db.read() as connection:
        rows = connection.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
        return {State(state): count for state, count in rows}


def delivery_rows(
    connection: Connection, where: Any, *, body: bool = False, limit: int | None = None
) -> Sequence[AnyRow]:
    """Return rows of deliveries with their recipients, newest first; without their bytes, unless `body`."""
    columns = [column for column in delivery.c if body or column.name != "body"]
    query = select(*columns, *_RECIPIENT).join_from(delivery, recipient, recipient.c.id == delivery.c.recipient_id)
    return connection.execute(query.where(where).order_by(delivery.c.id.desc()).limit(limit)).all()


def record_of(row: AnyRow) -> DeliveryRecord:
    """Return the record of a row."""
    return DeliveryRecord(
        id=row.id,
        edition_id=row.edition_id,
        recipient_id=row.recipient_id,
        recipient_key=row.key,
        channel=row.channel,
        address=row.address,
        copy=row.copy,
        state=State(row.state),
        attempts=row.attempts,
        message_id=row.message_id,
        sender=row.sender,
        subject=row.subject,
        media_type=row.media_type,
        filename=row.filename,
        created=row.created,
        updated=row.updated,
        purpose=Purpose(row.purpose),
        digest=row.digest,
        doubts=row.doubts,
        body=bytes(getattr(row, "body", b"")),
        next_try=row.next_try,
        expires=row.expires,
        sent_at=row.sent_at,
        reply_code=row.reply_code,
        detail=row.detail,
    )


def stop(db: Database, name: str, until: datetime, reason: str, now: datetime) -> None:
    """Send nothing to a server or through a channel until an instant; stops that have ended are deleted."""
    with db.write() as connection:
        connection.execute(delete(delivery_stop).where(delivery_stop.c.until <= now))
        merging = insert_or_replace(connection, delivery_stop, ["name"], ["until", "reason"])
        connection.execute(merging, {"name": name, "until": until, "reason": reason})


_STOPS = select(delivery_stop).where(delivery_stop.c.until > bindparam("now"))


def stops(db: Database, now: datetime) -> dict[str, DeliveryStop]:
    """Return the stops that have not ended, by the name of the server or channel."""
    with db.read() as connection:
        rows = connection.execute(_STOPS, {"now": now})
        return {row.name: DeliveryStop(row.until, row.reason) for row in rows}
