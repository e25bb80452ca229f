"""Opening the configured channels and mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.services.network import WebhookTransport
from digests.channels import (
    TRANSPORTS,
    Channel,
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    Settings,
    SmtpSettings,
    Timeouts,
    WebhookSettings,
    open_channel,
)
from digests.channels.kinds import CHANNEL_KINDS

MailboxTable = Literal["bounces", "newsletters"]
"""The tables of the configuration that name a mailbox."""

if TYPE_CHECKING:
    from aggregator.config.sections import Mailbox
    from aggregator.recipients.mailbox import ImapSettings


def configured_channel(config: Config, kind: str) -> Channel:
    """Open the channel of a kind (`digests.channels.kinds`). Raises ValueError when there is no such kind."""
    if kind not in CHANNEL_KINDS:
        raise ValueError(f"no channel delivers to {kind!r}")
    transports = CHANNEL_KINDS[kind].transports
    transport = config.mail.transport if config.mail.transport in transports else transports[0]
    return open_channel(transport, _SETTINGS[TRANSPORTS[transport].settings](config))


def _webhook(config: Config) -> WebhookSettings:
    key = secret(config, "webhook", "secret")
    transport = WebhookTransport(allow_private=config.webhook.allow_private)
    return WebhookSettings(
        secret=key.get_secret_value().encode() if key else b"", transport=transport, check=transport.check
    )


def mail_settings(config: Config) -> Settings:
    """Return the settings of the mail channel. Raises SecretMissing."""
    return _SETTINGS[TRANSPORTS[config.mail.transport].settings](config)


def _smtp(config: Config) -> SmtpSettings:
    mail, password = config.mail, secret(config, "mail", "password")
    return SmtpSettings(
        host=mail.host,
        port=mail.smtp_port,
        security=mail.security,
        user=mail.user,
        password=password.get_secret_value() if password else "",
        timeouts=_timeouts(config),
    )


def _lmtp(config: Config) -> LmtpSettings:
    mail = config.mail
    socket = Path(mail.socket) if mail.socket else None
    return LmtpSettings(mail.host or "127.0.0.1", mail.port or 24, socket, timeouts=_timeouts(config))


def _timeouts(config: Config) -> Timeouts:
    # The configured timeout limits connecting only. Later an early timeout would cause duplicates, so the minimum of
    # RFC 5321 is used there.
    return Timeouts(connect=min(config.mail.timeout.total_seconds(), 60.0))


_SETTINGS: dict[type, Callable[[Config], Settings]] = {
    SmtpSettings: _smtp,
    LmtpSettings: _lmtp,
    SendmailSettings: lambda config: SendmailSettings(Path(config.mail.command)),
    MaildirSettings: lambda _: MaildirSettings(Path("/")),
    FolderSettings: lambda _: FolderSettings(Path("/")),
    WebhookSettings: _webhook,
    NotifySettings: lambda _: NotifySettings(),
}
"""Functions that read a transport's settings from the configuration, by class of settings."""


def bounce_mailbox(config: Config) -> Iterator[bytes]:
    """Yield the new messages in the mailbox of bounces, if one is configured. Raises MailboxError."""
    from aggregator.recipients import mailbox

    settings = config.bounces
    if settings.maildir:
        yield from mailbox.maildir(config.resolve(settings.maildir))
    if settings.imap_host:
        yield from mailbox.imap(imap_settings(config, "bounces"))


def imap_settings(config: Config, table: MailboxTable) -> ImapSettings:
    """Return the settings of the IMAP folder of a table. Raises SecretMissing."""
    from aggregator.recipients.mailbox import ImapSettings

    section: Mailbox = getattr(config, table)
    password = secret(config, table, "password")
    return ImapSettings(
        host=section.imap_host,
        port=section.imap_port,
        user=section.imap_user,
        password=password.get_secret_value() if password else "",
        folder=section.imap_folder,
        security=section.imap_security,
    )
