"""The recipients of a digest, from configuration and database, without those who left or are suppressed."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.database import Database
from aggregator.store.errors import RecipientStopped
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from digests.channels.recipient import Recipient


def recipients_of(db: Database, configured: Sequence[Recipient], digest: str) -> tuple[Recipient, ...]:
    """Return the recipients of a digest: configured or subscribed, without those who left or are suppressed."""
    known = subscriptions.standings(db, digest)
    wanted = dict.fromkeys(one for one in configured if known.get(one) is not Standing.LEFT)
    wanted.update(dict.fromkeys(one for one, standing in known.items() if standing is Standing.ACTIVE))
    suppressed = recipients.suppressed(db, [one.address for one in wanted])
    return tuple(one for one in wanted if one.address not in suppressed)


def must_be_welcome(db: Database, recipient: Recipient, digest: str) -> None:
    """Raise `RecipientStopped` for a recipient that left the digest, is paused, or has a suppressed address."""
    address = recipient.address
    if subscriptions.standings(db, digest).get(recipient) is Standing.LEFT:
        raise RecipientStopped(
            f"{address} left “{digest}”",
            "only the recipient can undo that, by subscribing again",
        )
    reason = recipients.suppressed(db, [address]).get(address, "")
    paused = next((one.reason or "paused" for one in recipients.find(db, [recipient]) if one.paused), "")
    if reason or paused:
        raise RecipientStopped(
            f"{address} gets nothing: {reason or paused}",
            f"when the cause is fixed, `aggregator recipients resume {address}` lifts it",
        )
