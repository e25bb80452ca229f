"""Figures of the current state for the metrics: the queue, failing feeds, the last edition of each digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from aggregator.store.attempts import count_aside
from aggregator.store.database import Database
from aggregator.store.intake.feeds import count_subscribed
from aggregator.store.schema.tables import delivery, edition
from digests.outbox import OPEN

if TYPE_CHECKING:
    from aggregator.store.cluster.jobs import QueueFigures


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the metrics.

    `open_deliveries` counts deliveries by state; `oldest` is when the longest waiting one was queued; `editions` has
    the time of the last edition by digest; `queues` are the task queues of a cluster; `set_aside` counts what is not
    tried any more by kind of work.
    """

    open_deliveries: Mapping[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    failing_feeds: int = 0
    editions: Mapping[str, datetime] = field(default_factory=dict)
    queues: Sequence[QueueFigures] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)


def read_figures(db: Database) -> Figures:
    """Return the current figures."""
    waiting = delivery.c.state.in_(OPEN)
    by_state = select(delivery.c.state, func.count().label("number")).where(waiting).group_by(delivery.c.state)
    oldest = select(func.min(delivery.c.created)).where(waiting)
    _, failing = count_subscribed(db)
    set_aside = count_aside(db)
    last = select(edition.c.digest, func.max(edition.c.composed).label("composed")).group_by(edition.c.digest)
    with db.read() as connection:
        return Figures(
            {row.state: row.number for row in connection.execute(by_state)},
            connection.execute(oldest).scalar(),
            failing,
            {row.digest: row.composed for row in connection.execute(last)},
            set_aside=set_aside,
        )
