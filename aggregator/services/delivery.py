"""The delivery service: delivers the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.pipeline.deliver import DeliveryReport, DeliverySettings, deliver_due
from aggregator.services.channels import configured_channel
from aggregator.services.context import Context
from aggregator.store.outgoing import deliveries
from digests.channels import Channel
from digests.outbox import Policy, WhenUnknown

BATCH = 500  # deliveries of one pass of the daemon, so that it reports its progress
_PACE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DeliveryServiceSettings:
    """The settings of delivery. `channel` opens the channel of a kind."""

    channel: Callable[[str], Channel]
    policy: Policy
    pace: DeliverySettings


class DeliveryService:
    """Delivers the outbox."""

    def __init__(self, context: Context, settings: DeliveryServiceSettings) -> None:
        self._context = context
        self._settings = settings
        self.stopping = threading.Event()
        """Set when the program stops: deliveries that have not started are released."""

    def configure(self, settings: DeliveryServiceSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings

    def drain(self, wait: Callable[[float], object] | None = None) -> DeliveryReport:
        """Deliver until nothing is due; wait for the limit of messages a minute."""
        report = self.deliver(None)
        while report.paced and not self.stopping.is_set():
            (wait or self.stopping.wait)(_PACE_SECONDS)
            report = report.then(self.deliver(None))
        return report

    def retry_now(self, digest: str | None = None) -> DeliveryReport:
        """Deliver what is queued; what waits for its next try is tried now, of one digest or of all."""
        deliveries.hurry(self._context.db, digest, self._context.clock.now())
        return self.drain()

    def deliver(self, limit: int | None = BATCH) -> DeliveryReport:
        """Deliver what is due, at most `limit` deliveries, or all."""
        settings, context = self._settings, self._context
        return deliver_due(
            context.db,
            settings.channel,
            context.clock,
            settings.policy,
            context.holder,
            limit=limit,
            stopping=self.stopping.is_set,
            settings=settings.pace,
        )


def delivery_settings(config: Config) -> DeliveryServiceSettings:
    """Read the settings of delivery from the configuration."""
    return DeliveryServiceSettings(
        channel=lambda kind: configured_channel(config, kind),
        policy=Policy(when_unknown=WhenUnknown(config.mail.when_unknown), max_age=config.mail.max_age),
        pace=DeliverySettings(per_minute=config.mail.per_minute, shared=config.cluster.enabled),
    )
