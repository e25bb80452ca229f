"""The operator service: letters to the person who runs the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.operator import letters
from aggregator.operator.letters import Addressee
from aggregator.pipeline.issue import Sender
from aggregator.services.channels import configured_channel
from aggregator.services.context import Context
from aggregator.services.mail_sender import unsigned_sender
from digests.channels import Channel
from digests.channels.kinds import Channels


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """The operator's address or "", a sender without keys, and the mail channel for letters that skip the outbox."""

    address: str
    fallback: Sender
    channel: Callable[[], Channel]


class OperatorService:
    """Writes to the operator. `sender` returns the sender of mail."""

    def __init__(self, context: Context, settings: OperatorSettings, sender: Callable[[], Sender]) -> None:
        self._context = context
        self._settings = settings
        self._sender = sender

    def configure(self, settings: OperatorSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings

    def report(self, subject: str, problems: Sequence[str]) -> list[str]:
        """Queue a letter about the problems that were not reported recently; return these. Raises StoreError."""
        context = self._context
        return letters.report(context.db, self._addressee(), subject, problems, context.clock.now())

    def send_now(self, subject: str, problems: Sequence[str]) -> bool:
        """Send a letter without the outbox, for when the database fails. False if it could not be sent."""
        channel = self._settings.channel
        return letters.send_now(channel, self._addressee(), subject, problems, self._context.clock.now())

    def _addressee(self) -> Addressee:
        return Addressee(self._settings.address, self._sender, self._settings.fallback)


def operator_settings(config: Config) -> OperatorSettings:
    """Read the settings of letters to the operator from the configuration."""
    mail = config.mail
    address = mail.owner if mail.sender else ""
    return OperatorSettings(address, unsigned_sender(config), lambda: configured_channel(config, Channels.MAIL))
