"""The delivery service: delivers the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.pipeline.deliver import DeliveryReport, DeliverySettings, deliver_due
from aggregator.services.channels import configured_channel
from aggregator.services.context import Context
from digests.channels import Channel
from digests.outbox import Policy, WhenUnknown


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

    def deliver(self, limit: int | None = 100) -> DeliveryReport:
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
        pace=DeliverySettings(per_minute=config.mail.per_minute),
    )
