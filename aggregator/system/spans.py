"""Spans of time as short texts."""

from __future__ import annotations

from datetime import datetime, timedelta

_STEPS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def short_duration(length: timedelta) -> str:
    """Format a duration in its largest unit: `3h`."""
    seconds = abs(length.total_seconds())
    for unit, size in _STEPS:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def relative_time(at: datetime | None, now: datetime) -> str:
    """Format a time relative to now: `3h ago`, `in 20m`, `never`."""
    if at is None:
        return "never"
    return f"in {short_duration(at - now)}" if at > now else f"{short_duration(now - at)} ago"
