"""The leader: the one worker of a cluster that calls the ticks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from aggregator.services.context import Context
from aggregator.store import Database, leases
from aggregator.store.cluster import membership
from aggregator.store.errors import StoreError

log = logging.getLogger(__name__)

LEADER = "leader"  # the name of the lease
LEASE = timedelta(seconds=30)
CAMPAIGN = timedelta(seconds=10)  # how often the leader renews its lease and the others try to take it
_MARGIN = timedelta(seconds=5)  # before its lease ends, a leader that could not renew it stops


class Leader:
    """Holds the leader's lease while it can. Another worker takes over within LEASE + CAMPAIGN after a crash.

    The leader only submits tasks, which may safely run twice. So a leader that was paused and still calls a tick after
    its lease ended does no harm; no fence is needed.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._until = 0.0
        # A thread of its own: others may all wait for a slow database, and the lease must not wait for them.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leader")

    @property
    def leads(self) -> bool:
        """Whether this worker is the leader now."""
        return self._context.clock.monotonic() < self._until

    async def campaign(self) -> None:
        """Show a sign of life, and take or renew the leader's lease. Raises StoreError."""
        context, led = self._context, self.leads
        began = context.clock.monotonic()
        taken = await asyncio.get_running_loop().run_in_executor(self._thread, self._renew)
        self._until = began + (LEASE - _MARGIN).total_seconds() if taken else 0.0
        if taken and not led:
            log.info("this worker is the leader now")
        elif led and not taken:
            log.warning("another worker is the leader now")

    def _renew(self) -> bool:
        db, holder, now = self._context.db, self._context.holder, self._context.clock.now()
        membership.sign_of_life(db, holder, now, LEASE)
        return leases.acquire(db, LEADER, holder, now, LEASE)

    async def resign(self) -> None:
        """Give the lease up, so that another worker takes over at its next attempt. For a worker that stops."""
        self._until = 0.0
        await self._give_up(lambda db, holder: leases.release(db, LEADER, holder))

    async def leave(self) -> None:
        """Note that this worker has stopped, and release what it still has leased."""
        await self._give_up(membership.leave)

    async def _give_up(self, release: Callable[[Database, str], None]) -> None:
        loop, context = asyncio.get_running_loop(), self._context
        try:  # in the same thread, so after a renewal that has begun
            await loop.run_in_executor(self._thread, release, context.db, context.holder)
        except StoreError as error:
            log.warning("a lease was not released", extra={"fields": {"why": str(error)}})
