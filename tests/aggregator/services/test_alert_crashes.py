from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alert_crashes import crash

pytestmark = pytest.mark.anyio


@pytest.mark.crash
async def test_killed_at_random_each_alert_is_sent_to_everyone_once(tmp_path: Path) -> None:
    outcome = await crash(tmp_path, alerts=8, kills=6, seed=7)
    assert outcome.kills >= 4
    assert outcome.lost == outcome.doubled == outcome.repeated == 0
    assert outcome.in_window <= outcome.kills
