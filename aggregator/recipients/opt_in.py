"""Double opt-in: nobody gets a digest because somebody else typed an address. The mail goes out, the owner of the mailbox confirms."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from aggregator.operator.letters import Letter, post
from aggregator.pipeline.issue import Sender
from aggregator.recipients.wording import wording
from aggregator.store import leases
from aggregator.store.database import Database
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import RecipientConfigRow
from digests import links
from digests.channels import Channel
from digests.channels.recipient import Recipient

CONFIRM = "confirm"
CONFIRM_LIFE = timedelta(days=7)
AGAIN = timedelta(hours=24)  # between two mails to one address, however often a form is posted
MOST_AN_HOUR = 120  # mails to addresses that have not confirmed, so that a form cannot be used to flood others


def invite(
    db: Database,
    sender: Sender,
    channel: Callable[[], Channel],
    reader: RecipientConfigRow,
    digest: tuple[str, str, str],
    now: datetime,
) -> bool:
    """Note that an address asks for a digest (name, title and language), and write to it for confirmation.

    False when no mail went out: it is suppressed, was written to lately, too many ask, or the mail server does not take it.
    """
    name, title, language = digest
    address = reader.recipient.address
    if (
        recipients.suppressed(db, [address])
        or subscriptions.pending_since(db, now - timedelta(hours=1)) >= MOST_AN_HOUR
    ):
        return False
    lease, owner = f"confirm {name} {reader.recipient.key}", secrets.token_hex(8)
    if not leases.acquire(db, lease, owner, now, AGAIN):
        return False
    subscriptions.ask(db, RecipientConfigRow(reader.recipient), [name], Standing.PENDING, now)
    wishes = {"language": reader.language or "", "zone": reader.zone or "", "format": reader.format or ""}
    data = {"recipient": reader.recipient.key, "digest": name} | {key: value for key, value in wishes.items() if value}
    url = f"{sender.public_url}/confirm/{links.sign(sender.keys, CONFIRM, data, now + CONFIRM_LIFE)}"
    words = wording(reader.language or language)
    lines = (
        words.t("Somebody, hopefully you, asked for “{title}” to be sent to {address}.", title=title, address=address),
        words.t("To get it, open this address and confirm: {url}", url=url),
        words.t("If it was not you, do nothing: no more mail comes."),
    )
    letter = Letter(sender.address, address, sender.domain, words.t("Please confirm: {title}", title=title), lines)
    if post(letter, channel, now):
        return True
    leases.release(db, lease, owner)
    return False


def confirm(db: Database, data: Mapping[str, str], now: datetime) -> None:
    """Carry out what a confirmed link says. Idempotent."""
    recipient = Recipient.from_key(data["recipient"])
    wishes = [data.get(name) or None for name in ("language", "zone", "format")]
    if any(wishes):
        recipients.ensure(db, [RecipientConfigRow(recipient, *wishes)], now)
    subscriptions.join(db, recipient, data["digest"], now)
