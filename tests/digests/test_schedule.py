"""When a digest is due: crontab(5) by its letter, and one clear rule at each turn of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.errors import ScheduleError
from digests.schedule import check_schedule, next_slot, period, slots


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 7 * * *", "2026-03-04 06:59", "2026-03-04 07:00"),
        ("0 7 * * *", "2026-03-04 07:00", "2026-03-05 07:00"),
        ("0 7 * * 1", "2026-03-04 12:00", "2026-03-09 07:00"),  # a Monday
        ("0 7 * * 0", "2026-03-04 12:00", "2026-03-08 07:00"),  # a Sunday
        ("0 7 * * 7", "2026-03-04 12:00", "2026-03-08 07:00"),
        ("0 7 * * SUN", "2026-03-04 12:00", "2026-03-08 07:00"),
        ("0 7 * * sat-sun", "2026-03-04 12:00", "2026-03-07 07:00"),
        ("0 7 * * 5-7", "2026-03-07 12:00", "2026-03-08 07:00"),
        ("0 7 * * 1-5", "2026-03-06 12:00", "2026-03-09 07:00"),
        ("*/20 8-9 * * *", "2026-03-04 08:20", "2026-03-04 08:40"),
        ("*/20 8-9 * * *", "2026-03-04 09:40", "2026-03-05 08:00"),
        ("0 8-18/5 * * *", "2026-03-04 08:00", "2026-03-04 13:00"),
        ("5,35 6 * * *", "2026-03-04 06:05", "2026-03-04 06:35"),
        ("0 0 29 2 *", "2026-03-04 00:00", "2028-02-29 00:00"),
        ("0 0 1 jan,Jul *", "2026-03-04 00:00", "2026-07-01 00:00"),
        ("0 0 13 * 5", "2026-03-04 00:00", "2026-03-06 00:00"),  # the 13th or a Friday
        ("0 0 */13 * 5", "2026-03-04 00:00", "2026-03-27 00:00"),  # 1, 14, 27 and a Friday: `*` restricts nothing
        ("@daily", "2026-03-04 12:00", "2026-03-05 00:00"),
        ("@weekly", "2026-03-04 12:00", "2026-03-08 00:00"),
    ],
)
def test_next_slot_follows_crontab(cron: str, after: str, expected: str) -> None:
    assert next_slot(cron, "UTC", at(after)) == at(expected)


@pytest.mark.parametrize(
    ("cron", "word"),
    [
        ("0 7 * *", "fields"),
        ("60 7 * * *", "59"),
        ("0 24 * * *", "23"),
        ("0 7 0 * *", "day of month"),
        ("0 7 * 13 *", "month"),
        ("0 7 * * 8", "day of week"),
        ("0 7 * * fri-mon", "backwards"),
        ("5/15 * * * *", "5-59/15"),
        ("*/0 * * * *", "step"),
        ("0 7 30 2 *", "never"),
        ("0 7 * * mo", "mo"),
        ("@reboot", "@daily"),
        ("", "fields"),
        ("٣ 7 * * *", "number"),
        ("1, 7 * * *", "number"),
    ],
)
def test_a_bad_expression_is_refused_with_its_reason(cron: str, word: str) -> None:
    with pytest.raises(ScheduleError, match=word):
        check_schedule(cron, "UTC")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ScheduleError):
        check_schedule("0 7 * * *", zone)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        next_slot("0 7 * * *", "UTC", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_gap_time_runs_at_the_first_instant_after_it() -> None:
    found = slots("30 2 * * *", "Europe/Berlin", at("2026-03-28 12:00"), at("2026-03-30 12:00"))
    assert found == [at("2026-03-29 03:00", "Europe/Berlin"), at("2026-03-30 02:30", "Europe/Berlin")]


def test_midnight_in_beirut_is_served_on_the_day_it_does_not_exist() -> None:
    found = slots("0 0 * * *", "Asia/Beirut", at("2026-03-28 12:00"), at("2026-03-30 12:00"))
    assert [slot.astimezone(ZoneInfo("Asia/Beirut")).isoformat() for slot in found] == [
        "2026-03-29T01:00:00+03:00",
        "2026-03-30T00:00:00+03:00",
    ]


def test_a_repeated_time_runs_once_the_first_time() -> None:
    found = slots("30 1 * * *", "America/New_York", at("2026-10-31 12:00"), at("2026-11-02 12:00"))
    assert found == [at("2026-11-01 05:30"), at("2026-11-02 06:30")]


def test_every_quarter_of_an_hour_never_repeats_in_the_repeated_hour() -> None:
    found = slots("*/15 * * * *", "Europe/Berlin", at("2026-10-24 23:45"), at("2026-10-25 02:00"))
    walls = [slot.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") for slot in found]
    assert walls == ["02:00", "02:15", "02:30", "02:45", "03:00"]


def test_gap_times_that_fall_on_one_instant_are_one_slot() -> None:
    found = slots("0,30 2,3 * * *", "Europe/Berlin", at("2026-03-29 00:00"), at("2026-03-29 12:00"))
    assert found == [at("2026-03-29 01:00"), at("2026-03-29 01:30")]


def test_a_day_that_a_zone_skipped_is_served_when_it_ends() -> None:
    found = slots("0 12 * * *", "Pacific/Apia", at("2011-12-29 23:00"), at("2011-12-31 20:00"))
    assert [s.astimezone(ZoneInfo("Pacific/Apia")).isoformat() for s in found] == [
        "2011-12-31T00:00:00+14:00",
        "2011-12-31T12:00:00+14:00",
    ]


_ZONES = sorted(available_timezones())
_NUMBERS = st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True)
_MINUTES = st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True)


def _listing(values: list[int]) -> str:
    return ",".join(map(str, values))


@settings(max_examples=250)
@given(
    zone=st.sampled_from(_ZONES),
    minutes=_MINUTES,
    hours=_NUMBERS,
    start=st.datetimes(datetime(1995, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_in_every_zone_slots_rise_strictly_one_for_each_calendar_slot(
    zone: str, minutes: list[int], hours: list[int], start: datetime
) -> None:
    cron = f"{_listing(minutes)} {_listing(hours)} * * *"
    until = start + timedelta(days=120)
    found = slots(cron, zone, start, until)
    assert all(a < b for a, b in pairwise(found))
    tz = ZoneInfo(zone)
    walls = [slot.astimezone(tz).replace(tzinfo=None) for slot in found]
    assert len(set(walls)) == len(walls)
    _every_existing_wall_time_is_served(walls, minutes, hours, start, until, tz)


def _every_existing_wall_time_is_served(
    walls: list[datetime], minutes: list[int], hours: list[int], start: datetime, until: datetime, tz: ZoneInfo
) -> None:
    served, day = set(walls), start.astimezone(tz).date() + timedelta(days=2)
    last: date = until.astimezone(tz).date() - timedelta(days=2)
    extra = set(walls)
    while day <= last:
        for hour in hours:
            for minute in minutes:
                wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
                extra.discard(wall)
                if wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall:
                    assert wall in served
        day += timedelta(days=1)
    # What is left are edges and ends of gaps: never more than a few.
    inside = [w for w in extra if start.astimezone(tz).date() + timedelta(days=2) <= w.date() <= last]
    assert len(inside) <= 4


@settings(max_examples=150)
@given(
    zone=st.sampled_from(_ZONES),
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    start=st.datetimes(datetime(2000, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_walking_slot_by_slot_finds_the_same_as_the_whole_range(
    zone: str, minute: int, hour: int, start: datetime
) -> None:
    cron, until = f"{minute} {hour} * * *", start + timedelta(days=40)
    walked, here = [], start
    while (here := next_slot(cron, zone, here)) <= until:
        walked.append(here)
    assert walked == slots(cron, zone, start, until)


def test_where_the_calendar_ends_there_is_no_further_slot() -> None:
    late = at("9999-12-30 00:00")
    assert slots("0 7 * * *", "UTC", late, at("9999-12-31 23:59")) == [at("9999-12-30 07:00"), at("9999-12-31 07:00")]
    with pytest.raises(ScheduleError, match="has no slot after 9999"):
        next_slot("0 0 29 2 *", "UTC", late)


@pytest.mark.parametrize(
    ("cron", "moment", "days"),
    [
        ("0 7 * * *", "2026-03-09 07:00", 1),
        ("0 7 * * *", "2026-03-09 06:59", 1),
        ("0 7 * * 1", "2026-03-09 07:00", 7),
        ("0 7 * * 1", "2026-03-12 18:00", 7),
        ("0 7 1 * *", "2026-03-01 07:00", 28),
        ("0 7 * * 1-5", "2026-03-09 07:00", 3),
        ("*/15 * * * *", "2026-03-09 07:00", 1 / 96),
        ("@yearly", "2026-03-09 07:00", 365),
        ("0 7 29 2 *", "2026-03-09 07:00", 1461),
    ],
)
def test_the_period_of_a_schedule_is_the_time_between_its_last_two_slots(cron: str, moment: str, days: float) -> None:
    assert period(cron, "UTC", at(moment)) == timedelta(days=days)


def test_the_period_of_a_day_on_which_the_clocks_turned_has_its_own_length() -> None:
    assert period("0 7 * * *", "Europe/Berlin", at("2026-03-29 06:00")) == timedelta(hours=23)
