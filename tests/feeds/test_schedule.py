"""When a feed is looked at again: named cases, and properties over all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Entry, FeedState, GuidOrigin, Hints
from feeds.schedule import (
    DAY,
    HOUR,
    JITTER,
    UNKNOWN_RATE,
    PollSettings,
    after_skipped_times,
    first_rate,
    jitter,
    next_check,
    next_rate,
    usual_interval,
)

NOW = datetime(2024, 5, 6, 10, 30, tzinfo=UTC)  # a Monday
URL = "https://example.org/feed"
SETTINGS = PollSettings()
EXTRA = 1 + JITTER * jitter(URL)


def wait(state: FeedState, settings: PollSettings = SETTINGS, **facts: object) -> float:
    due = next_check(state, NOW, settings, **facts)  # type: ignore[arg-type]
    assert due is not None
    return round((due - NOW).total_seconds() / EXTRA, 3)


def state(**facts: object) -> FeedState:
    return FeedState(URL, **facts)  # type: ignore[arg-type]


RHYTHM = {
    "nothing known": (None, HOUR),
    "every hour": (24.0, 15 * 60),
    "six a day": (6.0, HOUR),
    "one a day": (1.0, 6 * HOUR),
    "hundreds a day": (500.0, 15 * 60),
    "one a month": (1 / 30, DAY),
    "fell silent": (0.0, DAY),
}


@pytest.mark.parametrize(("rate", "seconds"), RHYTHM.values(), ids=RHYTHM)
def test_the_interval_follows_the_feeds_own_rhythm(rate: float | None, seconds: float):
    assert wait(state(rate=rate)) == seconds


PUSHED = {
    "nothing known": (None, 3 * HOUR),
    "every hour": (24.0, 3 * HOUR),
    "one a day": (1.0, 6 * HOUR),
    "fell silent": (0.0, DAY),
}


@pytest.mark.parametrize(("rate", "seconds"), PUSHED.values(), ids=PUSHED)
def test_a_feed_whose_hub_calls_is_polled_seldom_but_polled(rate: float | None, seconds: float):
    assert wait(state(rate=rate), PollSettings(pushed=True)) == seconds
    assert wait(state(failures=1), PollSettings(pushed=True)) == 15 * 60
    assert wait(state(), PollSettings(pushed=True, max_interval=HOUR)) == HOUR


HINTS = {
    "ttl": (Hints(ttl=7200), None, 7200),
    "ttl under the rhythm": (Hints(ttl=60), None, HOUR),
    "sy:update": (Hints(update_period=4 * 3600), None, 4 * HOUR),
    "cache-control": (Hints(), timedelta(hours=3), 3 * HOUR),
    "the longest of them": (Hints(ttl=7200, update_period=3600), timedelta(hours=3), 3 * HOUR),
    "beyond reason": (Hints(ttl=10**9), timedelta(days=365), DAY),
}


@pytest.mark.parametrize(("hints", "freshness", "seconds"), HINTS.values(), ids=HINTS)
def test_the_publisher_is_not_asked_before_he_wishes(hints: Hints, freshness: timedelta | None, seconds: float):
    assert wait(state(rate=6.0, hints=hints), freshness=freshness) == seconds


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 15), (2, 30), (3, 60), (5, 240), (7, 960), (8, 1440), (5000, 1440)]
)
def test_failures_double_the_wait_up_to_a_day(failures: int, minutes: int):
    assert wait(state(failures=failures)) == minutes * 60


def test_the_first_retry_is_never_later_than_the_next_look_would_have_been():
    assert wait(state(failures=1), PollSettings(fixed_interval=300)) == 300
    assert wait(state(failures=1), PollSettings(fixed_interval=7 * DAY)) == 15 * 60


def test_retry_after_holds_whatever_else_is_said():
    assert wait(state(failures=1), retry_after=7200.0) == 7200
    assert wait(state(failures=9), retry_after=60.0) == DAY
    assert wait(state(), PollSettings(fixed_interval=300), retry_after=7200.0) == 7200
    assert wait(state(rate=24.0), retry_after=7200.0) == 7200


def test_the_owners_interval_overrides_rhythm_and_hints():
    hinted = state(rate=0.0, hints=Hints(ttl=86400, skip_hours=frozenset(range(24))))
    assert wait(hinted, PollSettings(fixed_interval=300), freshness=timedelta(days=1)) == 300


def test_a_feed_that_is_gone_is_not_asked_again():
    assert next_check(state(gone=True, failures=1), NOW, SETTINGS, retry_after=5.0) is None


def test_skipped_hours_and_days_are_passed_over():
    assert after_skipped_times(NOW, Hints()) == NOW
    assert after_skipped_times(NOW, Hints(skip_hours=frozenset({10, 11}))) == NOW.replace(hour=12, minute=0)
    weekend = Hints(skip_days=frozenset({5, 6}), skip_hours=frozenset({0}))
    saturday = NOW + timedelta(days=5)
    assert after_skipped_times(saturday, weekend) == datetime(2024, 5, 13, 1, tzinfo=UTC)
    spread = timedelta(minutes=5)
    assert after_skipped_times(NOW, Hints(skip_hours=frozenset({10})), spread).minute == 5


@pytest.mark.parametrize("hints", [Hints(skip_hours=frozenset(range(24))), Hints(skip_days=frozenset(range(7)))])
def test_a_feed_that_skips_everything_is_not_listened_to(hints: Hints):
    assert after_skipped_times(NOW, hints) == NOW


def test_jitter_is_stable_and_spreads():
    values = [jitter(f"https://example.org/{n}") for n in range(1000)]
    assert values == [jitter(f"https://example.org/{n}") for n in range(1000)]
    assert 0 <= min(values) < 0.01 < 0.99 < max(values) < 1


def entry(published: datetime | None) -> Entry:
    return Entry(guid=str(published), guid_origin=GuidOrigin.GUID, title="t", published=published)


def test_the_first_rate_is_read_from_the_dates():
    ago = [entry(NOW - timedelta(hours=6 * n)) for n in range(1, 9)]
    assert first_rate(ago, NOW) == 4
    assert first_rate([*ago, entry(NOW - timedelta(days=400))], NOW) == pytest.approx(8 / 30)
    assert first_rate([entry(NOW - timedelta(days=n)) for n in (100, 200)], NOW) == 0
    assert first_rate([entry(NOW), entry(None)], NOW) is None
    assert first_rate([entry(NOW), entry(NOW)], NOW) == 48


def test_the_rate_follows_what_comes():
    assert next_rate(4.0, 3, None, NOW) == 4
    assert next_rate(4.0, 3, NOW, NOW) == 4
    day = NOW - timedelta(days=1)
    assert next_rate(4.0, 4, day, NOW) == pytest.approx(4)
    assert 4 < (next_rate(4.0, 20, day, NOW) or 0) < 20
    assert 0 < (next_rate(None, 0, day, NOW) or 0) < UNKNOWN_RATE
    rate: float | None = 4.0
    for _ in range(60):
        rate = next_rate(rate, 0, day, NOW)
    assert usual_interval(rate, SETTINGS) == DAY


finite = st.floats(0, 1e9)
hours, days = st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6))


@given(
    rate=st.none() | finite,
    failures=st.integers(0, 100),
    ttl=st.none() | st.integers(0, 10**9),
    skip=st.tuples(hours, days),
    freshness=st.none() | st.timedeltas(timedelta(0), timedelta(days=366)),
    retry_after=st.none() | st.floats(0, DAY),
    url=st.text(),
)
def test_every_feed_is_looked_at_again_in_time(
    rate: float | None,
    failures: int,
    ttl: int | None,
    skip: tuple[frozenset[int], frozenset[int]],
    freshness: timedelta | None,
    retry_after: float | None,
    url: str,
):
    hints = Hints(ttl=ttl, skip_hours=skip[0], skip_days=skip[1])
    due = next_check(
        FeedState(url, rate=rate, failures=failures, hints=hints),
        NOW,
        SETTINGS,
        freshness=freshness,
        retry_after=retry_after,
    )
    assert due is not None
    assert due >= NOW + timedelta(seconds=max(SETTINGS.min_interval, retry_after or 0))
    assert due <= NOW + timedelta(seconds=DAY * (1 + JITTER)) + timedelta(days=8)
    listened = len(skip[0]) < 24 and len(skip[1]) < 7
    assert not listened or (due.hour not in skip[0] and due.weekday() not in skip[1])
