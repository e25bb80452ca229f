"""Structured logs on standard error: `key=value` lines for people, one JSON object a line for machines.

A record's own fields are given with `extra={"fields": {…}}`. Times are UTC. Every finished line is redacted, so that a
secret in a traceback or in a library's message is removed too.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Literal, TextIO

from aggregator.observe.redact import Redactor, redact

Format = Literal["text", "json"]
_MOST_KINDS = 1000  # of repeated records that are counted
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@+-%#?&~,")
_NOISY = (
    "httpx",
    "httpcore",
    "asyncio",
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "procrastinate",
    "psycopg.pool",
    "trafilatura",
    "uvicorn.access",
    "uvicorn.error",
    "charset_normalizer",
)


class _Formatter(logging.Formatter):
    """The facts of a record in order, and redaction of the finished line."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.redactor = redactor

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        """Return time, level, logger, message, then the record's own fields; the traceback last."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        facts: dict[str, object] = {
            "time": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        facts.update(getattr(record, "fields", {}))
        if record.exc_info:
            facts["trace"] = self.formatException(record.exc_info)
        return facts


class JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line. Each value is redacted alone: redaction of the line could break the JSON."""
        facts = {key: self.redactor(v) if isinstance(v, str) else v for key, v in self.facts(record).items()}
        return json.dumps(facts, ensure_ascii=False, default=lambda value: self.redactor(str(value)))


class TextFormatter(_Formatter):
    """`time level message key=value …`. Values with blanks or line ends are quoted, so that a record is one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line, followed by the lines of its traceback."""
        facts = self.facts(record)
        trace = facts.pop("trace", "")
        head = f"{facts.pop('time')} {facts.pop('level')} {facts.pop('logger')}: {_one_line(str(facts.pop('message')))}"
        line = " ".join([head, *(f"{key}={_value(value)}" for key, value in facts.items())])
        return self.redactor(f"{line}\n{trace}" if trace else line)


class RepetitionLimit(logging.Filter):
    """Lets through `most` records a minute of one kind: tracebacks, and messages of libraries.

    What a stranger can cause again and again must not fill the disk. Our own records without a traceback always pass:
    each is one fact. How many were left out is said with the next one that passes.
    """

    def __init__(self, most: int = 10, seconds: float = 60.0) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if hasattr(record, "fields") and not record.exc_info:
            return True
        kind = record.exc_info[0] if record.exc_info else None
        key = (record.name, record.levelno, str(record.msg)[:80], kind)
        began, count = self._seen.get(key, (record.created, 0))
        left_out = 0
        if record.created - began >= self._seconds:
            began, count, left_out = record.created, 0, max(0, count - self._most)
        if len(self._seen) >= _MOST_KINDS and key not in self._seen:
            self._seen.clear()
        self._seen[key] = began, count + 1
        if left_out:
            record.__dict__["fields"] = {**getattr(record, "fields", {}), "left_out": left_out}
        return count < self._most


def setup(
    level: int, form: Format = "text", stream: TextIO | None = None, redactor: Redactor = redact
) -> logging.Handler:
    """Send the logs of the whole process to `stream`, by default standard error.

    A second call replaces the first. Returns the handler.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonFormatter if form == "json" else TextFormatter)(redactor))
    handler.set_name("aggregator")
    handler.addFilter(RepetitionLimit())
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == "aggregator"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _NOISY:  # libraries log from one level higher
        logging.getLogger(name).setLevel(max(level + 10, logging.INFO))
    return handler


def _one_line(text: str) -> str:
    """Return the text without line ends and control characters, so that a feed's title cannot forge a record."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _value(value: object) -> str:
    text = str(value)
    return text if text and _PLAIN.issuperset(text) else json.dumps(_one_line(text), ensure_ascii=False)
