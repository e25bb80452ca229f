"""Opens the channels that the configuration describes, and the mailbox that bounces come back to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.services.network import WebhookTransport
from digests.channels import (
    Channel,
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    SmtpSettings,
    Timeouts,
    WebhookSettings,
    open_channel,
)


def channel(config: Config, kind: str) -> Channel:
    """Open the channel of a kind: mail, folder, epub, atom, maildir, webhook, notify. Raises ValueError for any other."""
    match kind:
        case "mail":
            return _mail(config)
        case "folder" | "epub" | "atom":
            return open_channel(kind, FolderSettings(Path("/")))
        case "maildir":
            return open_channel("maildir", MaildirSettings(Path("/")))
        case "webhook":
            return open_channel("webhook", _webhook(config))
        case "notify":
            return open_channel("notify", NotifySettings())
    raise ValueError(f"no channel delivers to {kind!r}")


def _webhook(config: Config) -> WebhookSettings:
    key = secret(config, "webhook", "secret")
    transport = WebhookTransport(allow_private=config.webhook.allow_private)
    return WebhookSettings(
        secret=key.get_secret_value().encode() if key else b"", transport=transport, check=transport.check
    )


def _mail(config: Config) -> Channel:
    mail = config.mail
    # The user's timeout bounds connecting only: giving up early later means duplicates, so the standard's minimum holds there.
    timeouts = Timeouts(connect=min(mail.timeout.total_seconds(), 60.0))
    match mail.transport:
        case "sendmail":
            return open_channel("sendmail", SendmailSettings(Path(mail.command)))
        case "lmtp":
            socket = Path(mail.socket) if mail.socket else None
            return open_channel(
                "lmtp", LmtpSettings(mail.host or "127.0.0.1", mail.port or 24, socket, timeouts=timeouts)
            )
    password = secret(config, "mail", "password")
    return open_channel(
        "smtp",
        SmtpSettings(
            host=mail.host,
            port=mail.smtp_port,
            security=mail.security,
            user=mail.user,
            password=password.get_secret_value() if password else "",
            timeouts=timeouts,
        ),
    )


def bounce_mailbox(config: Config) -> Iterator[bytes]:
    """The new messages of the mailbox of bounces; none when none is configured. Raises MailboxError."""
    from aggregator.recipients import mailbox

    settings = config.bounces
    if settings.maildir:
        yield from mailbox.maildir(config.resolve(settings.maildir))
    if settings.imap_host:
        password = secret(config, "bounces", "password")
        yield from mailbox.imap(
            mailbox.ImapSettings(
                host=settings.imap_host,
                port=settings.imap_port,
                user=settings.imap_user,
                password=password.get_secret_value() if password else "",
                folder=settings.imap_folder,
                security=settings.imap_security,
            )
        )
