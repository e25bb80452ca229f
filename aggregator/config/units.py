"""Durations and sizes as people write them: `15m`, `20s`, `1d`, `15 MiB`."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|[smhdw])\s*)+")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]i?b|b)", re.IGNORECASE)
_LONGEST = timedelta(days=36500)  # more is a typing error; the bound also keeps sums in datetime's range


def duration(text: str) -> timedelta:
    """Parse `15m`, `1.5h`, `1d 12h`. Raises ValueError for anything else, also for a number without a unit."""
    stripped = text.strip()
    if not _WHOLE.fullmatch(stripped):
        raise ValueError(f"not a duration: {text!r}")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(stripped))
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"longer than a century: {text!r}")
    return timedelta(seconds=seconds)


def format_duration(span: timedelta) -> str:
    """Format a duration in the largest units, exact to a second: `1d12h`, `15m`, `0s`."""
    left = round(span.total_seconds())
    if left < 0:
        return "-" + format_duration(-span)
    parts: list[str] = []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_SECONDS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def size(text: str) -> int:
    """Parse `15 MiB`, `500kB`, `1 GB` into bytes. Raises ValueError for anything else."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not a size: {text!r}")
    return int(float(match[1]) * _BYTES[match[2].lower()])
