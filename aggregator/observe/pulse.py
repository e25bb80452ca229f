"""Whether the daemon works: when each tick last ran, which tasks fail, which configuration could not be taken over."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

SILENT = timedelta(minutes=5)  # a tick that has stood still this long, and three of its spans, has stopped
STUBBORN = 3  # failures in a row that no longer pass by themselves


class Pulse:
    """Noted by the daemon, read by `/healthz` and by the watchdog. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ticks: dict[str, tuple[datetime, timedelta]] = {}
        self._failures: dict[str, tuple[int, str]] = {}
        self.configuration = ""
        """Why the file as it stands was not taken over; empty when it was."""

    def ticked(self, tick: str, at: datetime, span: timedelta) -> None:
        """Note that a tick which runs every `span` has run."""
        with self._lock:
            self._ticks[tick] = (at, span)

    def ended(self, work: str, why: str = "") -> int:
        """Note how a tick or a task ended; `why` is empty when it did its work. Returns its failures in a row."""
        with self._lock:
            if not why:
                self._failures.pop(work, None)
                return 0
            count = self._failures.get(work, (0, ""))[0] + 1
            self._failures[work] = (count, why)
            return count

    def stuck(self, now: datetime) -> list[str]:
        """The ticks that have stood still for too long."""
        with self._lock:
            return sorted(name for name, (at, span) in self._ticks.items() if now - at > max(SILENT, 3 * span))

    def problems(self, now: datetime) -> list[str]:
        """What keeps the daemon from its work, in words; empty when all is well."""
        stuck = [f"the tick {name} stands still" for name in self.stuck(now)]
        with self._lock:
            failing = [
                f"{name} failed {count} times in a row: {why}"
                for name, (count, why) in sorted(self._failures.items())
                if count >= STUBBORN
            ]
        return stuck + failing
