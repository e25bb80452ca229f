"""The tasks of the daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.daemon.tasks import build_tasks
from aggregator.observe.metrics import Metrics
from aggregator.services import delivery
from aggregator.store.outgoing import deliveries
from digests.outbox import State
from tests.support.apps import app_of
from tests.support.outbox import fill

pytestmark = pytest.mark.anyio


async def test_one_deliver_task_empties_the_queue_however_long_it_is(tmp_path: Path) -> None:
    many = 2 * delivery.BATCH + 1
    with app_of(tmp_path, "") as program:
        fill(program.db, [f"maildir:{tmp_path / 'out'}/{n}" for n in range(many)], program.clock.now())
        await build_tasks(program, Metrics())["deliver"]()
        assert deliveries.counts(program.db) == {State.SENT: many}
