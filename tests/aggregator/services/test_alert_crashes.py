from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.alert_crashes import crash

pytestmark = pytest.mark.anyio


@pytest.mark.crash
@pytest.mark.parametrize("seed", [7, 8])
async def test_killed_at_random_each_alert_is_sent_to_everyone_once(tmp_path: Path, seed: int) -> None:
    """Three kills: a slow machine could spend four on one story, which is then set aside as the cause."""
    outcome = await crash(tmp_path, alerts=8, kills=3, seed=seed)
    assert outcome.kills >= 2
    assert outcome.lost == outcome.doubled == outcome.repeated == 0
    assert outcome.in_window <= outcome.kills
