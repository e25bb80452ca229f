"""Double opt-in: an address that somebody typed gets one letter, and the digest only after its holder has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum, auto

from aggregator.pipeline.issue import Sender
from aggregator.pipeline.letters import Letter, outbox_letter
from aggregator.recipients.wording import wording
from aggregator.store.database import Database
from aggregator.store.outgoing import letters, recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import Purpose, RecipientConfigRow
from digests import links
from digests.channels.recipient import Recipient

CONFIRM = "confirm"
CONFIRM_LIFE = timedelta(days=7)
AGAIN = timedelta(hours=24)  # between two letters to one address about one digest, however often a form is posted
MOST_OF_A_DOMAIN = 20  # letters of confirmation to one mail domain within an hour
MOST_AN_HOUR = 120  # letters of confirmation, so that a form cannot be used to flood other people


class Invited(Enum):
    """What became of a request for a subscription."""

    QUEUED = auto()  # a letter waits to be sent
    WAITING = auto()  # a letter of an earlier request waits, or was sent lately: no second one
    SUPPRESSED = auto()  # nothing is sent to the address
    TOO_MANY = auto()  # too many letters within an hour: try again later


def invite(
    db: Database,
    sender: Sender,
    asked: RecipientConfigRow,
    digest: tuple[str, str, str],
    now: datetime,
    *,
    stranger: bool = False,
) -> Invited:
    """Note that an address asks for a digest (name, title and language), and queue a letter that asks it to confirm.

    Where a `stranger` typed the address, a person gets one letter a day, and a mail domain `MOST_OF_A_DOMAIN` an hour.
    """
    name, title, language = digest
    address = asked.recipient.address
    if recipients.suppressed(db, [address]):
        return Invited.SUPPRESSED
    if letters.count_confirmations(db, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        return Invited.TOO_MANY
    if stranger:
        day = letters.confirmations(db, now - AGAIN)
        if any(_person(to) == _person(address) for to, _ in day):
            return Invited.WAITING
        domain = address.rpartition("@")[2].casefold()
        hour = [to for to, at in day if at > now - timedelta(hours=1)]
        if sum(to.rpartition("@")[2].casefold() == domain for to in hour) >= MOST_OF_A_DOMAIN:
            return Invited.TOO_MANY
    wishes = {"language": asked.language or "", "zone": asked.zone or "", "format": asked.format or ""}
    data = {"recipient": asked.recipient.key, "digest": name} | {key: value for key, value in wishes.items() if value}
    url = f"{sender.public_url}/confirm/{links.make_token(sender.keys, CONFIRM, data, now + CONFIRM_LIFE)}"
    words = wording(asked.language or language)
    letter = Letter(
        to=asked.recipient,
        purpose=Purpose.CONFIRMATION,
        subject=words.t("Please confirm: {title}", title=title),
        paragraphs=(
            words.t(
                "Somebody, hopefully you, asked for “{title}” to be sent to {address}.", title=title, address=address
            ),
            words.t("To get it, open this address and confirm: {url}", url=url),
            words.t("If it was not you, do nothing: no more mail comes."),
        ),
        digest=name,
    )
    subscriptions.ask(db, RecipientConfigRow(asked.recipient), [name], Standing.PENDING, now)
    queued = letters.ask_to_confirm(db, outbox_letter(letter, sender, now), now - AGAIN, now)
    return Invited.QUEUED if queued else Invited.WAITING


def _person(address: str) -> str:
    """The mailbox behind an address: without a tag, in one case, and without the dots that Gmail ignores."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def confirm(db: Database, data: Mapping[str, str], now: datetime) -> None:
    """Do what a confirmed link says. Idempotent."""
    recipient = Recipient.from_key(data["recipient"])
    wishes = [data.get(name) or None for name in ("language", "zone", "format")]
    if any(wishes):
        recipients.ensure(db, [RecipientConfigRow(recipient, *wishes)], now)
    subscriptions.join(db, recipient, data["digest"], now)
