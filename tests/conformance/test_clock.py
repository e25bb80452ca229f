"""The clock port: the machine's and the twin that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.system.clock import Clock, ManualClock, SystemClock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["system", "manual"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return SystemClock() if request.param == "system" else ManualClock(START)


def test_it_reports_an_aware_instant_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_neither_time_goes_back(clock: Clock) -> None:
    first, since = clock.now(), clock.monotonic()
    assert clock.now() >= first
    assert clock.monotonic() >= since


def test_the_twin_moves_both_by_the_same_span() -> None:
    clock = ManualClock(START)
    since = clock.monotonic()
    clock.advance(timedelta(hours=4))
    assert (clock.now() - START, clock.monotonic() - since) == (timedelta(hours=4), 4 * 3600.0)
