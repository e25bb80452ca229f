from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest

from aggregator.daemon.schedule import Schedule
from tests.support.stored import NOW

pytestmark = pytest.mark.anyio


async def test_a_job_that_runs_when_the_process_ends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    began, recorded = asyncio.Event(), list[object]()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    async def record(*what: object) -> None:
        recorded.append(what)

    clock: Any = type("Clock", (), {"now": staticmethod(lambda: NOW)})
    failures: Any = type("Failures", (), {"record": staticmethod(record)})
    metrics: Any = None
    schedule = Schedule(clock, metrics, failures)
    schedule.every(timedelta(hours=1), "group", work)
    schedule.start()
    await began.wait()
    schedule.stop()
    schedule.close()
    for _ in range(3):
        await asyncio.sleep(0)
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
    assert recorded == []
