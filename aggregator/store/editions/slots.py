"""The last slot that each recipient got of a digest whose schedule is in the recipient's own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from aggregator.store.database import Database
from aggregator.store.records import RecipientSlot
from aggregator.store.schema.dialect import insert_or_replace, insert_or_skip
from aggregator.store.schema.tables import recipient_slot


def slots_of(db: Database, digest: str) -> dict[int, RecipientSlot]:
    """Return the last slots of a digest by recipient."""
    with db.read() as connection:
        rows = connection.execute(select(recipient_slot).where(recipient_slot.c.digest == digest)).all()
    return {
        row.recipient_id: RecipientSlot(row.recipient_id, datetime.fromisoformat(row.slot), row.served) for row in rows
    }


def begin(db: Database, digest: str, firsts: Sequence[RecipientSlot]) -> None:
    """Store from when on new recipients get a digest; who has a slot keeps it."""
    if firsts:
        with db.write() as connection:
            connection.execute(insert_or_skip(connection, recipient_slot), _values(digest, firsts))


def serve(db: Database, digest: str, served: Sequence[RecipientSlot]) -> None:
    """Store slots that were served without an edition."""
    with db.write() as connection:
        store_slots(connection, digest, served)


def store_slots(connection: Connection, digest: str, served: Sequence[RecipientSlot]) -> None:
    """Store the slots that recipients just got."""
    if served:
        merging = insert_or_replace(connection, recipient_slot, ["recipient_id", "digest"], ["slot", "served"])
        connection.execute(merging, _values(digest, served))


def _values(digest: str, slots: Sequence[RecipientSlot]) -> list[dict[str, object]]:
    return [
        {"recipient_id": one.recipient_id, "digest": digest, "slot": one.slot.isoformat(), "served": one.served}
        for one in slots
    ]
