"""Letters to the operator: what went wrong and how to fix it, each problem once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.pipeline.issue import Sender
from aggregator.pipeline.letters import Letter, outbox_letter, parcel
from aggregator.store.database import Database
from aggregator.store.errors import StoreError
from aggregator.store.outgoing import letters as outbox
from aggregator.store.records import NewLetter, Purpose
from digests.channels import Channel
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.errors import ChannelError

AGAIN = timedelta(days=7)  # the same problem is reported again after this
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where the operator is written to; `address` empty: problems are only logged.

    `sender` says who the letter comes from. `fallback` is used when that fails, because a key or the database cannot be
    read: it knows no keys, so the letter is not signed.
    """

    address: str
    sender: Callable[[], Sender]
    fallback: Sender


def report(db: Database, to: Addressee, subject: str, problems: Sequence[str], now: datetime) -> list[str]:
    """Log those problems that were not reported lately, and queue one letter about them. Returns the problems reported.

    Raises StoreError.
    """
    since = now - AGAIN
    # Another process may report the same meanwhile: then what is left is looked up again.
    while new := outbox.unreported(db, problems, since):
        letter = _letter(to, subject, new, now) if to.address else None
        if outbox.report(db, new, letter, since, now):
            _log(subject, new)
            return new
    return []


def send_now(
    channel: Callable[[], Channel], to: Addressee, subject: str, problems: Sequence[str], now: datetime
) -> bool:
    """Log the problems and send a letter without the outbox, for when the database fails; whether it was sent."""
    _log(subject, problems)
    return not to.address or post(channel, _letter(to, subject, problems, now))


def post(channel: Callable[[], Channel], letter: NewLetter) -> bool:
    """Send a letter past the outbox: once, and at once. False if it could not be sent; the log says why."""
    opened = channel()
    try:
        opened.deliver(parcel(letter), lambda: None)
    except ChannelError as error:
        fields = {"subject": letter.subject, "code": error.code, "why": error.message}
        log.warning("a letter could not be sent", extra={"fields": fields})
        return False
    finally:
        opened.close()
    return True


def _letter(to: Addressee, subject: str, paragraphs: Sequence[str], now: datetime) -> NewLetter:
    letter = Letter(Recipient(Channels.MAIL.value, to.address), Purpose.OPERATOR, subject, paragraphs)
    try:
        return outbox_letter(letter, to.sender(), now)
    except (StoreError, OSError):  # also BadMessage, of a DKIM key that cannot sign
        return outbox_letter(letter, to.fallback, now)


def _log(subject: str, problems: Sequence[str]) -> None:
    for problem in problems:
        log.warning("reported to the operator", extra={"fields": {"subject": subject, "problem": problem}})
