"""Readers who come and go: who gets a digest, counting the configuration, the database, and what each reader wants."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.database import Database
from aggregator.store.errors import Unwelcome
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing


def readers(db: Database, configured: Sequence[str], digest: str) -> tuple[str, ...]:
    """Keys of everyone who gets a digest now: named by the configuration or subscribed; not left, not suppressed."""
    known = subscriptions.readers(db, digest)
    wanted = dict.fromkeys(key for key in configured if known.get(key) is not Standing.LEFT)
    wanted.update(dict.fromkeys(key for key, standing in known.items() if standing is Standing.ACTIVE))
    addresses = {key.partition(":")[2]: key for key in wanted}
    unwelcome = {addresses[address] for address in recipients.suppressed(db, list(addresses))}
    return tuple(key for key in wanted if key not in unwelcome)


def must_be_welcome(db: Database, key: str, digest: str) -> None:
    """Raise `Unwelcome` for a reader to whom nothing of a digest would be delivered: it left, or its address is stopped."""
    address = key.partition(":")[2]
    if subscriptions.readers(db, digest).get(key) is Standing.LEFT:
        raise Unwelcome(
            f"{address} left “{digest}”",
            "only the reader can come back, by subscribing again",
        )
    reason = recipients.suppressed(db, [address]).get(address, "")
    paused = next((one.reason or "paused" for one in recipients.find(db, [key]) if one.paused), "")
    if reason or paused:
        raise Unwelcome(
            f"{address} gets nothing: {reason or paused}",
            f"when the cause is fixed, `aggregator recipients resume {address}` lifts it",
        )
