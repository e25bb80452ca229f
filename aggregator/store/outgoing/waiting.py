"""Which deliveries are open: asked by each `fetch --due`, so that it imports little else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal_column, select

from aggregator.store.database import Database
from aggregator.store.schema.tables import delivery
from digests.outbox import OPEN


def any_open(db: Database) -> bool:
    """Whether a delivery waits or is on its way."""
    with db.read() as connection:
        return connection.execute(select(delivery.c.id).where(is_open(delivery)).limit(1)).first() is not None


def is_open(table: Any) -> Any:
    """Return the condition that a delivery of the table waits or is on its way."""
    # The states are literals, so that both databases use the partial index of open deliveries.
    return table.c.state.in_([literal_column(f"'{state}'") for state in OPEN])
