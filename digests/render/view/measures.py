"""Spans of time and sizes in the recipient's language."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.render.view.wording import Wording

_MINUTE = timedelta(minutes=1)
_MEGABYTE, _KILOBYTE = 1_000_000, 1_000


def relative_time(at: datetime, now: datetime, words: Wording) -> str:
    """Return a time relative to now, in minutes at the least: 3 hours ago, in 20 minutes."""
    from babel.dates import format_timedelta

    span = at - now
    if abs(span) < _MINUTE:
        span = _MINUTE if span > timedelta() else -_MINUTE
    return str(format_timedelta(span, granularity="minute", add_direction=True, locale=words.locale))


def size(count: int, words: Wording) -> str:
    """Return a number of bytes in kilobytes or megabytes."""
    from babel.units import format_unit

    if count >= _MEGABYTE:
        return str(format_unit(count / _MEGABYTE, "digital-megabyte", "short", format="0.0", locale=words.locale))
    return str(format_unit(count // _KILOBYTE, "digital-kilobyte", "short", locale=words.locale))
