"""The recipients of the configuration and the database, with their digests and the reason why one gets nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.store import Database
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.records import RecipientRecord, SubscriptionRecord
from digests.channels.recipient import Recipient


@dataclass(frozen=True, slots=True)
class KnownRecipient:
    """A recipient with the state of each of its digests. Language and zone are its own, else those of its digests.

    `stopped` is the reason why it gets nothing; empty if it gets its digests.
    """

    recipient: Recipient
    digests: dict[str, str]
    language: str | None
    zone: str | None
    format: str | None
    stopped: str


def known_recipients(config: Config, db: Database) -> list[KnownRecipient]:
    """Return every recipient, of the configuration and the database, by key."""
    known = {r.recipient: r for r in recipients.list_recipients(db)}
    states = _states(config, subscriptions.list_subscriptions(db))
    everyone = dict.fromkeys([*known, *states])
    blocked = recipients.suppressed(db, [r.address for r in everyone])
    stopped = {address.casefold(): reason for address, reason in blocked.items()}
    return [
        _known(config, r, known.get(r), states.get(r, {}), stopped.get(r.address.casefold(), ""))
        for r in sorted(everyone, key=lambda r: r.key)
    ]


def resume(db: Database, recipient: Recipient) -> bool:
    """Send to a paused or suppressed recipient again; False if it was not stopped."""
    found = next(iter(recipients.find(db, [recipient])), None)
    lifted = recipients.allow(db, recipient.address)
    if found is not None and found.paused:
        recipients.resume(db, found.id)
        lifted = True
    return lifted


def _states(config: Config, stored: Sequence[SubscriptionRecord]) -> dict[Recipient, dict[str, str]]:
    """Return the digests of each recipient with their state, from the configuration and the database."""
    states: dict[Recipient, dict[str, str]] = {}
    for digest in config.outputs:
        for recipient in config.recipients(digest):
            states.setdefault(recipient, {})[digest.name] = "active"
    for row in stored:  # who left stays away, whatever the configuration says
        mine = states.setdefault(row.recipient, {})
        if row.state == "left" or row.digest not in mine:
            mine[row.digest] = row.state
    return states


def _known(
    config: Config, recipient: Recipient, stored: RecipientRecord | None, states: dict[str, str], blocked: str
) -> KnownRecipient:
    mine = [digest for digest in config.outputs if states.get(digest.name) == "active"]
    paused = stored.reason or "paused" if stored and stored.paused else ""
    return KnownRecipient(
        recipient=recipient,
        digests=states,
        language=(stored and stored.language) or ", ".join(dict.fromkeys(d.language for d in mine)) or None,
        zone=(stored and stored.zone) or ", ".join(dict.fromkeys(config.zone(d) for d in mine)) or None,
        format=stored.format if stored else None,
        stopped=blocked or paused,
    )
