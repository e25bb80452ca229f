"""A process whose event loop gets no turn is ended by a timer of the kernel (see `pipeline.test_set_aside`)."""

from __future__ import annotations

import asyncio
import signal

import pytest

from aggregator.daemon.run import watch_process

pytestmark = pytest.mark.anyio


async def test_the_timer_runs_as_long_as_the_process_is_watched() -> None:
    watching = asyncio.create_task(watch_process(asyncio.Event().wait()))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    assert left > 100
    watching.cancel()
    await asyncio.wait([watching])
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
