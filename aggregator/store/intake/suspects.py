"""Feeds whose polls do not end, because the process dies or hangs each time: they are found, and polled rarely.

A claim by a daemon counts a poll as unfinished, and a saved poll sets the count back. At SUSPECT unfinished polls a
feed is claimed alone, so that it costs no other feed; at MOST it is set aside as a failing feed, for an hour and then
twice as long each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, update

from aggregator.store.schema.tables import feed
from feeds.errors import PollEndsProcess

SUSPECT = 2  # a worker that is killed takes its other feeds with it once; hardly ever the same ones twice
MOST = 4
_FIRST, _LONGEST = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A feed with the number of its unfinished polls before this claim, and its error code."""

    id: int
    unfinished: int
    code: str | None

    @property
    def alone(self) -> bool:
        """Whether the feed is polled without others."""
        return self.unfinished >= SUSPECT

    @property
    def exhausted(self) -> bool:
        """Whether the feed is set aside instead of being polled. After the wait it is polled again once."""
        return self.unfinished >= MOST and self.code != PollEndsProcess.code


# What a claim writes of a feed: a poll has begun, and one that was set aside is tried again.
BEGUN: Mapping[str, Any] = {
    "unfinished": feed.c.unfinished + 1,
    "error_code": case((feed.c.error_code == PollEndsProcess.code, None), else_=feed.c.error_code),
}
# What a release writes of a feed that was claimed and not polled: what was there before the claim.
NOT_BEGUN: Mapping[str, Any] = {
    "unfinished": case((feed.c.unfinished > 0, feed.c.unfinished - 1), else_=0),
    # A claim takes a feed with as many unfinished polls only if it was set aside.
    "error_code": case((feed.c.unfinished > MOST, PollEndsProcess.code), else_=feed.c.error_code),
}


def chosen(due: Sequence[Suspicion]) -> list[int]:
    """Return which of these feeds, longest overdue first, may be polled together."""
    if due and due[0].alone:
        return [due[0].id]
    return [one.id for one in due if not one.alone]


def set_aside(connection: Connection, exhausted: Sequence[Suspicion], now: datetime) -> None:
    """Poll these feeds later, and show them as failing. Their leases end."""
    if not exhausted:
        return
    rows = [
        {
            "key": one.id,
            "at": now + min(_LONGEST, _FIRST * 2 ** min(one.unfinished - MOST, 9)),
            "why": f"{one.unfinished} polls ended or stopped the program",
        }
        for one in exhausted
    ]
    later = update(feed).where(feed.c.id == bindparam("key"))
    values = {"lease_owner": None, "lease_until": None, "failures": feed.c.failures + 1}
    code = {"error_code": PollEndsProcess.code, "error_message": bindparam("why"), "next_check": bindparam("at")}
    connection.execute(later.values({**values, **code}), rows)
