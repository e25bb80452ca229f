"""Letters in the outbox: confirmations that are asked of recipients, and problems that are reported to the operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select

from aggregator.store.database import Database
from aggregator.store.outgoing import recipients
from aggregator.store.records import NewLetter, Purpose
from aggregator.store.schema.dialect import chunks, insert_or_replace, one_at_a_time, take_ids
from aggregator.store.schema.tables import alert, delivery, recipient
from digests.outbox import OPEN, State

PROBLEM = 500  # characters of a problem that tell it from others: an index of PostgreSQL takes 2,700 bytes
_SENT = or_(delivery.c.state == State.UNKNOWN.value, delivery.c.sent_at.is_not(None))
_CONFIRMATIONS = 7_160_503_311  # any number: the lock of those who ask for confirmations


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A letter of confirmation. `arrives`: it is still queued, or was or may have been sent."""

    address: str
    created: datetime
    arrives: bool


def ask_to_confirm(
    db: Database,
    letter: NewLetter,
    since: datetime,
    now: datetime,
    allowed: Callable[[Sequence[Confirmation]], bool] = lambda _: True,
) -> bool:
    """Queue a letter of confirmation. False if one for this recipient and digest waits, or was sent after `since`.

    Also False if `allowed`, given the letters queued since then, returns False. Requests are decided one at a time, so
    that concurrent ones cannot exceed a limit.
    """
    recipient_id = recipients.ensure(db, [letter.recipient], now)[0].id
    same = (
        delivery.c.recipient_id == recipient_id,
        delivery.c.purpose == Purpose.CONFIRMATION.value,
        delivery.c.digest == letter.digest,
        or_(delivery.c.state.in_(OPEN), and_(_SENT, delivery.c.created > since)),
    )
    with db.write() as connection:
        one_at_a_time(connection, _CONFIRMATIONS)
        if connection.execute(select(delivery.c.id).where(*same).limit(1)).first() is not None:
            return False
        if not allowed(_confirmations(connection, since)):
            return False
        _queue(connection, letter, recipient_id, now)
    return True


def confirmations(db: Database, since: datetime) -> list[Confirmation]:
    """Return the letters of confirmation that were queued after an instant, sent or not."""
    with db.read() as connection:
        return _confirmations(connection, since)


def _confirmations(connection: Connection, since: datetime) -> list[Confirmation]:
    arrives = or_(delivery.c.state.in_(OPEN), _SENT)
    asked = (delivery.c.edition_id.is_(None), delivery.c.purpose == Purpose.CONFIRMATION.value)
    query = select(recipient.c.address, delivery.c.created, arrives.label("arrives"))
    query = query.join(recipient, recipient.c.id == delivery.c.recipient_id).where(*asked, delivery.c.created > since)
    return [Confirmation(row.address, row.created, bool(row.arrives)) for row in connection.execute(query)]


def unreported(db: Database, problems: Sequence[str], since: datetime) -> list[str]:
    """Return those of these problems, each once, that were not reported after an instant."""
    with db.read() as connection:
        known = _reported(connection, problems, since)
    return [problem for problem in dict.fromkeys(problems) if problem[:PROBLEM] not in known]


def report(db: Database, problems: Sequence[str], letter: NewLetter | None, since: datetime, now: datetime) -> bool:
    """Queue a letter that reports these problems, and note them as reported; without a letter only note them.

    False, and nothing is written, if one of them was reported after `since`. If the letter cannot be sent, they count
    as not reported again.
    """
    recipient_id = recipients.ensure(db, [letter.recipient], now)[0].id if letter else None
    with db.write() as connection:
        if _reported(connection, problems, since):
            return False
        connection.execute(delete(alert).where(alert.c.reported <= since))
        key = None if letter is None or recipient_id is None else _queue(connection, letter, recipient_id, now)
        merging = insert_or_replace(connection, alert, ["problem"], ["reported", "delivery_id"])
        names = dict.fromkeys(problem[:PROBLEM] for problem in problems)
        connection.execute(merging, [{"problem": name, "reported": now, "delivery_id": key} for name in names])
    return True


def _reported(connection: Connection, problems: Sequence[str], since: datetime) -> set[str]:
    names = dict.fromkeys(problem[:PROBLEM] for problem in problems)
    return {
        found
        for part in chunks(names)
        for found in connection.execute(
            select(alert.c.problem).where(alert.c.problem.in_(part), alert.c.reported > since)
        ).scalars()
    }


def _queue(connection: Connection, letter: NewLetter, recipient_id: int, now: datetime) -> int:
    key = take_ids(connection, delivery, 1)[0]
    values = {
        "id": key,
        "recipient_id": recipient_id,
        "purpose": letter.purpose.value,
        "digest": letter.digest,
        "state": State.QUEUED.value,
        "next_try": now,
        "expires": letter.expires,
        "created": now,
        "updated": now,
        "message_id": letter.message_id,
        "sender": letter.sender,
        "subject": letter.subject,
        "media_type": "message/rfc822",
        "filename": "letter.eml",
        "body": letter.body,
    }
    connection.execute(insert(delivery), values)
    return key
