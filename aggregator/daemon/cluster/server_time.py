"""The time of a cluster: the database server's, because leases are compared between machines."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from aggregator.store import Database
from aggregator.store.cluster import server
from aggregator.system.clock import AnchoredClock

log = logging.getLogger(__name__)

_LEAST = timedelta(seconds=1)  # a smaller difference changes nothing
_NOTED = timedelta(seconds=5)
_SLOWEST = 2.0  # seconds; the response of a slower server says little about its clock


async def follow_server(db: Database, clock: AnchoredClock) -> None:
    """Set the clock to the database server's if they differ. Call it regularly. Raises StoreError."""
    began = clock.monotonic()
    at = await asyncio.to_thread(server.read_clock, db)
    took = clock.monotonic() - began
    by = at + timedelta(seconds=took / 2) - clock.now()
    if took > _SLOWEST or abs(by) < _LEAST:
        return
    clock.set(clock.now() + by)
    if abs(by) >= _NOTED:
        fields = {"by_seconds": round(by.total_seconds())}
        log.warning("this machine's clock differs from the database's, which is used", extra={"fields": fields})
