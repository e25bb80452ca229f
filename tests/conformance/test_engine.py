"""What every engine does, the embedded one and its twin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from aggregator.daemon.engine.base import Engine, Task, UnknownTask
from aggregator.daemon.engine.embedded import EmbeddedEngine, InlineEngine

pytestmark = pytest.mark.anyio
Make = Callable[[Mapping[str, Task]], Engine]


@pytest.fixture(params=[EmbeddedEngine, InlineEngine], ids=["embedded", "inline"])
def make(request: pytest.FixtureRequest) -> Make:
    found: Make = request.param
    return found


async def test_a_submitted_task_runs_with_its_arguments(make: Make) -> None:
    seen: list[object] = []

    async def note(what: object) -> None:
        seen.append(what)

    engine = make({"note": note})
    assert await engine.submit("note", what=(1, 2))
    assert await engine.drain(5)
    assert seen == [(1, 2)]


async def test_a_failing_task_costs_no_other(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    async def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        seen.append("done")

    engine = make({"fail": fail, "work": work})
    await engine.submit("fail")
    await engine.submit("work")
    assert await engine.drain(5)
    assert seen == ["done"]
    assert "task failed" in caplog.text


async def test_an_unknown_task_is_named_with_those_that_exist(make: Make) -> None:
    async def poll() -> None: ...

    with pytest.raises(UnknownTask, match="no task is called 'pol'; there are poll"):
        await make({"poll": poll}).submit("pol")


async def test_the_same_work_is_not_started_twice_at_a_time(make: Make) -> None:
    runs: list[bool] = []
    engine: Engine

    async def work(number: int) -> None:
        runs.append(await engine.submit("work", number=number))
        await asyncio.sleep(0)

    engine = make({"work": work})
    await engine.submit("work", number=1)
    await engine.drain(5)
    assert runs == [False]
    assert await engine.submit("work", number=1), "it can run again once it is done"
    await engine.drain(5)


async def test_what_is_late_is_cancelled_when_draining() -> None:
    ended: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    engine = EmbeddedEngine({"hang": hang})
    await engine.submit("hang")
    await asyncio.sleep(0)
    assert not await engine.drain(0.01)
    assert ended == ["cancelled"]
