"""The health of the daemon: when each tick last ran, which tasks fail, which configuration could not be loaded."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

SILENT = timedelta(minutes=5)  # a tick that has not run for this long, and for three of its spans, is stuck
PERSISTENT = 3  # failures in a row that count as a problem


class Health:
    """Updated by the daemon, read by `/healthz` and the watchdog. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ticks: dict[str, tuple[datetime, timedelta]] = {}
        self._failures: dict[str, tuple[int, str]] = {}
        self.configuration = ""
        """Why the present configuration file was not loaded; empty when it was."""

    def ticked(self, tick: str, at: datetime, span: timedelta) -> None:
        """Record that a tick which runs every `span` has run."""
        with self._lock:
            self._ticks[tick] = (at, span)

    def clock_set(self, now: datetime) -> None:
        """Count the silence of every tick from now on, because the clock was set."""
        with self._lock:
            self._ticks = {name: (now, span) for name, (_, span) in self._ticks.items()}

    def ended(self, work: str, why: str = "") -> int:
        """Record the end of a tick or a task; `why` is empty when it succeeded. Returns its failures in a row."""
        with self._lock:
            if not why:
                self._failures.pop(work, None)
                return 0
            count = self._failures.get(work, (0, ""))[0] + 1
            self._failures[work] = (count, why)
            return count

    def stuck(self, now: datetime) -> list[str]:
        """Return the ticks that have not run for too long."""
        with self._lock:
            return sorted(name for name, (at, span) in self._ticks.items() if now - at > max(SILENT, 3 * span))

    def problems(self, now: datetime) -> list[str]:
        """Return descriptions of what is wrong; empty when all is well."""
        stuck = [f"the tick {name} does not run" for name in self.stuck(now)]
        with self._lock:
            failing = [
                f"{name} failed {count} times in a row: {why}"
                for name, (count, why) in sorted(self._failures.items())
                if count >= PERSISTENT
            ]
        return stuck + failing
