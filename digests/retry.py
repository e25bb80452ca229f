"""Retry-After (RFC 9110, section 10.2.3): seconds, or a date."""

from __future__ import annotations

from email.utils import parsedate_to_datetime


def retry_after(value: str, now: float) -> float | None:
    """The seconds that a Retry-After header asks to wait from `now`, a Unix time; None if it is neither form."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError):
        return None
