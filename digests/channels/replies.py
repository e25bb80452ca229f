"""What a reply of the server, or none, means for a delivery. Pure.

The stage decides as much as the code: 552 before the message is a full mailbox and passes (RFC 5321 section 4.5.3.1.10), after it
the message is too big and stays so; a connection that breaks before the final dot delivered nothing, after it the outcome is unknown.
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
    """How far a transaction got."""

    CONNECT = 0
    GREETING = 1
    TLS = 2
    LOGIN = 3
    SENDER = 4  # MAIL
    RECIPIENT = 5  # RCPT
    DATA = 6  # DATA, until 354
    BODY = 7
    DOT = 8  # the final dot may have been read

    @property
    def of_server(self) -> bool:
        """Whether a failure here is about the server and not about the message."""
        return self <= Stage.LOGIN


_LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 section 6


def refusal(stage: Stage, reply: Reply) -> ChannelError:
    """Return the error for a reply that refuses."""
    return _kind(stage, reply)(f"{stage.name.lower()}: {reply.text}", reply_code=reply.code, status=reply.status)


def breakdown(stage: Stage, error: WireError) -> ChannelError:
    """Return the error for a broken connection, a timeout or an invalid reply."""
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
        return OutcomeUnknown  # 3xx after the dot: no such thing
    if reply.code < 500:
        return TemporaryFailure
    return _permanent(stage, reply)


def _permanent(stage: Stage, reply: Reply) -> type[ChannelError]:
    full = reply.code == 552 and (reply.status or "5.2.2") == "5.2.2"
    if stage is Stage.SENDER:
        # The message is too big, or the sender is not welcome: a setting to fix while the edition is still fresh.
        return BadMessage if reply.code == 552 else TemporaryFailure
    if stage is Stage.RECIPIENT:
        return TemporaryFailure if reply.code == 552 else RecipientRefused
    if full and reply.status:
        return TemporaryFailure
    if reply.code == 552 or (reply.status or "").startswith("5.6."):
        return BadMessage
    return RecipientRefused
