"""Which due feeds a worker may claim, so that all workers together keep the limits of each host. Has no I/O.

One poll task at a time works at a host: it leases the host together with some of its feeds, and the limits inside the
worker (`feeds.http.hosts`) do the rest. Due feeds of a host that is leased are put off, one after another, so that they
are not read again by every claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_BUDGET = timedelta(seconds=60)  # longest time that the feeds of one host may take in a task
_PUT_OFF = timedelta(seconds=10)  # until the first feed of a busy host is due again
_PUT_OFF_MOST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Manners:
    """The limits of a host: requests at the same time, the pause between two, the time limit of one."""

    per_host: int = 2
    delay: timedelta = timedelta(0)
    timeout: timedelta = timedelta(seconds=20)

    @property
    def each(self) -> timedelta:
        """The longest time that one feed of a host may take, on average."""
        return max(self.delay, self.timeout / self.per_host)

    @property
    def most(self) -> int:
        """Most feeds of one host in a task."""
        return max(1, _BUDGET // self.each)


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A feed that is due, and its host. One that may end its process is polled `alone`."""

    id: int
    host: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class HostState:
    """A host: until when a task works at it, from when on the next may, and up to when its feeds are put off."""

    leased_until: datetime | None = None
    free_from: datetime | None = None
    queued_until: datetime | None = None


@dataclass(slots=True)
class ClaimPlan:
    """What to write: feeds to lease, with their hosts; other feeds with their next check; where hosts' queues end."""

    feeds: list[int] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    put_off: dict[int, datetime] = field(default_factory=dict)
    queues: dict[str, datetime] = field(default_factory=dict)


def plan_claim(due: Sequence[DueFeed], hosts: Mapping[str, HostState], now: datetime, manners: Manners) -> ClaimPlan:
    """Decide about these feeds, longest overdue first. A host without a state is in another claim just now: skip it."""
    plan, taken = ClaimPlan(), dict[str, int]()
    for feed in due:
        state = hosts.get(feed.host)
        if state is None:
            continue
        begins = max(state.leased_until or now, state.free_from or now)
        if begins > now:
            _put_off(plan, feed, state, now, max(now + _PUT_OFF, state.free_from or now), manners)
        elif taken.get(feed.host, 0) < manners.most and not (feed.alone and taken):
            taken[feed.host] = taken.get(feed.host, 0) + 1
            plan.feeds.append(feed.id)
            if feed.alone:
                break
    plan.hosts = sorted(taken)
    return plan


def _put_off(
    plan: ClaimPlan, feed: DueFeed, state: HostState, now: datetime, earliest: datetime, manners: Manners
) -> None:
    end = plan.queues.get(feed.host, state.queued_until)
    at = max(earliest, end) if end else earliest
    at = min(at, max(earliest, now + _PUT_OFF_MOST))
    plan.put_off[feed.id] = at
    plan.queues[feed.host] = at + max(manners.delay, _PUT_OFF / (8 * manners.per_host))
