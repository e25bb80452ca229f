"""Settings of a digest: what its editions report, and what happens when there is nothing to report."""

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
