"""Plain mails outside the outbox: to the owner, what went wrong and how to fix it; to an address that must confirm."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from digests.channels import Channel
from digests.errors import ChannelError
from digests.model import Parcel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """Who writes to whom. `owner` empty: nobody is told by mail."""

    sender: str
    owner: str
    domain: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain mail: paragraphs of text."""

    sender: str
    to: str
    domain: str
    subject: str
    lines: Sequence[str]


def tell(notice: Notice, channel: Callable[[], Channel], subject: str, lines: Sequence[str], now: datetime) -> bool:
    """Send one message. False when there is no owner or the channel does not take it now."""
    for text in lines:
        log.warning("owner", extra={"fields": {"subject": subject, "line": text}})
    if not notice.owner:
        return True  # the log is all the owner asked for
    return post(Letter(notice.sender, notice.owner, notice.domain, subject, lines), channel, now)


def post(letter: Letter, channel: Callable[[], Channel], now: datetime) -> bool:
    """Send a letter now; False when the channel does not take it."""
    message = _message(letter, now)
    parcel = Parcel(
        delivery=0, recipient=letter.to, message_id=message["Message-ID"], sender=letter.sender,
        body=message.as_bytes(policy=SMTP),
    )  # fmt: skip
    way = channel()
    try:
        way.deliver(parcel, lambda: None)
    except ChannelError as error:
        fields = {"subject": letter.subject, "code": error.code, "why": error.message}
        log.warning("a letter could not be sent", extra={"fields": fields})
        return False
    finally:
        way.close()
    return True


def _message(letter: Letter, now: datetime) -> EmailMessage:
    text = "\n\n".join(_plain(line) for line in letter.lines)
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = letter.to
    message["Subject"] = _plain(letter.subject)
    message["Date"] = format_datetime(now)
    key = hashlib.sha256(f"{now.isoformat()} {letter.to} {text}".encode()).hexdigest()[:32]
    message["Message-ID"] = f"<notice.{key}@{letter.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text + "\n", charset="utf-8")
    return message


def _plain(line: str) -> str:
    """One line of text: what a feed or a server says must not write lines of its own."""
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())
