"""Computes when a digest is due: cron expressions as local times, with one rule for each change of the clocks.

The five fields are read as in crontab(5): minute, hour, day of month, month, day of week, where 0 and 7 are both
Sunday. When both day fields are restricted (neither starts with `*`) a day matches if either does.

A slot is first found as a local time, then converted to UTC:

- a local time that the clocks skip runs at the first instant after the gap;
- a local time that occurs twice runs once, the first time;
- local times that become the same instant are one slot.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digests.errors import ScheduleError

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SHORTCUTS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
# 29 February recurs after at most eight years (1896 to 1904), a day of month on a given weekday after at most twelve.
_HORIZON_DAYS = 366 * 13


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: its bounds and the names that it accepts."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, word: str, *, ends_range: bool = False) -> int:
        """Return the value of a number or a name such as `mon`; raise ScheduleError if it is out of bounds."""
        if word.lower() in self.names:
            value = self.names.index(word.lower()) + self.low
            # "sat-sun" can only mean the Sunday after: 7, not 0.
            return 7 if ends_range and self.names is _DAYS and value == 0 else value
        if not (word.isascii() and word.isdigit()):
            raise ScheduleError(f"{self.name}: {word!r} is not a number{' or a name' if self.names else ''}")
        value = int(word)
        if not self.low <= value <= self.high:
            raise ScheduleError(f"{self.name}: {value} is not between {self.low} and {self.high}")
        return value

    def part(self, text: str) -> range:
        """Return the values of one part: `*`, `5`, `1-5`, `*/15` or `8-18/2`."""
        span, slash, step_text = text.partition("/")
        if span == "*":
            first, last = self.low, self.high
        elif "-" in span:
            left, _, right = span.partition("-")
            first, last = self.number(left), self.number(right, ends_range=True)
        else:
            first = last = self.number(span)
            if slash:
                raise ScheduleError(f"{self.name}: a step needs a range, such as {span}-{self.high}/{step_text}")
        if first > last:
            raise ScheduleError(f"{self.name}: the range {span} runs backwards")
        step = 1
        if slash:
            if not (step_text.isascii() and step_text.isdigit()) or int(step_text) == 0:
                raise ScheduleError(f"{self.name}: the step {step_text!r} is not a number above 0")
            step = int(step_text)
        return range(first, last + 1, step)

    def read(self, text: str) -> frozenset[int]:
        """Return the values of a comma-separated list of parts."""
        return frozenset(value for part in text.split(",") for value in self.part(part))


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _DAYS),
)


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A cron expression as sets. Weekdays are 0 to 6 from Sunday; `either`: one matching day field is enough."""

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: date) -> bool:
        """Whether the expression has slots on this date."""
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (in_month or in_week) if self.either else (in_month and in_week)

    def dates(self, start: date) -> Iterator[date]:
        """Yield all matching dates from `start` to the horizon."""
        for offset in range(_HORIZON_DAYS):
            try:
                day = start + timedelta(days=offset)
            except OverflowError:
                return
            if self.on(day):
                yield day


@lru_cache(maxsize=256)
def _calendar(cron: str) -> _Calendar:
    text = cron.strip()
    if text.startswith("@"):
        if text.lower() not in _SHORTCUTS:
            raise ScheduleError(f"{text!r} is not one of {', '.join(_SHORTCUTS)}")
        text = _SHORTCUTS[text.lower()]
    words = text.split()
    if len(words) != len(_FIELDS):
        raise ScheduleError(f"{cron!r} has {len(words)} fields, not five: minute hour day month weekday")
    minutes, hours, days, months, weekdays = (field.read(word) for field, word in zip(_FIELDS, words, strict=True))
    calendar = _Calendar(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        either=not (words[2].startswith("*") or words[4].startswith("*")),
    )
    if next(calendar.dates(date(2000, 1, 1)), None) is None:
        raise ScheduleError(f"{cron!r} names a day that never occurs")
    return calendar


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(f"{name!r} is not a time zone of the IANA list, such as Europe/Berlin") from error


def _instant(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC, by the rules at the top of this file."""
    local = datetime.combine(day, local_time, tzinfo=zone)  # fold=0: the first of two
    instant = local.astimezone(UTC)
    naive = local.replace(tzinfo=None)
    if instant.astimezone(zone).replace(tzinfo=None) == naive:
        return instant
    # In a gap, fold=1 uses the offset after the jump, which gives an instant before the jump; search between the two.
    before = local.replace(fold=1).astimezone(UTC)
    low, high = 0, int((instant - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None) > naive:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def _after(calendar: _Calendar, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield all slots later than `after`, each instant once, in order."""
    last = after
    # A whole local day may be skipped (Apia, 30 December 2011), so start two days back.
    for day in calendar.dates(after.astimezone(zone).date() - timedelta(days=2)):
        first = bisect_right(calendar.times, last, key=lambda local_time: _instant(day, local_time, zone))
        for local_time in calendar.times[first:]:
            instant = _instant(day, local_time, zone)
            if instant > last:
                yield instant
                last = instant


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(UTC)


def check_schedule(cron: str, zone: str) -> None:
    """Raise ScheduleError with the reason if the schedule or the zone is invalid."""
    _calendar(cron)
    _zone(zone)


def next_slot(cron: str, zone: str, after: datetime) -> datetime:
    """Return the first slot strictly later than `after`, in UTC. Raises ScheduleError."""
    for slot in _after(_calendar(cron), _zone(zone), _aware(after)):
        return slot
    raise ScheduleError(f"{cron!r} has no slot after {after.isoformat()}")


def slots_since(cron: str, zone: str, last: datetime, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return the slots later than the local time `last` that have come by `now`, as local time and instant.

    `last` has no zone: who moves to another zone gets no slot of the calendar twice, and none that is missed is lost.
    Local times that become the same instant are one slot, the last of them. Raises ScheduleError.
    """
    calendar, here, end = _calendar(cron), _zone(zone), _aware(now)
    found: dict[datetime, datetime] = {}
    for day in calendar.dates(last.date()):
        if day > end.astimezone(here).date():
            break
        for local_time in calendar.times:
            local, instant = datetime.combine(day, local_time), _instant(day, local_time, here)
            if local > last and instant <= end:
                found[instant] = local
    return [(local, instant) for instant, local in sorted(found.items())]


def period(cron: str, zone: str, at: datetime) -> timedelta:
    """Return how long one edition of a schedule covers: the time between its last two slots not later than `at`.

    A schedule without two such slots gives the time between its next two. Raises ScheduleError.
    """
    end = _aware(at)
    for days in (1, 9, 70, 800, _HORIZON_DAYS):
        before = slots(cron, zone, end - timedelta(days=days), end)
        if len(before) > 1:
            return before[-1] - before[-2]
    first = next_slot(cron, zone, end)
    return next_slot(cron, zone, first) - first


def slots(cron: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    """Return every slot later than `after` and not later than `until`, in UTC and in order. Raises ScheduleError."""
    end = _aware(until)
    found: list[datetime] = []
    for slot in _after(_calendar(cron), _zone(zone), _aware(after)):
        if slot > end:
            break
        found.append(slot)
    return found
