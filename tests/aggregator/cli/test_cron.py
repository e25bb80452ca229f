"""Days of cron alone: every edition reaches everyone once, and exit statuses say whether something failed."""

from __future__ import annotations

from pathlib import Path

from tests.support.cron import days_of_cron


def test_three_days_by_commands_alone(tmp_path: Path) -> None:
    outcome = days_of_cron(tmp_path, recipients=60, days=3, seed=3)
    assert outcome.wanted == 58 * 3
    assert outcome.missing == outcome.doubled == outcome.to_refused == 0
    assert outcome.wrong_status == 0
    assert outcome.failed_commands >= 3
