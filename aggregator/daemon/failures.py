"""What happens when a task or a tick fails: a line in the log, a count, and word to the owner when it does not pass by itself."""

from __future__ import annotations

import asyncio
import logging

from aggregator.observe.metrics import Metrics
from aggregator.observe.pulse import STUBBORN
from aggregator.operator import alerts
from aggregator.services.app import App

log = logging.getLogger(__name__)


class Troubles:
    """Told by the engine and by the scheduler how each piece of work ended. `fields` go into the log."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._told: set[str] = set()

    async def ended(self, kind: str, name: str, error: Exception | None = None, **fields: object) -> None:
        """Note the end of a tick or a task (`kind`) of this name. Never raises."""
        words = told(error) if error else ""
        count = self._metrics.pulse.ended(f"{kind} {name}", words)
        if error is None:
            self._told.discard(name)
            return
        self._metrics.failed(kind, name)
        known = hasattr(error, "code")  # an error of our own trees says enough; of another, where it came from is asked
        facts = {"name": name, **fields, "code": getattr(error, "code", type(error).__name__), "why": str(error)}
        log.error(f"{kind} failed", extra={"fields": facts}, exc_info=None if known else error)  # noqa: G004
        # When there was no way to tell, it is tried again at every tenth failure.
        if count % 10 == STUBBORN and name not in self._told:
            await self._tell(name, f"{name}: {words}")

    async def _tell(self, name: str, line: str) -> None:
        app = self._app
        try:
            if await asyncio.to_thread(alerts.work, app.db, app.tell_owner, [line], app.clock.now()):
                self._told.add(name)
        except Exception:
            log.exception("the owner could not be told")


def told(error: Exception) -> str:
    """An error in one line, with its code and its hint."""
    code, hint = getattr(error, "code", type(error).__name__), getattr(error, "hint", "")
    return f"{error} [{code}]" + (f"; hint: {hint}" if hint else "")
