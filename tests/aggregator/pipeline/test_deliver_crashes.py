from __future__ import annotations

from pathlib import Path

import pytest

from digests.outbox import WhenUnknown
from tests.support.crashes import crash


@pytest.mark.crash
@pytest.mark.parametrize("policy", list(WhenUnknown))
def test_killed_at_random_nothing_is_lost_and_only_the_open_window_doubles(policy: WhenUnknown, tmp_path: Path) -> None:
    outcome = crash(tmp_path, messages=80, kills=10, seed=11, when_unknown=policy)
    assert outcome.kills >= 5
    assert outcome.lost == 0
    assert outcome.different == 0
    assert outcome.outside == 0
    assert outcome.duplicates <= (outcome.kills if policy is WhenUnknown.RESEND else 0)
