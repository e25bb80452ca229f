"""What every engine does: the embedded one, its twin, and that of a cluster on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from aggregator.daemon.engine.base import Engine, Task, UnknownTask
from aggregator.daemon.engine.cluster import ClusterEngine
from aggregator.daemon.engine.embedded import EmbeddedEngine, InlineEngine
from tests.support.jobs import jobs_database, until_ended

__all__ = ["jobs_database"]
pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Engines:
    """Makes engines of one kind. `settle` returns when the submitted tasks have ended."""

    make: Callable[[Mapping[str, Task]], Awaitable[Engine]]
    settle: Callable[[Engine], Awaitable[None]]


@pytest.fixture(
    params=[EmbeddedEngine, InlineEngine, pytest.param(ClusterEngine, marks=pytest.mark.postgres)],
    ids=["embedded", "inline", "cluster"],
)
async def engines(request: pytest.FixtureRequest) -> AsyncIterator[Engines]:
    if request.param is ClusterEngine:
        url = request.getfixturevalue("jobs_database")
        async with AsyncExitStack() as stack:

            async def opened(tasks: Mapping[str, Task]) -> Engine:
                return await stack.enter_async_context(ClusterEngine(url, tasks))

            yield Engines(opened, lambda _: until_ended(url))
        return

    async def make(tasks: Mapping[str, Task]) -> Engine:
        made: Engine = request.param(tasks)
        return made

    async def drain(engine: Engine) -> None:
        assert await engine.drain(5)

    yield Engines(make, drain)


async def test_a_submitted_task_runs_with_its_arguments(engines: Engines) -> None:
    seen: list[object] = []

    async def note(what: object) -> None:
        seen.append(what)

    engine = await engines.make({"note": note})
    assert await engine.submit("note", what=(1, 2))
    await engines.settle(engine)
    assert seen == [(1, 2)]


async def test_a_failing_task_costs_no_other(engines: Engines, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    async def fail() -> None:
        raise ValueError("no")

    async def work() -> None:
        seen.append("done")

    engine = await engines.make({"fail": fail, "work": work})
    await engine.submit("fail")
    await engine.submit("work")
    await engines.settle(engine)
    assert seen == ["done"]
    assert "task failed" in caplog.text


async def test_an_unknown_task_is_named_with_those_that_exist(engines: Engines) -> None:
    async def poll() -> None: ...

    engine = await engines.make({"poll": poll})
    with pytest.raises(UnknownTask, match="no task is called 'pol'; there are poll"):
        await engine.submit("pol")


async def test_the_same_work_is_not_started_twice_at_a_time(engines: Engines) -> None:
    runs: list[bool] = []
    engine: Engine

    async def work(number: int) -> None:
        runs.append(await engine.submit("work", number=number))
        await asyncio.sleep(0)

    engine = await engines.make({"work": work})
    await engine.submit("work", number=1)
    await engines.settle(engine)
    assert runs == [False]
    assert await engine.submit("work", number=1), "it can run again once it is done"
    await engines.settle(engine)


async def test_what_is_late_is_cancelled_when_draining(engines: Engines) -> None:
    began, ended = asyncio.Event(), list[str]()

    async def hang() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    engine = await engines.make({"hang": hang})
    if isinstance(engine, InlineEngine):
        return  # its `submit` returns when the task has ended
    await engine.submit("hang")
    await began.wait()
    assert not await engine.drain(0.01)
    assert ended == ["cancelled"]
