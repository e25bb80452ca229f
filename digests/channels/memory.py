"""A channel for tests: keeps parcels in memory, and fails where a test wants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from digests.channels.base import BeforeDot
from digests.errors import ChannelError, OutcomeUnknown
from digests.model import Parcel, Receipt


@dataclass(slots=True)
class MemoryChannel:
    """Keeps its parcels in `accepted`, in order.

    `failures` are used one for each parcel, None for no failure: a ChannelError is raised before the mark, an OutcomeUnknown after it.
    `lossy` says whether a parcel of unknown outcome was really lost (else it was accepted).
    """

    name: str = "memory"
    server: str = "memory"
    failures: list[ChannelError | None] = field(default_factory=list)
    accepted: list[Parcel] = field(default_factory=list)
    lossy: bool = False
    closed: int = 0

    def fail(self, errors: Iterable[ChannelError | None]) -> None:
        """Add to the failures to come."""
        self.failures.extend(errors)

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Keep the parcel, or raise the next failure."""
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
        """Count how often it was closed."""
        self.closed += 1
