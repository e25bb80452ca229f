"""Readers who come and go: who gets a digest, counting the configuration, the database, and what each reader wants."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.database import Database
from aggregator.store.errors import Unwelcome
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from digests.channels.recipient import Recipient


def readers(db: Database, configured: Sequence[Recipient], digest: str) -> tuple[Recipient, ...]:
    """Everyone who gets a digest now: named by the configuration or subscribed; not left, not suppressed."""
    known = subscriptions.readers(db, digest)
    wanted = dict.fromkeys(one for one in configured if known.get(one) is not Standing.LEFT)
    wanted.update(dict.fromkeys(one for one, standing in known.items() if standing is Standing.ACTIVE))
    suppressed = recipients.suppressed(db, [one.address for one in wanted])
    return tuple(one for one in wanted if one.address not in suppressed)


def must_be_welcome(db: Database, recipient: Recipient, digest: str) -> None:
    """Raise `Unwelcome` for a reader to whom nothing of a digest would be delivered: it left, or its address is stopped."""
    address = recipient.address
    if subscriptions.readers(db, digest).get(recipient) is Standing.LEFT:
        raise Unwelcome(
            f"{address} left “{digest}”",
            "only the reader can come back, by subscribing again",
        )
    reason = recipients.suppressed(db, [address]).get(address, "")
    paused = next((one.reason or "paused" for one in recipients.find(db, [recipient]) if one.paused), "")
    if reason or paused:
        raise Unwelcome(
            f"{address} gets nothing: {reason or paused}",
            f"when the cause is fixed, `aggregator recipients resume {address}` lifts it",
        )
