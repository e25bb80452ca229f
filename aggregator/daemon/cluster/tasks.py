"""The tasks of a cluster: those of one machine, but polling and delivering claim rows beside other workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aggregator.config.schema import Config
from aggregator.daemon.cluster.ticks import POLL_BATCH
from aggregator.daemon.engine.base import Task
from aggregator.daemon.tasks import build_tasks, deliver_all, record_poll, serve_digest, write_due_sites
from aggregator.observe.metrics import Metrics
from aggregator.services.intake.fetching import POLL_LEASE
from aggregator.services.program import Program
from aggregator.store.cluster import claims
from aggregator.store.cluster.membership import LIFE
from aggregator.store.cluster.politeness import Manners
from aggregator.store.errors import LeaseLost, StoreError
from aggregator.store.intake import entries as entry_store

log = logging.getLogger(__name__)

GROUP_WAIT = timedelta(seconds=60)  # an edition waits so long for the worker that groups
RENEW = POLL_LEASE / 5  # how often the leases of polls under way are renewed
_LOOK = 0.5  # seconds between two looks


def build_cluster_tasks(
    program: Program, metrics: Metrics, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> dict[str, Task]:
    """Return every task by name, bound to this program."""

    async def poll(lane: int) -> None:  # noqa: ARG001 - only tells the tasks apart
        while not program.delivery.stopping.is_set():
            manners = _manners(program.config)
            now, holder = program.clock.now(), program.context.holder
            claimed = await asyncio.to_thread(
                claims.claim_due, program.db, now, holder, POLL_LEASE, POLL_BATCH, manners
            )
            if not claimed.feeds:
                return
            await poll_held(program, claimed, manners, metrics)
            if not claimed.more:  # what becomes due next waits for the next tick: claims of few feeds cost the most
                return

    async def compose(digest: str) -> None:
        await until_grouped(program, sleep)
        await serve_digest(program.editions, metrics, digest)

    async def deliver(lane: int) -> None:
        await deliver_all(program.delivery, program.operator, metrics)
        if lane == 0:  # every tick submits this one, and one task at a time may write a site
            await write_due_sites(program)

    return {**build_tasks(program, metrics), "poll": poll, "compose": compose, "deliver": deliver}


async def poll_held(program: Program, claimed: claims.ClaimedFeeds, manners: Manners, metrics: Metrics) -> None:
    """Poll claimed feeds, and renew their leases and those of their hosts: pages of articles may take long.

    When other workers may have taken the hosts over, because this one was paused or lost the database, requests under
    way are cancelled and the rest is not polled.
    """
    clock = program.clock
    polling = asyncio.ensure_future(program.fetching.poll(claimed.feeds, lambda polled: record_poll(polled, metrics)))
    try:
        looked = renewed = clock.monotonic()
        while not (await asyncio.wait([polling], timeout=_LOOK))[0]:
            if clock.monotonic() - looked > LIFE.total_seconds() or not program.fetching.may_begin():
                log.warning("polls are given up: other workers may do them by now")
                return
            if clock.monotonic() - renewed > RENEW.total_seconds():
                claimed, renewed = await _renewed(program, claimed), clock.monotonic()
            looked = clock.monotonic()
        await polling
    except LeaseLost as error:
        log.warning("polls are given up", extra={"fields": {"feeds": len(claimed.feeds), "why": str(error)}})
    finally:
        polling.cancel()
        await asyncio.wait([polling])
        free_from = clock.now() + manners.delay
        await asyncio.to_thread(claims.release_hosts, program.db, claimed, free_from)


async def _renewed(program: Program, claimed: claims.ClaimedFeeds) -> claims.ClaimedFeeds:
    """Renew a claim; if the database fails, the next try follows in time. Raises LeaseLost."""
    now, holder = program.clock.now(), program.context.holder
    try:
        return await asyncio.to_thread(claims.renew, program.db, claimed, holder, now, POLL_LEASE)
    except LeaseLost:
        raise
    except StoreError as error:
        if claimed.until is not None and claimed.until - program.clock.now() < RENEW:
            raise LeaseLost("the database cannot be reached") from error
        return claimed


def _manners(config: Config) -> Manners:
    return Manners(config.fetch.per_host, config.fetch.host_delay, config.fetch.timeout)


async def until_grouped(program: Program, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> bool:
    """Wait until the entries that have arrived by now are in stories; False if GROUP_WAIT passed first."""
    now = program.clock.now()
    deadline = program.clock.monotonic() + GROUP_WAIT.total_seconds()
    while await asyncio.to_thread(entry_store.any_ungrouped, program.db, now):
        if program.clock.monotonic() >= deadline:
            log.warning("composing without entries that are not grouped yet", extra={"fields": {"since": str(now)}})
            return False
        await sleep(_LOOK)
    return True
