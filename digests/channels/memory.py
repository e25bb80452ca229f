"""A channel for tests: it keeps parcels in memory and raises the errors that a test sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.errors import ChannelError, OutcomeUnknown


@dataclass(slots=True)
class MemoryChannel:
    """Keeps its parcels in `accepted`, in order.

    `failures` has one entry for each parcel to come, None for no failure. A ChannelError is raised before the mark, an
    OutcomeUnknown after it. `lossy`: a parcel of unknown outcome is lost; else it is accepted.
    """

    name: str = "memory"
    server: str = "memory"
    failures: list[ChannelError | None] = field(default_factory=list)
    accepted: list[Parcel] = field(default_factory=list)
    lossy: bool = False
    closed: int = 0

    def fail(self, errors: Iterable[ChannelError | None]) -> None:
        """Append to `failures`."""
        self.failures.extend(errors)

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Keep the parcel, or raise the next of the failures."""
        error = self.failures.pop(0) if self.failures else None
        if error is not None and not isinstance(error, OutcomeUnknown):
            raise error
        before_dot()
        if error is None or not self.lossy:
            self.accepted.append(parcel)
        if error is not None:
            raise error
        return Receipt(f"kept as number {len(self.accepted)}", self.server)

    def close(self) -> None:
        """Count the call in `closed`."""
        self.closed += 1
