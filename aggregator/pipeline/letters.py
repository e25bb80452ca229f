"""Letters: plain text mails such as confirmations. They are built, signed and delivered as editions are."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.pipeline.issue import Sender
from aggregator.store.records import NewLetter, Purpose
from digests.channels.base import Parcel
from digests.channels.recipient import Recipient
from digests.render.mail.mime import HeaderValues, letter_mail, message_id
from digests.render.view.clean import tidy

_LINE = 72  # columns; longer URLs are not broken


@dataclass(frozen=True, slots=True)
class Letter:
    """The content of a letter. `digest` is the digest that it is about, or empty."""

    to: Recipient
    purpose: Purpose
    subject: str
    paragraphs: Sequence[str]
    digest: str = ""


def outbox_letter(letter: Letter, sender: Sender, now: datetime) -> NewLetter:
    """Build and sign a letter for the outbox. Raises BadMessage for an invalid address or an unusable DKIM key."""
    text = "\n\n".join(map(_paragraph, letter.paragraphs))
    # The key includes time and text, so that a letter that replaces a failed one has another Message-ID.
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
    """Convert a letter for a channel without the outbox: for a test message, or when the database fails."""
    return Parcel(0, letter.recipient.address, letter.message_id, letter.sender, letter.body)


def _paragraph(text: str) -> str:
    """Remove line breaks and control characters, then wrap the text."""
    return textwrap.fill(tidy(text), _LINE, break_long_words=False, break_on_hyphens=False)
