"""Recipients, suppressed addresses, and the feedback of recipients on stories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from aggregator.store.database import Database
from aggregator.store.records import FeedbackRecord, RecipientConfigRow, RecipientRecord, SuppressedAddress
from aggregator.store.schema.dialect import chunks, insert_or_replace, insert_or_skip
from aggregator.store.schema.rows import AnyRow
from aggregator.store.schema.tables import feedback, recipient, suppression
from digests.channels.recipient import Recipient


def ensure(db: Database, recipients: Sequence[Recipient | RecipientConfigRow], now: datetime) -> list[RecipientRecord]:
    """Return these recipients as stored, in this order, adding those that are new.

    A given `RecipientConfigRow` also overwrites language, zone and format.
    """
    wanted = [RecipientConfigRow(one) if isinstance(one, Recipient) else one for one in recipients]
    with db.write() as connection:
        if wanted:
            connection.execute(insert_or_skip(connection, recipient), [_values(row, now) for row in wanted])
        found = _stored(connection, [row.recipient for row in wanted])
        for given, row in zip(recipients, wanted, strict=True):
            now_stored = found[row.recipient]
            if given is row and (row.language, row.zone, row.format) != (
                now_stored.language,
                now_stored.zone,
                now_stored.format,
            ):
                where = update(recipient).where(recipient.c.key == row.recipient.key)
                connection.execute(where.values(language=row.language, zone=row.zone, format=row.format))
        found = _stored(connection, [row.recipient for row in wanted])
    return [found[row.recipient] for row in wanted]


def _values(row: RecipientConfigRow, now: datetime) -> dict[str, Any]:
    return {
        "key": row.recipient.key,
        "channel": row.recipient.channel,
        "address": row.recipient.address,
        "language": row.language,
        "zone": row.zone,
        "format": row.format,
        "added": now,
    }


def _stored(connection: Connection, wanted: Iterable[Recipient]) -> dict[Recipient, RecipientRecord]:
    return {
        Recipient(row.channel, row.address): _record(row)
        for part in chunks([one.key for one in wanted])
        for row in connection.execute(select(recipient).where(recipient.c.key.in_(part)))
    }


def _record(row: AnyRow) -> RecipientRecord:
    return RecipientRecord(
        id=row.id,
        recipient=Recipient(row.channel, row.address),
        language=row.language,
        zone=row.zone,
        format=row.format,
        paused=row.paused,
        reason=row.reason,
    )


def find(db: Database, wanted: Iterable[Recipient]) -> list[RecipientRecord]:
    """Return those of these recipients that are known; writes nothing."""
    with db.read() as connection:
        return list(_stored(connection, wanted).values())


def list_recipients(db: Database, ids: Sequence[int] | None = None) -> list[RecipientRecord]:
    """Return these recipients, or all, by key."""
    query = select(recipient).order_by(recipient.c.key)
    with db.read() as connection:
        rows = connection.execute(query if ids is None else query.where(recipient.c.id.in_(ids)))
        return [_record(row) for row in rows]


def pause(db: Database, recipient_id: int, reason: str) -> None:
    """Send nothing more to a recipient until `resume`; what is queued waits, and expires in its time."""
    with db.write() as connection:
        connection.execute(update(recipient).where(recipient.c.id == recipient_id).values(paused=True, reason=reason))


def resume(db: Database, recipient_id: int) -> None:
    """Send to a paused recipient again."""
    with db.write() as connection:
        connection.execute(update(recipient).where(recipient.c.id == recipient_id).values(paused=False, reason=""))


def suppress(db: Database, address: str, reason: str, now: datetime) -> None:
    """Never send to an address again, whichever digest names it: it unsubscribed or bounced."""
    with db.write() as connection:
        merging = insert_or_replace(connection, suppression, ["address"], ["reason"])
        connection.execute(merging, {"address": _plain(address), "reason": reason, "since": now})


def allow(db: Database, address: str) -> bool:
    """Send to a suppressed address again; False if it was not suppressed."""
    with db.write() as connection:
        return connection.execute(delete(suppression).where(suppression.c.address == _plain(address))).rowcount > 0


def suppressed(db: Database, addresses: Collection[str]) -> dict[str, str]:
    """Return which of these addresses get nothing, each with the reason."""
    plain = {_plain(address): address for address in addresses}
    with db.read() as connection:
        return {
            plain[row.address]: row.reason
            for part in chunks(plain)
            for row in connection.execute(select(suppression).where(suppression.c.address.in_(part)))
        }


def list_suppressed(db: Database) -> list[SuppressedAddress]:
    """Return all addresses that get nothing, the newest first."""
    with db.read() as connection:
        rows = connection.execute(select(suppression).order_by(suppression.c.since.desc(), suppression.c.address))
        return [SuppressedAddress(row.address, row.reason, row.since) for row in rows]


def _plain(address: str) -> str:
    # Every mail host that matters takes the local part in any case; refusing too much is the safe side here.
    return address.strip().casefold()


def add_feedback(db: Database, recipient_id: int, story_id: str, value: int, now: datetime) -> None:
    """Store that a recipient wants more (1) or less (-1) like a story, or neither (0); the newest value counts."""
    with db.write() as connection:
        merging = insert_or_replace(connection, feedback, ["recipient_id", "story_id"], ["value", "at"])
        connection.execute(merging, {"recipient_id": recipient_id, "story_id": story_id, "value": value, "at": now})


def marks_of(db: Database, recipient_ids: Sequence[int]) -> list[FeedbackRecord]:
    """Return the feedback of these recipients on each story: the sum of the values and the time of the newest."""
    sums: dict[str, FeedbackRecord] = {}
    with db.read() as connection:
        for part in chunks(recipient_ids):
            query = select(feedback).where(feedback.c.recipient_id.in_(part))
            for row in connection.execute(query.order_by(feedback.c.at, feedback.c.story_id)):
                before = sums.get(row.story_id)
                total = row.value + (before.value if before else 0)
                sums[row.story_id] = FeedbackRecord(row.story_id, total, row.at)
    return list(sums.values())


def feedback_on(db: Database, story_id: str) -> dict[int, int]:
    """Return by recipient whether they want more (1) or less (-1) like a story, or took it back (0)."""
    with db.read() as connection:
        rows = connection.execute(select(feedback).where(feedback.c.story_id == story_id))
        return {row.recipient_id: row.value for row in rows}
