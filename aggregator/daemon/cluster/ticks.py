"""The ticks of a cluster's leader. They submit tasks for the work that is due; the workers claim the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aggregator.daemon import ticks
from aggregator.daemon.engine.cluster import ClusterEngine
from aggregator.services.program import Program
from aggregator.store.cluster import jobs
from aggregator.store.intake import feeds as feed_store
from aggregator.store.outgoing import deliveries

POLL_BATCH = 64  # feeds that one poll task holds at a time
MOST_POLLS = 64  # poll tasks at a time, on all machines
DELIVER_BATCH = 20  # due deliveries for which one more deliver task is submitted
MOST_DELIVERS = 16  # deliver tasks at a time, on all machines
JOBS_KEPT = timedelta(hours=1)  # how long ended jobs are kept for the figures
ClusterTick = Callable[[Program, ClusterEngine], Awaitable[None]]


async def poll_tick(program: Program, engine: ClusterEngine) -> None:
    """Submit one task for each POLL_BATCH feeds that are due."""
    due = await asyncio.to_thread(feed_store.count_due, program.db, program.clock.now(), limit=MOST_POLLS * POLL_BATCH)
    for lane in range(_lanes(due, POLL_BATCH, MOST_POLLS)):
        await engine.submit("poll", lane=lane)


async def deliver_tick(program: Program, engine: ClusterEngine) -> None:
    """Submit one task for each DELIVER_BATCH deliveries that are due; one at least, which recovers and expires."""
    due = await asyncio.to_thread(
        deliveries.count_due, program.db, program.clock.now(), limit=MOST_DELIVERS * DELIVER_BATCH
    )
    for lane in range(max(1, _lanes(due, DELIVER_BATCH, MOST_DELIVERS))):
        await engine.submit("deliver", lane=lane)


async def hand_back_tick(_: Program, engine: ClusterEngine) -> None:
    """Hand back the jobs of workers that died."""
    await engine.hand_back()


async def forget_tick(program: Program, _: ClusterEngine) -> None:
    """Delete the jobs that ended long ago."""
    await asyncio.to_thread(jobs.forget_ended, program.db, JOBS_KEPT)


def _lanes(due: int, batch: int, most: int) -> int:
    return min(most, -(-due // batch))


# The ticks and their intervals. The others are those of one machine; grouping is no job (see `cluster.run`).
TICKS: dict[str, tuple[ClusterTick, timedelta]] = {
    **{name: one for name, one in ticks.TICKS.items() if name != "group"},
    "poll": (poll_tick, timedelta(seconds=5)),
    "deliver": (deliver_tick, timedelta(seconds=5)),
    "hand_back": (hand_back_tick, timedelta(seconds=5)),
    "forget": (forget_tick, timedelta(minutes=10)),
}
