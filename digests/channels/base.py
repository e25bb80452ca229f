"""The interface of every channel: it delivers one parcel, or raises the precise reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from digests.model import Parcel, Receipt

BeforeDot = Callable[[], None]


class Channel(Protocol):
    """One way to deliver. Not safe for several threads; each thread that delivers has its own.

    `name` is the transport (`smtp`, `maildir` …); `server` is what a 421 stops, and whose connections are shared.
    """

    name: str
    server: str

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Hand over one parcel and return once the other side is responsible for it.

        `before_dot` is called exactly once, immediately before the step that makes the delivery final (the final dot of SMTP,
        the rename of a file, the request of a webhook). Its mark must be durable when it returns. What it raises is passed on,
        and nothing was delivered. Raises ChannelError: any but OutcomeUnknown means that nothing was delivered.
        """
        ...

    def close(self) -> None:
        """Close connections. Never raises; the channel can be used again."""
        ...
