"""A worker that was paused, or shows no sign of life, cancels its polls: others may poll the same hosts by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aggregator.daemon.cluster import tasks
from aggregator.services.program import Program
from aggregator.store.cluster.claims import ClaimedFeeds
from aggregator.store.cluster.politeness import Manners
from aggregator.system.clock import ManualClock
from tests.support.stored import NOW

pytestmark = pytest.mark.anyio


class Polls:
    """A service whose polls wait for ever."""

    def __init__(self, *, alive: bool, begun: Callable[[], object]) -> None:
        self.may_begin = lambda: alive
        self.begun, self.cancelled = begun, False

    async def poll(self, *_: object) -> None:
        self.begun()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


@pytest.mark.parametrize(("alive", "paused"), [(False, 0), (True, 30)])
async def test_polls_are_cancelled(caplog: pytest.LogCaptureFixture, alive: bool, paused: int) -> None:
    clock = ManualClock(NOW)
    polls = Polls(alive=alive, begun=lambda: clock.advance(timedelta(seconds=paused)))
    program = cast("Program", SimpleNamespace(clock=clock, fetching=polls, db=None))
    await tasks.poll_held(program, ClaimedFeeds(), Manners(), cast("Any", None))
    assert polls.cancelled
    assert "polls are given up" in caplog.text
