"""Whether the daemon works, as far as it knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.observe.health import PERSISTENT, SILENT, Health

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


def test_a_tick_that_is_still_is_named_and_a_slow_one_is_not() -> None:
    health = Health()
    health.ticked("poll", NOW, timedelta(seconds=5))
    health.ticked("maintain", NOW, timedelta(hours=1))
    assert health.stuck(NOW + SILENT) == []
    assert health.stuck(NOW + SILENT + timedelta(seconds=1)) == ["poll"]
    assert health.stuck(NOW + timedelta(hours=3, seconds=1)) == ["maintain", "poll"]


def test_only_what_fails_again_and_again_is_a_problem() -> None:
    health = Health()
    for count in range(1, PERSISTENT):
        assert health.ended("task group", "locked") == count
        assert health.problems(NOW) == []
    health.ended("task group", "locked")
    assert health.problems(NOW) == [f"task group failed {PERSISTENT} times in a row: locked"]
    assert health.ended("task group") == 0
    assert health.problems(NOW) == []
