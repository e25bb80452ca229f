"""What a digest may be set to: its kind, and what it does without news."""

from __future__ import annotations

from enum import StrEnum


class DigestKind(StrEnum):
    """What an edition reports: what is new to its recipients, or what became of the stories of its period."""

    NEWS = "news"
    RECAP = "recap"


class Quiet(StrEnum):
    """What to do when there is no story to report."""

    SKIP = "skip"
    NOTE = "note"  # send a short mail that says so
    SEND = "send"  # send as usual
