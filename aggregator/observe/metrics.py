"""Counters and gauges in the Prometheus text format. docs/running.md lists every name, and a test compares the two."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from aggregator.observe.health import Health
from aggregator.store.attempts import WORK
from digests.outbox import OPEN

if TYPE_CHECKING:
    from aggregator.pipeline.deliver import DeliveryReport
    from aggregator.pipeline.fetch import Polled
    from aggregator.store.figures import Figures
    from digests.model import Edition


QUEUE_GAUGES = {  # of a cluster; the last two count the last five minutes
    "waiting": "Tasks that wait, by queue.",
    "running": "Tasks that run, by queue.",
    "oldest_seconds": "How long the oldest waiting task of a queue has been due.",
    "done_per_second": "Tasks that ended, by queue.",
    "failed": "Tasks that failed, by queue.",
}


class Metrics:
    """The metrics of one process, in their own registry, so that two programs in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.health = Health()
        self._polls = Counter("aggregator_polls", "Feeds polled, by outcome.", ["outcome"], registry=self.registry)
        self._entries = Counter("aggregator_entries", "Entries that arrived.", registry=self.registry)
        self._grouped = Counter("aggregator_grouped_entries", "Entries put into stories.", registry=self.registry)
        self._editions = Counter("aggregator_editions", "Editions composed.", ["digest"], registry=self.registry)
        self._stories = Counter(
            "aggregator_stories_told", "Stories told in editions.", ["digest"], registry=self.registry
        )
        self._deliveries = Counter(
            "aggregator_deliveries", "Deliveries tried, by outcome.", ["outcome"], registry=self.registry
        )
        self._failures = Counter(
            "aggregator_failures", "Ticks and tasks that failed.", ["kind", "name"], registry=self.registry
        )
        self._ticks = Gauge(
            "aggregator_tick_timestamp_seconds", "When each tick last ran.", ["tick"], registry=self.registry
        )

        self._open = Gauge(
            "aggregator_open_deliveries", "Deliveries in the queue, by state.", ["state"], registry=self.registry
        )
        self._oldest = Gauge(
            "aggregator_oldest_delivery_age_seconds",
            "How long the oldest delivery in the queue has been waiting.",
            registry=self.registry,
        )
        self._failing = Gauge("aggregator_failing_feeds", "Feeds whose last poll failed.", registry=self.registry)
        self._set_aside = Gauge(
            "aggregator_set_aside",
            "What is not tried any more, because it stopped its process, by kind of work.",
            ["work"],
            registry=self.registry,
        )
        self._last_edition = Gauge(
            "aggregator_last_edition_timestamp_seconds",
            "When the last edition of each digest was composed.",
            ["digest"],
            registry=self.registry,
        )
        self._queues = {
            name: Gauge(f"aggregator_queue_{name}", text, ["queue"], registry=self.registry)
            for name, text in QUEUE_GAUGES.items()
        }

    def polled(self, polled: Polled) -> None:
        """Count one poll."""
        outcome = polled.code or ("unchanged" if polled.unchanged else "ok")
        self._polls.labels(outcome).inc()
        self._entries.inc(polled.new)

    def grouped(self, entries: int) -> None:
        """Count entries put into stories."""
        self._grouped.inc(entries)

    def composed(self, edition: Edition) -> None:
        """Count one edition."""
        self._editions.labels(edition.digest).inc()
        self._stories.labels(edition.digest).inc(len(edition.items))

    def delivered(self, report: DeliveryReport) -> None:
        """Count the outcomes of one delivery run."""
        for outcome, count in report.counts.items():
            self._deliveries.labels(outcome).inc(count)

    def failed(self, kind: str, name: str) -> None:
        """Count a tick or a task that failed."""
        self._failures.labels(kind, name).inc()

    def ticked(self, tick: str, at: datetime, span: timedelta) -> None:
        """Record that a tick which runs every `span` has run."""
        self._ticks.labels(tick).set(at.timestamp())
        self.health.ticked(tick, at, span)

    def text(self, figures: Figures, now: datetime) -> bytes:
        """Return all metrics in the text format, with the current figures of the database."""
        for state in OPEN:
            self._open.labels(state).set(figures.open_deliveries.get(state, 0))
        self._oldest.set(max(0.0, (now - figures.oldest).total_seconds()) if figures.oldest else 0)
        self._failing.set(figures.failing_feeds)
        for work in WORK:
            self._set_aside.labels(work).set(figures.set_aside.get(work, 0))
        for digest, composed in figures.editions.items():
            self._last_edition.labels(digest).set(composed.timestamp())
        for queue in figures.queues:
            self._queues["waiting"].labels(queue.name).set(queue.waiting)
            self._queues["running"].labels(queue.name).set(queue.running)
            self._queues["oldest_seconds"].labels(queue.name).set(queue.oldest.total_seconds())
            self._queues["done_per_second"].labels(queue.name).set(queue.per_second)
            self._queues["failed"].labels(queue.name).set(queue.failed)
        return generate_latest(self.registry)
