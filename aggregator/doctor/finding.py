"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"  # works, but may fail or work badly
    ERROR = "error"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `hint` says what to do; empty when there is nothing to do."""

    level: Level
    subject: str
    message: str
    hint: str = ""


def ok(subject: str, message: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, hint: str) -> Finding:
    """Return a finding about something that works, but may fail or work badly."""
    return Finding(Level.WARNING, subject, message, hint)


def error(subject: str, message: str, hint: str) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(Level.ERROR, subject, message, hint)
