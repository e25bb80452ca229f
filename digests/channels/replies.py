"""Returns the error for an SMTP reply that refuses, or for a failed connection. Pure.

The stage matters as much as the code. 552 before the message means a full mailbox, which is temporary (RFC 5321,
section 4.5.3.1.10); after the message it means that the message is too big. If the connection fails before the final
dot, nothing was delivered; after it the outcome is unknown.
"""

from __future__ import annotations

from enum import IntEnum

from digests.channels.wire import Reply, WireError
from digests.errors import (
    BadMessage,
    ChannelError,
    EncryptionFailed,
    LoginRefused,
    OutcomeUnknown,
    RecipientRefused,
    ServerBusy,
    TemporaryFailure,
)


class Stage(IntEnum):
    """The stage that a transaction reached."""

    CONNECT = 0
    GREETING = 1
    TLS = 2
    LOGIN = 3
    SENDER = 4  # MAIL
    RECIPIENT = 5  # RCPT
    DATA = 6  # DATA, until 354
    BODY = 7
    DOT = 8  # the server may have read the final dot

    @property
    def of_server(self) -> bool:
        """Whether a failure here is about the server and not about the message."""
        return self <= Stage.LOGIN


_LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 section 6


def refusal(stage: Stage, reply: Reply) -> ChannelError:
    """Return the error for a reply that refuses."""
    return _kind(stage, reply)(f"{stage.name.lower()}: {reply.text}", reply_code=reply.code, status=reply.status)


def connection_failure(stage: Stage, error: WireError) -> ChannelError:
    """Return the error for a lost connection, a timeout or an invalid reply."""
    message = f"{stage.name.lower()}: {error}"
    if stage is Stage.DOT:
        return OutcomeUnknown(message)
    if stage is Stage.TLS:
        return EncryptionFailed(message)
    return ServerBusy(message) if stage.of_server else TemporaryFailure(message)


def _kind(stage: Stage, reply: Reply) -> type[ChannelError]:
    if reply.code == 421:
        return ServerBusy
    if reply.code in _LOGIN_CODES or (stage is Stage.LOGIN and reply.code >= 500):
        return LoginRefused
    if stage is Stage.TLS:
        return EncryptionFailed
    if stage.of_server:  # 454 at AUTH, 554 for a banner: this says nothing about the message or the recipient
        return ServerBusy
    if stage is Stage.DOT and reply.code < 400:
        return OutcomeUnknown  # 3xx is not a valid reply to the dot
    if reply.code < 500:
        return TemporaryFailure
    return _permanent(stage, reply)


def _permanent(stage: Stage, reply: Reply) -> type[ChannelError]:
    full = reply.code == 552 and (reply.status or "5.2.2") == "5.2.2"
    if stage is Stage.SENDER:
        # The message is too big, or the sender is refused: the operator can fix a setting before the edition is stale.
        return BadMessage if reply.code == 552 else TemporaryFailure
    if stage is Stage.RECIPIENT:
        return TemporaryFailure if reply.code == 552 else RecipientRefused
    if full and reply.status:
        return TemporaryFailure
    if reply.code == 552 or (reply.status or "").startswith("5.6."):
        return BadMessage
    return RecipientRefused
