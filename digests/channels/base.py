"""The interface of all channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

BeforeDot = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One complete delivery for a channel. `body` is the stored message, sent unchanged."""

    delivery: int
    recipient: str  # a mail address, a folder or a URL, depending on the channel
    message_id: str
    sender: str
    body: bytes
    media_type: str = "message/rfc822"
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel accepted the delivery. `detail` is the server's reply, for the record."""

    detail: str = ""
    server: str = ""


class Channel(Protocol):
    """Delivers parcels. Not safe for several threads; each thread needs a channel of its own.

    `name` is the transport (`smtp`, `maildir` …). `server` identifies the server, whose deliveries a 421 reply pauses.
    """

    name: str
    server: str

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Deliver one parcel and return when the receiver is responsible for it.

        `before_dot` is called exactly once, immediately before the step that makes the delivery final (the final dot
        of SMTP, the rename of a file, the request of a webhook). Its mark must be durable when it returns. If it
        raises, the error is passed on and nothing was delivered. Raises ChannelError; all but OutcomeUnknown mean
        that nothing was delivered.
        """
        ...

    def close(self) -> None:
        """Close the connections. Never raises; the channel can be used again."""
        ...
