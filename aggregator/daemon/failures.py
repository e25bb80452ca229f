"""What happens when a task or a tick fails: a log line, a count, and a letter to the operator when it keeps failing."""

from __future__ import annotations

import asyncio
import logging

from aggregator.observe.health import PERSISTENT
from aggregator.observe.metrics import Metrics
from aggregator.operator import alerts
from aggregator.services.operator import OperatorService

log = logging.getLogger(__name__)


class Failures:
    """Records how each tick and task ended."""

    def __init__(self, operator: OperatorService, metrics: Metrics) -> None:
        self._operator = operator
        self._metrics = metrics
        self._reported: set[str] = set()

    async def ended(self, kind: str, name: str, error: Exception | None = None, **fields: object) -> None:
        """Record the end of a tick or a task (`kind`) of this name; `fields` go into the log. Never raises."""
        words = in_words(error) if error else ""
        count = self._metrics.health.ended(f"{kind} {name}", words)
        if error is None:
            self._reported.discard(name)
            return
        self._metrics.failed(kind, name)
        known = hasattr(error, "code")  # our own errors say enough; for others the traceback is needed
        facts = {"name": name, **fields, "code": getattr(error, "code", type(error).__name__), "why": str(error)}
        log.error(f"{kind} failed", extra={"fields": facts}, exc_info=None if known else error)  # noqa: G004
        # When it could not be reported, it is tried again at every tenth failure.
        if count % 10 == PERSISTENT and name not in self._reported:
            await self._report(name, f"{name}: {words}")

    async def _report(self, name: str, problem: str) -> None:
        try:
            if await asyncio.to_thread(alerts.work, self._operator.report, self._operator.send_now, problem):
                self._reported.add(name)
        except Exception:
            log.exception("nothing could be reported to the operator")


def in_words(error: Exception) -> str:
    """An error in one line, with its code and its hint."""
    code, hint = getattr(error, "code", type(error).__name__), getattr(error, "hint", "")
    return f"{error} [{code}]" + (f"; hint: {hint}" if hint else "")
