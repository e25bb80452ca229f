"""A plain mail to the owner: what went wrong and what mends it. Outside the outbox, for it may be the outbox that is stuck."""

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


def tell(notice: Notice, channel: Callable[[], Channel], subject: str, lines: Sequence[str], now: datetime) -> bool:
    """Send one message. False when there is no owner or the channel does not take it now."""
    for text in lines:
        log.warning("owner", extra={"fields": {"subject": subject, "line": text}})
    if not notice.owner:
        return True  # the log is all the owner asked for
    message = _message(notice, subject, lines, now)
    parcel = Parcel(
        delivery=0, recipient=notice.owner, message_id=message["Message-ID"], sender=notice.sender,
        body=message.as_bytes(policy=SMTP),
    )  # fmt: skip
    way = channel()
    try:
        way.deliver(parcel, lambda: None)
    except ChannelError as error:
        log.warning("the owner could not be told", extra={"fields": {"code": error.code, "why": error.message}})
        return False
    finally:
        way.close()
    return True


def _message(notice: Notice, subject: str, lines: Sequence[str], now: datetime) -> EmailMessage:
    text = "\n\n".join(_plain(line) for line in lines)
    message = EmailMessage()
    message["From"] = notice.sender
    message["To"] = notice.owner
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    key = hashlib.sha256(f"{now.isoformat()} {text}".encode()).hexdigest()[:32]
    message["Message-ID"] = f"<notice.{key}@{notice.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text + "\n", charset="utf-8")
    return message


def _plain(line: str) -> str:
    """One line of text: what a feed or a server says must not write lines of its own."""
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())
