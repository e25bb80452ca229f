"""Double opt-in: an address that somebody typed gets one letter, and the digest only after its holder has confirmed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from aggregator.pipeline.issue import Sender
from aggregator.pipeline.letters import Letter, outbox_letter
from aggregator.recipients.wording import wording
from aggregator.store.database import Database
from aggregator.store.outgoing import letters, recipients, subscriptions
from aggregator.store.outgoing.letters import Confirmation
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import Purpose, RecipientConfigRow
from digests import links
from digests.channels.recipient import Recipient

CONFIRM = "confirm"
CONFIRM_LIFE = timedelta(days=7)
AGAIN = timedelta(hours=24)  # between two letters to one address about one digest, however often a form is posted
MOST_OF_A_DOMAIN = 20  # letters of confirmation to one mail domain within an hour
MOST_AN_HOUR = 120  # letters of confirmation, so that a form cannot be used to flood other people

# What providers of mail ignore in an address, by their documentation.
_ALIASES = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
}
_HYPHEN_TAGS = frozenset({"yahoo", "ymail", "rocketmail"})  # the first part of the domain, in any country
_SEPARATORS_IGNORED = frozenset({"proton.me"})
_USER_DOMAINS = (".fastmail.com", ".fastmail.fm")


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

    def refusal(recent: Sequence[Confirmation]) -> Invited | None:
        return _refusal(address, recent, now, stranger=stranger)

    refused = refusal(letters.confirmations(db, now - AGAIN))
    if refused is not None:
        return refused
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
    queued = letters.ask_to_confirm(
        db, outbox_letter(letter, sender, now), now - AGAIN, now, lambda recent: refusal(recent) is None
    )
    return Invited.QUEUED if queued else refusal(letters.confirmations(db, now - AGAIN)) or Invited.WAITING


def _refusal(address: str, recent: Sequence[Confirmation], now: datetime, *, stranger: bool) -> Invited | None:
    """Return why no letter is sent to an address, from the letters of the last day; None if one is sent."""
    hour = [one for one in recent if one.created > now - timedelta(hours=1)]
    if len(hour) >= MOST_AN_HOUR:
        return Invited.TOO_MANY
    if not stranger:
        return None
    if any(one.arrives and _person(one.address) == _person(address) for one in recent):
        return Invited.WAITING
    site = _site(address)
    return Invited.TOO_MANY if sum(_site(one.address) == site for one in hour) >= MOST_OF_A_DOMAIN else None


def _person(address: str) -> str:
    """Return the mailbox of an address: without tags and dots, in one case and one form of each character.

    Not every server ignores dots. Two people whose addresses differ in dots alone rarely subscribe on the same day.
    """
    local, _, domain = unicodedata.normalize("NFKC", address).casefold().rpartition("@")
    local = local.partition("+")[0].replace(".", "")
    domain = _ALIASES.get(domain, domain)
    if domain.partition(".")[0] in _HYPHEN_TAGS:
        local = local.partition("-")[0]
    if domain in _SEPARATORS_IGNORED:
        local = local.replace("-", "").replace("_", "")
    if domain.endswith(_USER_DOMAINS):  # `tag@user.fastmail.com`
        local, _, domain = domain.partition(".")
    return f"{local}@{domain}"


def _site(address: str) -> str:
    """Return the registered domain of an address, guessed by the length of its labels, without a list of suffixes."""
    labels = address.casefold().rpartition("@")[2].split(".")
    short = len(labels) > 1 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # co.uk, com.au
    return ".".join(labels[-3 if short else -2 :])


def confirm(db: Database, data: Mapping[str, str], now: datetime) -> None:
    """Do what a confirmed link says. Idempotent."""
    recipient = Recipient.from_key(data["recipient"])
    wishes = [data.get(name) or None for name in ("language", "zone", "format")]
    if any(wishes):
        recipients.ensure(db, [RecipientConfigRow(recipient, *wishes)], now)
    subscriptions.join(db, recipient, data["digest"], now)
