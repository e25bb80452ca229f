"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARNING = "warning"  # works, and could fail or serve badly
    ERROR = "error"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `hint` says what to do; empty when there is nothing to do."""

    level: Level
    subject: str
    message: str
    hint: str = ""


def ok(subject: str, message: str) -> Finding:
    """It works."""
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, hint: str) -> Finding:
    """It works, and could work better or soon fail."""
    return Finding(Level.WARNING, subject, message, hint)


def error(subject: str, message: str, hint: str) -> Finding:
    """It does not work."""
    return Finding(Level.ERROR, subject, message, hint)
