"""Letters to the person who runs the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.operator import letters
from aggregator.operator.letters import Notice
from aggregator.services.channels import channel
from aggregator.services.context import Context
from digests.channels import Channel
from digests.channels.kinds import Channels


@dataclass(frozen=True, slots=True)
class OperatorSettings:
    """Who writes to the operator, and the mail channel that carries the letter."""

    notice: Notice
    channel: Callable[[], Channel]


class OperatorService:
    """Writes to the operator."""

    def __init__(self, context: Context, settings: OperatorSettings) -> None:
        self._context = context
        self._settings = settings

    def configure(self, settings: OperatorSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings

    def notify(self, subject: str, lines: Sequence[str]) -> bool:
        """Write to the operator; False when no mail went out, and the caller tries again later."""
        settings = self._settings
        return letters.tell(settings.notice, settings.channel, subject, lines, self._context.clock.now())


def operator_settings(config: Config) -> OperatorSettings:
    """The settings of letters to the operator."""
    mail = config.mail
    notice = Notice(mail.sender, mail.owner if mail.sender else "", mail.mail_domain)
    return OperatorSettings(notice, lambda: channel(config, Channels.MAIL))
