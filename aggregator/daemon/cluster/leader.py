"""The leader, the one worker of a cluster that calls the ticks; and how each worker shows that it is alive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from aggregator.services.context import Context
from aggregator.store import Database, leases
from aggregator.store.cluster import membership
from aggregator.store.errors import StoreError

log = logging.getLogger(__name__)

LEADER = "leader"  # the name of the lease
CAMPAIGN = timedelta(seconds=3)  # how often the leader renews its lease and the others try to take it
_MARGIN = timedelta(seconds=5)  # before its lease ends, a leader that could not renew it stops


class Leader:
    """Shows that this worker is alive, renews its leases, and holds the leader's lease while it can.

    After a crash of the leader another worker takes over: within SILENT + CAMPAIGN when its process is gone, within
    LIFE + CAMPAIGN when its machine is. The leader only submits tasks, which may safely run twice. So a leader that was
    paused and still calls a tick after its lease ended does no harm; no fence is needed.
    """

    def __init__(
        self,
        context: Context,
        session: Database,
        kept: Callable[[], Sequence[str]] = tuple,
        job_worker: Callable[[], int | None] = lambda: None,
    ) -> None:
        """Renew by `session`, a connection of its own (`membership.open_session`).

        `kept` returns names of more leases, which are extended while this worker has them; `job_worker` returns the
        worker's number in the job tables.
        """
        self._context, self._session, self._kept, self._job_worker = context, session, kept, job_worker
        self._until = 0.0
        self._renewed = 0.0
        # A thread of its own: others may all wait for a slow database, and the lease must not wait for them.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leader")

    @property
    def leads(self) -> bool:
        """Whether this worker is the leader now."""
        return self._context.clock.monotonic() < self._until

    @property
    def alive(self) -> bool:
        """Whether the other workers believe that this one is alive. If not, they may do its work by now."""
        return self._context.clock.monotonic() - self._renewed < membership.LIFE.total_seconds()

    async def campaign(self) -> None:
        """Show a sign of life, release leases of dead workers, and take or renew the leader's. Raises StoreError."""
        context, led = self._context, self.leads
        began = context.clock.monotonic()
        taken = await asyncio.get_running_loop().run_in_executor(self._thread, self._renew)
        self._renewed = began
        self._until = began + (membership.LIFE - _MARGIN).total_seconds() if taken else 0.0
        if taken and not led:
            log.info("this worker is the leader now")
        elif led and not taken:
            log.warning("another worker is the leader now")

    def _renew(self) -> bool:
        context, db = self._context, self._session
        # When the database was away, the others could not show that they are alive either.
        if context.clock.monotonic() - self._renewed <= membership.SILENT.total_seconds():
            for holder in membership.release_dead(db, context.clock.now()):
                log.warning("a worker died", extra={"fields": {"worker": holder}})
        return membership.renew(
            db, context.holder, context.clock.now(), wanted=LEADER, kept=self._kept(), job_worker=self._job_worker()
        )

    async def resign(self) -> None:
        """Give the lease up, so that another worker takes over at its next attempt. For a worker that stops."""
        self._until = 0.0
        await self._give_up(lambda db, holder: leases.release(db, LEADER, holder))

    async def leave(self) -> None:
        """Note that this worker has stopped, and release what it still has leased."""
        await self._give_up(lambda db, holder: membership.leave(db, holder, self._context.clock.now()))
        self._session.close()

    async def _give_up(self, release: Callable[[Database, str], None]) -> None:
        loop, context = asyncio.get_running_loop(), self._context
        try:  # in the same thread, so after a renewal that has begun
            await loop.run_in_executor(self._thread, release, self._session, context.holder)
        except StoreError as error:
            log.warning("a lease was not released", extra={"fields": {"why": str(error)}})
