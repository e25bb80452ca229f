"""Whether work in another thread makes progress or hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta


class HangDetector:
    """When running work last made progress. One thread works; others may ask. `monotonic` returns seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last: float | None = None  # None while nothing runs

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work until the block ends."""
        self.note()
        try:
            yield
        finally:
            self._last = None

    def note(self) -> None:
        """Note that a step was done."""
        self._last = self._monotonic()

    def hangs(self, limit: timedelta) -> bool:
        """Whether a step has taken longer than `limit`."""
        last = self._last
        return last is not None and self._monotonic() - last > limit.total_seconds()
