"""An outbox with mail in it: recipients, one edition, a delivery for each recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.store.database import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import recipients
from aggregator.store.records import NewDelivery
from digests.channels.recipient import Recipient
from digests.model import Edition


def message(number: int, address: str) -> bytes:
    """A small message that is different for each recipient."""
    return (
        f"From: News <news@news.example>\r\nTo: <{address}>\r\nSubject: News {number}\r\n"
        f"Message-ID: {message_id(number)}\r\n\r\nThe news for {address}.\r\n.and a dot\r\n"
    ).encode()


def message_id(number: int) -> str:
    """The Message-ID of a recipient's message."""
    return f"<edition.{number}@news.example>"


def fill(
    db: Database, keys: Sequence[str], now: datetime, expires: datetime | None = None, edition_id: str = "e1"
) -> list[int]:
    """Queue one message for each recipient (`mail:address`); return the ids of the deliveries."""
    edition = Edition(edition_id, "daily", "Daily", now, now, now - timedelta(days=1), now)
    readers = recipients.ensure(db, [Recipient.from_key(key) for key in keys], now)
    queued = [
        NewDelivery(reader.id, message_id(n), message(n, reader.address), "news@news.example", expires=expires)
        for n, reader in enumerate(readers)
    ]
    return editions.save_edition(db, edition, "{}", "News", queued, now=now)
