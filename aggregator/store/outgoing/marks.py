"""Marks several deliveries with one wait for the disk, so that a slow disk does not bound how many go out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.store.database import Database
from aggregator.store.errors import LeaseLost
from aggregator.store.outgoing import deliveries
from aggregator.store.outgoing.outcomes import TAKE_BACK


class Marks:
    """The marks of one run. `window` deliveries are marked together, so a power failure leaves at most so many unknown.

    A mark that is older than a fourth of `lease` counts only after the lease was renewed: another process may have
    taken the delivery over while this one was stopped. With `shared` each mark that was made before is read again,
    because another worker may have taken this process for dead, and the delivery over, at any time.
    """

    def __init__(self, db: Database, holder: str, lease: timedelta, window: int, *, shared: bool = False) -> None:
        self._db, self._holder, self._lease, self._window, self._shared = db, holder, lease, window, shared
        self._marked: dict[int, datetime] = {}  # when each was marked; without those whose final dot may be out

    def mark(self, delivery_id: int, following: Sequence[int], now: datetime) -> None:
        """Have the mark of a delivery on the disk, and those of the ones that follow. Raises LeaseLost: do not send."""
        at = self._marked.pop(delivery_id, None)
        if at is None:
            more = [key for key in following if key not in self._marked][: self._window - 1]
            self._marked.update(dict.fromkeys(deliveries.mark_dot(self._db, delivery_id, self._holder, now, more), now))
        elif not self._holds(delivery_id, at, now):
            raise LeaseLost

    def _holds(self, delivery_id: int, marked: datetime, now: datetime) -> bool:
        """Whether a delivery that was marked before is still this run's."""
        recent = timedelta(0) <= now - marked < self._lease / 4
        if not recent and not deliveries.renew(self._db, [delivery_id], self._holder, now, self._lease):
            return False
        return not self._shared or deliveries.still_marked(self._db, delivery_id, self._holder)

    def take_back(self) -> None:
        """Take the marks of deliveries back that were not sent, so that nobody takes them for interrupted ones."""
        keys, self._marked = list(self._marked), {}
        if keys:
            with self._db.write(durable=False) as connection:
                connection.execute(TAKE_BACK, {"keys": keys, "holder": self._holder})
