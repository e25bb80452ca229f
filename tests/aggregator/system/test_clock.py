from datetime import UTC, datetime, timedelta, timezone

from aggregator.system.clock import ManualClock, SystemClock


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_manual_clock_is_still_until_it_is_moved() -> None:
    clock = ManualClock(datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == clock.now() == datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
    clock.advance(timedelta(minutes=5))
    assert clock.now().minute == 5
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2027
