"""When to poll a feed again. Pure: no clock and no random numbers.

    gone                      never
    failed                    15 min, doubled with every failure in a row, up to the longest interval
    asked to wait             not before Retry-After has passed
    interval configured       that interval
    otherwise                 a quarter of the usual time between two entries, within the shortest and longest interval,
                              not before what the publisher says: ttl, sy:update*, Cache-Control, Expires
    a hub pushes its news     at least three hours: polling only catches what the hub misses
    always                    outside the hours and days that the feed asks to be skipped

Up to a tenth is added, always the same for one URL, so that feeds added together are not polled together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from feeds.model import Entry, FeedState, Hints

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
CHECKS_PER_ENTRY = 4.0  # polls for one entry: the mean delay is an eighth of the usual time between entries
JITTER = 0.1
RATE_MEMORY_DAYS = 4.0  # time constant of the smoothed rate
UNKNOWN_RATE = 6.0  # entries a day, when the dates give no rate
PUSHED_INTERVAL = 3 * HOUR
FIRST_RATE_DAYS = 30.0  # span of the first estimate


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How often to poll. All durations in seconds.

    `default_interval` is for a feed of unknown rate; `fixed_interval` is configured and overrides rate and publisher's
    hints, but not Retry-After. `sightings` is how often in a row a permanent redirect must be seen to be adopted.
    `backlog_age` and `undated_shown` limit which entries of a first fetch are shown; `burst` old entries at once in a
    later fetch are an archive, not news. `pushed` means that a hub has promised to push.
    """

    min_interval: float = 15 * MINUTE
    max_interval: float = DAY
    default_interval: float = HOUR
    fixed_interval: float | None = None
    retry_interval: float = 15 * MINUTE
    sightings: int = 3
    backlog_age: float = DAY
    undated_shown: int = 5
    burst: int = 20
    burst_age: float = 7 * DAY
    pushed: bool = False


def next_check(
    state: FeedState,
    now: datetime,
    settings: PollSettings,
    *,
    freshness: timedelta | None = None,
    retry_after: float | None = None,
) -> datetime | None:
    """Return when to poll again, given the state *after* this poll; None for never.

    `freshness` is how long the response may be cached, `retry_after` the seconds that the server asked to wait.
    """
    if state.gone:
        return None
    extra = 1.0 + JITTER * jitter(state.url)
    if state.failures:
        wait = backoff(state, settings) * extra
    elif settings.fixed_interval is not None:
        return now + _seconds(max(settings.fixed_interval, retry_after or 0.0) * extra)
    else:
        rest = min(PUSHED_INTERVAL, settings.max_interval) if settings.pushed else 0.0
        wait = max(usual_interval(state.rate, settings), hinted(state.hints, freshness, settings), rest) * extra
    due = now + _seconds(max(wait, (retry_after or 0.0) * extra))
    return after_skipped_times(due, state.hints, spread=_seconds(JITTER * HOUR * jitter(state.url)))


def jitter(url: str) -> float:
    """Return a number from 0 to 1 that is always the same for one URL."""
    return int.from_bytes(blake2b(url.encode("utf-8", "replace"), digest_size=4).digest(), "big") / 2**32


def backoff(state: FeedState, settings: PollSettings) -> float:
    """Return the seconds to wait after failures in a row. The first retry is never later than the usual poll."""
    usual = settings.fixed_interval or usual_interval(state.rate, settings)
    first = min(settings.retry_interval, usual)
    return float(min(first * 2.0 ** min(state.failures - 1, 30), max(settings.max_interval, first)))


def usual_interval(rate: float | None, settings: PollSettings) -> float:
    """Return the seconds between polls for this many entries a day."""
    if rate is None:
        return settings.default_interval
    wanted = DAY / (rate * CHECKS_PER_ENTRY) if rate > 0 else math.inf
    return min(max(wanted, settings.min_interval), settings.max_interval)


def hinted(hints: Hints, freshness: timedelta | None, settings: PollSettings) -> float:
    """Return the seconds to wait by the publisher's hints; at most `max_interval`, as a hint may be wrong."""
    asked = max(hints.ttl or 0, hints.update_period or 0, freshness.total_seconds() if freshness else 0.0)
    return min(float(asked), settings.max_interval)


def after_skipped_times(due: datetime, hints: Hints, spread: timedelta = timedelta(0)) -> datetime:
    """Return `due`, or if it is in a skipped hour or day (UTC), `spread` after the next hour that is not.

    Hints that skip all times are ignored.
    """
    if due.hour not in hints.skip_hours and due.weekday() not in hints.skip_days:
        return due
    hour = due.replace(minute=0, second=0, microsecond=0)
    for _ in range(8 * 24):
        hour += timedelta(hours=1)
        if hour.hour not in hints.skip_hours and hour.weekday() not in hints.skip_days:
            return hour + min(spread, timedelta(minutes=59))
    return due


def first_rate(entries: Sequence[Entry], now: datetime) -> float | None:
    """Return entries a day by the dates in a feed's first response, over at most a month; None without two dates."""
    ages = [(now - entry.published).total_seconds() / DAY for entry in entries if entry.published is not None]
    if len(ages) < 2:
        return None
    recent = [age for age in ages if 0 <= age <= FIRST_RATE_DAYS]
    if not recent:
        return 0.0
    # If all entries are in the span, the feed dropped older ones: the oldest entry then starts the span.
    span = FIRST_RATE_DAYS if len(recent) < len(ages) else max(recent)
    return len(recent) / max(span, 1.0 / 24)


def next_rate(rate: float | None, new: int, since: datetime | None, now: datetime) -> float | None:
    """Return the rate after another poll found `new` entries: an exponential mean, so that a burst or a pause fades."""
    if since is None or now <= since:
        return rate
    days = (now - since).total_seconds() / DAY
    share = 1.0 - math.exp(-days / RATE_MEMORY_DAYS)
    return new / days * share + (UNKNOWN_RATE if rate is None else rate) * (1.0 - share)


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=min(value, 3650 * DAY))
