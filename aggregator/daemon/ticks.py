"""The functions that the scheduler calls: each tick claims due rows, submits their ids to the engine, and returns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aggregator.daemon.engine.base import Engine
from aggregator.services.intake.fetching import POLL_LEASE
from aggregator.services.program import Program
from aggregator.store.intake import feeds as feed_store
from aggregator.store.outgoing import saved as saved_store

POLLS_AT_ONCE = 256  # limit of feeds that are claimed and not saved; the rest stay due
Tick = Callable[[Program, Engine], Awaitable[None]]


async def poll_tick(program: Program, engine: Engine) -> None:
    """Submit due feeds up to POLLS_AT_ONCE, because each claimed feed holds memory and a lease."""
    free = POLLS_AT_ONCE - program.fetching.in_flight
    if free < POLLS_AT_ONCE // 4:
        return
    records = await asyncio.to_thread(
        feed_store.claim_due, program.db, program.clock.now(), program.context.holder, POLL_LEASE, limit=free
    )
    if records:
        await engine.submit("poll", feeds=tuple(r.id for r in records))


async def group_tick(_: Program, engine: Engine) -> None:
    """Submit the grouping of new entries."""
    await engine.submit("group")


async def compose_tick(program: Program, engine: Engine) -> None:
    """Submit every digest that is due."""
    for name in await asyncio.to_thread(program.editions.due_names):
        await engine.submit("compose", digest=name)


async def deliver_tick(_: Program, engine: Engine) -> None:
    """Submit the delivery of the outbox."""
    await engine.submit("deliver")


async def saved_tick(program: Program, engine: Engine) -> None:
    """Submit the sending of what was saved for later, if something is due."""
    if await asyncio.to_thread(saved_store.any_due, program.db, program.clock.now()):
        await engine.submit("saved")


async def push_tick(program: Program, engine: Engine) -> None:
    """Submit the task that subscribes at WebSub hubs, if the pages have a public URL that hubs can reach."""
    if program.config.web.enabled and program.config.web.public_url:
        await engine.submit("push")


async def bounces_tick(program: Program, engine: Engine) -> None:
    """Submit reading the mailbox of bounces, if one is configured."""
    if program.config.bounces.has_mailbox:
        await engine.submit("returns")


async def newsletters_tick(program: Program, engine: Engine) -> None:
    """Submit the reading of newsletters, if a mailbox is configured."""
    if program.config.newsletters.has_mailbox:
        await engine.submit("newsletters")


async def maintenance_tick(_: Program, engine: Engine) -> None:
    """Submit the deletion of old rows and the alerts about failed feeds."""
    await engine.submit("maintain")


# The ticks and their intervals.
TICKS: dict[str, tuple[Tick, timedelta]] = {
    "poll": (poll_tick, timedelta(seconds=5)),
    "group": (group_tick, timedelta(seconds=10)),
    "compose": (compose_tick, timedelta(seconds=10)),
    "deliver": (deliver_tick, timedelta(seconds=5)),
    "saved": (saved_tick, timedelta(seconds=10)),
    "push": (push_tick, timedelta(seconds=60)),
    "returns": (bounces_tick, timedelta(minutes=5)),
    "newsletters": (newsletters_tick, timedelta(minutes=5)),
    "maintain": (maintenance_tick, timedelta(hours=1)),
}
