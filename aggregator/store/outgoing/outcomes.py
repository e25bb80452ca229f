"""The steps of one delivery: its mark, its outcome, and what a message that was not received takes back.

Each message takes these statements, so they are built once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, and_, bindparam, delete, or_, select, update

from aggregator.store.schema.tables import alert, delivery, ledger
from digests.outbox import State, Step

# Ended without reaching the recipient: a later edition or letter reports the same.
NOT_RECEIVED = (State.FAILED.value, State.EXPIRED.value)
_LEASED = (State.SENDING.value, State.DOT.value)


def _move(before: State, after: State) -> Update:
    """Return the statement that moves the deliveries `keys`, leased by `holder`, from one state to another."""
    held = update(delivery).where(
        delivery.c.id.in_(bindparam("keys", expanding=True)), delivery.c.lease_owner == bindparam("holder")
    )
    return held.where(delivery.c.state == before.value).values(state=after.value)


MARK = _move(State.SENDING, State.DOT).values(updated=bindparam("now")).returning(delivery.c.id)
TAKE_BACK = _move(State.DOT, State.SENDING)


def leased() -> Any:
    """Return the condition that a delivery is being tried."""
    return delivery.c.state.in_(_LEASED)


def unknown() -> Any:
    """Return the condition that nobody knows whether a delivery was accepted."""
    return delivery.c.state == State.UNKNOWN.value


def held() -> Any:
    """Return the condition that `holder` tries a delivery."""
    return and_(delivery.c.lease_owner == bindparam("holder"), leased())


def held_or_free() -> Any:
    """Return the condition that `holder` tries a delivery, or its lease ran out and nobody has started a new try."""
    idle = delivery.c.state.in_([State.QUEUED.value, State.UNKNOWN.value])
    return or_(held(), and_(delivery.c.lease_owner.is_(None), idle))


def write_step(
    connection: Connection,
    delivery_id: int,
    step: Step,
    now: datetime,
    condition: Callable[[], Any],
    holder: str | None = None,
) -> bool:
    """Write a step if the delivery is as `condition` says, which may compare its lease with `holder`."""
    writing = _statement(condition, sent=step.state is State.SENT, doubt=bool(step.doubt))
    values = {
        "key": delivery_id,
        "new_state": step.state.value,
        "new_attempts": step.attempts,
        "new_try": step.next_try,
        "new_code": step.reply_code,
        "new_detail": step.detail,
        "now": now,
    }
    if connection.execute(writing, values if holder is None else {**values, "holder": holder}).rowcount != 1:
        return False
    if step.state.value in NOT_RECEIVED:
        not_received(connection, [delivery_id])
    return True


@lru_cache(maxsize=16)
def _statement(condition: Callable[[], Any], *, sent: bool, doubt: bool) -> Update:
    values: dict[str, Any] = {
        "state": bindparam("new_state"),
        "attempts": bindparam("new_attempts"),
        "next_try": bindparam("new_try"),
        "reply_code": bindparam("new_code"),
        "detail": bindparam("new_detail"),
        "updated": bindparam("now"),
        "lease_owner": None,
        "lease_until": None,
    }
    if sent:
        values["sent_at"] = bindparam("now")
    if doubt:
        values["doubts"] = delivery.c.doubts + 1
    return update(delivery).where(delivery.c.id == bindparam("key"), condition()).values(values)


def not_received(connection: Connection, ids: Sequence[int]) -> None:
    """Delete what records that deliveries were received: their stories are new again, their problems unreported."""
    take_back(connection, ids)
    connection.execute(delete(alert).where(alert.c.delivery_id.in_(ids)))


def take_back(connection: Connection, ids: Sequence[int]) -> None:
    """Delete stories of deliveries that were not received from the ledger, unless another copy may have been."""
    pairs = select(delivery.c.edition_id, delivery.c.recipient_id).distinct()
    pairs = pairs.where(delivery.c.id.in_(ids), delivery.c.edition_id.is_not(None))
    for edition_id, recipient_id in connection.execute(pairs).all():
        same = and_(delivery.c.edition_id == edition_id, delivery.c.recipient_id == recipient_id)
        received = select(delivery.c.id).where(same, delivery.c.state.not_in(NOT_RECEIVED))
        if connection.execute(received.limit(1)).first():
            continue
        connection.execute(
            delete(ledger).where(ledger.c.edition_id == edition_id, ledger.c.recipient_id == recipient_id)
        )
