"""Whether the daemon works, as far as it can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.observe.pulse import SILENT, STUBBORN, Pulse

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_a_tick_that_stands_still_is_named_and_a_slow_one_is_not() -> None:
    pulse = Pulse()
    pulse.ticked("poll", NOW, timedelta(seconds=5))
    pulse.ticked("maintain", NOW, timedelta(hours=1))
    assert pulse.stuck(NOW + SILENT) == []
    assert pulse.stuck(NOW + SILENT + timedelta(seconds=1)) == ["poll"]
    assert pulse.stuck(NOW + timedelta(hours=3, seconds=1)) == ["maintain", "poll"]


def test_only_what_fails_again_and_again_is_a_problem() -> None:
    pulse = Pulse()
    for count in range(1, STUBBORN):
        assert pulse.ended("task group", "locked") == count
        assert pulse.problems(NOW) == []
    pulse.ended("task group", "locked")
    assert pulse.problems(NOW) == [f"task group failed {STUBBORN} times in a row: locked"]
    assert pulse.ended("task group") == 0
    assert pulse.problems(NOW) == []
