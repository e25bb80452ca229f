"""What was set aside, because it stopped its process again and again."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.doctor.finding import Finding, warning
from aggregator.operator.alerts import set_aside_lines
from aggregator.store import Database

_MOST = 10  # named
_HINT = "this is a fault of the program: report it with the log of that time; everything else goes on without it"


def check_set_aside(db: Database) -> Iterator[Finding]:
    """Yield a finding for each thing that is not tried any more."""
    lines = set_aside_lines(db)
    for line in lines[:_MOST]:
        yield warning("set aside", line, _HINT)
    if len(lines) > _MOST:
        yield warning("set aside", f"{len(lines) - _MOST} more", _HINT)
