"""The objects that all services share."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.store import Database
from aggregator.system.clock import Clock


@dataclass(frozen=True, slots=True)
class Context:
    """The database, the clock, and the name under which this process holds leases."""

    db: Database
    clock: Clock
    holder: str
