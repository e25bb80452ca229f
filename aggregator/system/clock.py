"""The clock port. Below the edge time is an argument; at the edge it comes from one of these."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, from any start: for spans within one process."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


class AnchoredClock:
    """A clock that goes on from an instant by monotonic seconds: it does not follow when the machine's clock is set."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._anchor = base.now(), base.monotonic()

    def now(self) -> datetime:
        """Return the instant it was last set to, plus the time since then."""
        at, since = self._anchor
        return at + timedelta(seconds=self._base.monotonic() - since)

    def monotonic(self) -> float:
        """Return the base clock's monotonic seconds."""
        return self._base.monotonic()

    def set(self, now: datetime) -> None:
        """Go on from this instant."""
        self._anchor = now.astimezone(UTC), self._base.monotonic()


class ManualClock:
    """A clock that its owner moves: the twin for tests and for the demo."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant it was last set to."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds of the instant it was last set to."""
        return self._now.timestamp()

    def set(self, now: datetime) -> None:
        """Move to an instant."""
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move by a span."""
        self._now += by
