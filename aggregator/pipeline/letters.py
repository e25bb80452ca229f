"""Letters: plain mails about no edition. They are built and signed as editions are, and go through the same outbox."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.pipeline.issue import Sender
from aggregator.store.records import NewLetter, Purpose
from digests.channels.recipient import Recipient
from digests.model import Parcel
from digests.render.mail.mime import HeaderValues, letter_mail, message_id
from digests.render.view.clean import tidy

_LINE = 72  # columns; an address that is longer stays whole


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says: paragraphs of text. `digest` is the one that it is about; empty: none."""

    to: Recipient
    purpose: Purpose
    subject: str
    paragraphs: Sequence[str]
    digest: str = ""


def for_outbox(letter: Letter, sender: Sender, now: datetime) -> NewLetter:
    """The letter as the outbox takes it. BadMessage if an address cannot stand in a header or a DKIM key cannot sign."""
    text = "\n\n".join(map(_paragraph, letter.paragraphs))
    # With the time to the microsecond and the text: a letter that replaces one which failed is another message.
    key = hashlib.sha256("\0".join((now.isoformat(), letter.to.key, letter.digest, text)).encode()).hexdigest()
    identity = message_id(letter.purpose, now, key, sender.domain, sender.key)
    envelope = HeaderValues(
        sender=sender.address,
        sender_name=sender.name,
        recipient=letter.to.address,
        message_id=identity,
        date=now,
        subject=letter.subject,
    )
    return NewLetter(
        recipient=letter.to,
        purpose=letter.purpose,
        subject=tidy(letter.subject),
        message_id=identity,
        body=sender.signed(letter_mail(envelope, text)),
        sender=sender.return_path(identity),
        expires=now + sender.max_age,
        digest=letter.digest,
    )


def parcel(letter: NewLetter) -> Parcel:
    """The letter as a channel takes it, past the outbox: for a test message, or where the database fails."""
    return Parcel(0, letter.recipient.address, letter.message_id, letter.sender, letter.body)


def _paragraph(text: str) -> str:
    """The text without line breaks and control characters of its own, in lines that fit a screen."""
    return textwrap.fill(tidy(text), _LINE, break_long_words=False, break_on_hyphens=False)
