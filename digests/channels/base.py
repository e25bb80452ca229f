"""What every channel is: something that takes one parcel and answers, or says precisely how it did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from digests.model import Parcel, Receipt

BeforeDot = Callable[[], None]


class Channel(Protocol):
    """One way out. Not safe for several threads at once; a thread that delivers has its own.

    `name` is the kind (`smtp`, `maildir` …); `server` is what a 421 or a refused login stops, and what connections are
    shared by.
    """

    name: str
    server: str

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Hand over one parcel and return once the other side is responsible for it.

        `before_dot` is called exactly once, when everything is handed over but the last sign that makes it count (the final
        dot of SMTP, the rename of a file, the request of a webhook), and must have made its mark durable when it returns. What
        it raises passes through, and nothing was delivered. Raises ChannelError: any but OutcomeUnknown says that nothing was
        delivered.
        """
        ...

    def close(self) -> None:
        """Let go of connections. Never raises; the channel can be used again."""
        ...
