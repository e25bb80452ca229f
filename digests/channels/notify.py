"""Sends short messages to Slack, Telegram, ntfy, Matrix and other services, through the optional package apprise."""

from __future__ import annotations

import email
import email.policy
import logging
import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any, ClassVar

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.settings import NotifySettings
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure

# What apprise logs about a response with an error, and about a connection that failed.
_RESPONDED = re.compile(r"error=(\d{3})\b")
_NEVER_SENT = re.compile(r"NewConnectionError|ConnectTimeout|NameResolutionError|SSLCertVerificationError|ProxyError")
_NOT_NOW = frozenset({408, 425, 429})
_NUMBERING = 10  # characters of `(12/34)` and a line end
_REMEMBERED = 1000  # deliveries of which some messages arrived


class NotifyChannel:
    """Sends the parcel's text to the apprise URL that is its recipient, in as many messages as it needs.

    A delivery that failed goes on with the first message that did not arrive, as long as this process lives. After a
    restart all are sent again: a message twice is better than one that is missing.
    """

    name = "notify"
    server = "notify"
    _arrived: ClassVar[dict[str, int]] = {}  # messages of a delivery that the service took, by Message-ID

    def __init__(self, settings: NotifySettings) -> None:
        self.settings = settings

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Send the text; see `Channel.deliver`. It counts as delivered when every message was accepted."""
        apprise = _apprise()
        service = apprise.Apprise()
        if not service.add(parcel.recipient):
            raise RecipientRefused("not an address that apprise knows", status="5.1.3")
        title, text = title_and_text(parcel)
        title = self.settings.title or title
        limit = min(self.settings.max_chars, *(server.body_maxlen for server in service))
        # Some services put the title into the text, so both are counted together.
        messages = split_text(text, limit - _length(title) - 2 if title else limit)
        done = self._arrived.get(parcel.message_id, 0)
        before_dot()
        for number, message in enumerate(messages[done:], done + 1):
            self._send(apprise, service, message, title if number == 1 else "")
            self._remember(parcel.message_id, number)
        self._arrived.pop(parcel.message_id, None)
        return Receipt("taken" if len(messages) == 1 else f"taken in {len(messages)} messages", self.server)

    def close(self) -> None:
        """Nothing is kept open."""

    def _send(self, apprise: ModuleType, service: Any, message: str, title: str) -> None:
        """Send one message. Apprise returns success or failure; the reason is only in its log."""
        with apprise.LogCapture(level=logging.DEBUG) as log:
            taken = service.notify(body=message, title=title, body_format=apprise.NotifyFormat.TEXT)
            logged = log.getvalue()
        if not taken:
            raise error_of_log(logged)

    def _remember(self, message_id: str, number: int) -> None:
        self._arrived[message_id] = number
        while len(self._arrived) > _REMEMBERED:
            del self._arrived[next(iter(self._arrived))]


def error_of_log(log: str) -> ChannelError:
    """Return the error that a log shows. It quotes nothing of the log, which contains URLs with tokens.

    A response means that the message was not accepted, a failed connection that it was not sent; else it is unknown.
    """
    response = _RESPONDED.search(log)
    if response is not None:
        code = int(response[1])
        refused = 400 <= code < 500 and code not in _NOT_NOW
        kind = RecipientRefused if refused else TemporaryFailure
        return kind(f"the service answers {code}", reply_code=code, status="5.7.0" if refused else None)
    if _NEVER_SENT.search(log):
        return TemporaryFailure("the service cannot be reached")
    return OutcomeUnknown("the service gave no answer that can be read")


def title_and_text(parcel: Parcel) -> tuple[str, str]:
    """Return the title and plain text of a parcel; of a mail, its subject and text part."""
    if parcel.media_type != "message/rfc822":
        return "", parcel.body.decode("utf-8", "replace")
    message = email.message_from_bytes(parcel.body, policy=email.policy.default)
    part = message.get_body(("plain",))
    return str(message["subject"] or ""), part.get_content() if part is not None else ""


def split_text(text: str, limit: int) -> list[str]:
    """Return the text in messages within the limit: split between stories, else between lines, else between words.

    The limit is in UTF-16 units, which is what Telegram and Discord count. Messages after the first are numbered.
    """
    room = max(1, limit - _NUMBERING)
    parts = _joined(text.strip().split("\n\n"), "\n\n", room) if _length(text.strip()) > limit else [text.strip()]
    if len(parts) == 1:
        return parts
    return [parts[0], *(f"({number}/{len(parts)})\n{part}" for number, part in enumerate(parts[1:], 2))]


def _joined(pieces: Sequence[str], separator: str, limit: int) -> list[str]:
    """Join pieces as long as they fit; a piece that is too long alone is split at the next smaller separator."""
    smaller = {"\n\n": "\n", "\n": " ", " ": ""}
    found: list[str] = []
    for piece in pieces:
        joined = f"{found[-1]}{separator}{piece}" if found else piece
        if _length(joined) <= limit:
            found[-1:] = [joined]
        elif _length(piece) <= limit:
            found.append(piece)
        else:
            below = smaller[separator]
            found.extend(_joined(piece.split(below) if below else list(piece), below, limit) if separator else [piece])
    return found


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _apprise() -> ModuleType:
    try:
        import apprise
    except ImportError as error:
        install = "pip install --require-hashes -r requirements/extras.lock"
        raise ServerBusy(f"the package apprise is not installed: {install}") from error
    module: ModuleType = apprise
    return module
