"""Handling of failed tasks and ticks: log, count, and a letter to the operator when the failure persists."""

from __future__ import annotations

import asyncio
import logging

from aggregator.observe.health import PERSISTENT
from aggregator.observe.metrics import Metrics
from aggregator.operator import alerts
from aggregator.services.operator import OperatorService

log = logging.getLogger(__name__)


class Failures:
    """Records the result of each tick and task."""

    def __init__(self, operator: OperatorService, metrics: Metrics) -> None:
        self._operator = operator
        self._metrics = metrics
        self._reported: set[str] = set()

    async def record(self, kind: str, name: str, error: Exception | None = None, **fields: object) -> None:
        """Record the end of a tick or a task (`kind`); `fields` are logged with an error. Never raises."""
        message = describe_error(error) if error else ""
        count = self._metrics.health.ended(f"{kind} {name}", message)
        if error is None:
            self._reported.discard(name)
            return
        self._metrics.failed(kind, name)
        has_code = hasattr(error, "code")  # our own errors are clear; others need a traceback
        details = {"name": name, **fields, "code": getattr(error, "code", type(error).__name__), "why": str(error)}
        log.error(f"{kind} failed", extra={"fields": details}, exc_info=None if has_code else error)  # noqa: G004
        # A report that could not be sent is tried again at every tenth failure.
        if count % 10 == PERSISTENT and name not in self._reported:
            await self._report(name, f"{name}: {message}")

    async def _report(self, name: str, problem: str) -> None:
        try:
            if await asyncio.to_thread(alerts.work, self._operator.report, self._operator.send_now, problem):
                self._reported.add(name)
        except Exception:
            log.exception("the operator could not be informed")


def describe_error(error: Exception) -> str:
    """Describe an error in one line, with its code and hint."""
    code, hint = getattr(error, "code", type(error).__name__), getattr(error, "hint", "")
    return f"{error} [{code}]" + (f"; hint: {hint}" if hint else "")
