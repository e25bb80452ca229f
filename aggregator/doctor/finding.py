"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # works, and could fail or serve badly
    ERROR = "error"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `hint` says what to do; empty when nothing is to be done."""

    level: Level
    subject: str
    message: str
    hint: str = ""


def ok(subject: str, message: str) -> Finding:
    """All is well here."""
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, hint: str) -> Finding:
    """It works, and could serve better."""
    return Finding(Level.WARNING, subject, message, hint)


def error(subject: str, message: str, hint: str) -> Finding:
    """It does not work."""
    return Finding(Level.ERROR, subject, message, hint)
