"""Sends short messages to Slack, Telegram, ntfy, Matrix and other services, through the optional package apprise."""

from __future__ import annotations

import email
import email.policy
import logging
import re
from types import ModuleType

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.settings import NotifySettings
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure

# What apprise logs about a response with an error, and about a connection that failed.
_RESPONDED = re.compile(r"error=(\d{3})\b")
_NEVER_SENT = re.compile(r"NewConnectionError|ConnectTimeout|NameResolutionError|SSLCertVerificationError|ProxyError")
_NOT_NOW = frozenset({408, 425, 429})


class NotifyChannel:
    """Sends the parcel's text to the apprise URL that is its recipient."""

    name = "notify"
    server = "notify"

    def __init__(self, settings: NotifySettings) -> None:
        self.settings = settings

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Send the text; see `Channel.deliver`. Apprise returns success or failure; the reason is only in its log."""
        apprise = _apprise()
        service = apprise.Apprise()
        if not service.add(parcel.recipient):
            raise RecipientRefused("not an address that apprise knows", status="5.1.3")
        title, text = title_and_text(parcel)
        before_dot()
        with apprise.LogCapture(level=logging.DEBUG) as log:
            taken = service.notify(body=shortened(text, self.settings.max_chars), title=self.settings.title or title)
            logged = log.getvalue()
        if not taken:
            raise error_of_log(logged)
        return Receipt("taken", self.server)

    def close(self) -> None:
        """Nothing is kept open."""


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


def shortened(text: str, limit: int) -> str:
    """Return the text cut at a line's end within the limit (characters), with an ellipsis if it was cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 2]
    line_end = cut.rfind("\n")
    return (cut[:line_end] if line_end > limit // 2 else cut).rstrip() + "\n…"


def _apprise() -> ModuleType:
    try:
        import apprise
    except ImportError as error:
        raise ServerBusy("the package apprise is not installed: pip install 'aggregator-digest[notify]'") from error
    module: ModuleType = apprise
    return module
