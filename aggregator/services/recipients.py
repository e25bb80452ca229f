"""The recipients service: invitations to confirm a subscription, and bounces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from aggregator.config.schema import Config
from aggregator.pipeline.issue import Sender
from aggregator.recipients import bounces, opt_in
from aggregator.recipients.bounces import Returned
from aggregator.recipients.opt_in import Invited
from aggregator.services.channels import bounce_mailbox
from aggregator.services.context import Context
from aggregator.store.records import RecipientConfigRow


@dataclass(frozen=True, slots=True)
class RecipientsSettings:
    """`titles` maps a digest's name to title and language; `strikes` is the number of bounces that pause an address."""

    titles: Mapping[str, tuple[str, str]]
    strikes: int
    mailbox: Callable[[], Iterator[bytes]]


class RecipientsService:
    """Invites recipients and processes bounces. `sender` returns the sender of mail."""

    def __init__(self, context: Context, settings: RecipientsSettings, sender: Callable[[], Sender]) -> None:
        self._context = context
        self._settings = settings
        self._sender = sender

    def configure(self, settings: RecipientsSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings

    def invite(self, recipient: RecipientConfigRow, name: str, *, stranger: bool = False) -> Invited:
        """Queue a letter that asks a recipient to confirm the subscription to a digest; see `opt_in.invite`."""
        settings, context = self._settings, self._context
        title, language = settings.titles.get(name, (name, ""))
        digest = (name, title, language)
        now = context.clock.now()
        return opt_in.invite(context.db, self._sender(), recipient, digest, now, stranger=stranger)

    def take_reports(self, messages: Iterable[bytes]) -> Iterator[Returned]:
        """Process bounces and complaints; yield each result."""
        keys, strikes, now = self._sender().keys, self._settings.strikes, self._context.clock.now()
        for message in messages:
            yield from bounces.take(self._context.db, message, keys, strikes, now)

    def read_mailbox(self) -> Iterator[Returned]:
        """Process the new messages in the mailbox of bounces, if one is configured. Raises MailboxError."""
        return self.take_reports(self._settings.mailbox())


def recipients_settings(config: Config) -> RecipientsSettings:
    """Read the settings of subscriptions and bounces from the configuration."""
    return RecipientsSettings(
        titles={d.name: (d.title or d.name, d.language) for d in config.outputs},
        strikes=config.bounces.strikes,
        mailbox=lambda: bounce_mailbox(config),
    )
