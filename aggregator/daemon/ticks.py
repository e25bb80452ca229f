"""What the scheduler wakes: each tick claims due rows, hands ids to the engine, and returns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aggregator.daemon.engine.base import Engine
from aggregator.services.fetching import POLL_LEASE
from aggregator.services.program import Program
from aggregator.store.editions import digests as digest_store
from aggregator.store.intake import feeds as feed_store

POLLS_AT_ONCE = 256  # feeds claimed and not saved at most; the rest stay due
Tick = Callable[[Program, Engine], Awaitable[None]]


async def poll(program: Program, engine: Engine) -> None:
    """Hand the feeds that are due to the engine, at most as many as keep the limit: each claimed feed holds memory and a lease."""
    free = POLLS_AT_ONCE - program.fetching.in_flight
    if free < POLLS_AT_ONCE // 4:
        return
    records = await asyncio.to_thread(
        feed_store.claim_due, program.db, program.clock.now(), program.context.holder, POLL_LEASE, limit=free
    )
    if records:
        await engine.submit("poll", feeds=tuple(r.id for r in records))


async def group(_: Program, engine: Engine) -> None:
    """Have what has arrived put into stories."""
    await engine.submit("group")


async def compose(program: Program, engine: Engine) -> None:
    """Have every digest composed whose slot has come."""
    for name in await asyncio.to_thread(digest_store.due_names, program.db, program.clock.now()):
        await engine.submit("compose", digest=name)


async def deliver(_: Program, engine: Engine) -> None:
    """Have what waits in the outbox delivered."""
    await engine.submit("deliver")


async def push(program: Program, engine: Engine) -> None:
    """Have hubs asked to tell us of news, where the pages have a public address that hubs can reach."""
    if program.config.web.enabled and program.config.web.public_url:
        await engine.submit("push")


async def take_returns(program: Program, engine: Engine) -> None:
    """Have the mailbox of the reports read, where there is one."""
    if program.config.bounces.maildir or program.config.bounces.imap_host:
        await engine.submit("returns")


async def maintain(_: Program, engine: Engine) -> None:
    """Have old rows pruned and the owner told of feeds that died."""
    await engine.submit("maintain")


# How often each tick runs. A story is grouped within one grouping tick of its arrival.
TICKS: dict[str, tuple[Tick, timedelta]] = {
    "poll": (poll, timedelta(seconds=5)),
    "group": (group, timedelta(seconds=10)),
    "compose": (compose, timedelta(seconds=10)),
    "deliver": (deliver, timedelta(seconds=5)),
    "push": (push, timedelta(seconds=60)),
    "returns": (take_returns, timedelta(minutes=5)),
    "maintain": (maintain, timedelta(hours=1)),
}
