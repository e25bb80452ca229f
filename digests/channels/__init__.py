"""Ways out for an edition: each takes one parcel and answers, or says precisely how it did not.

Modules: `base` what every channel is, `settings` what each kind needs to know; `smtp` (SMTP and LMTP) over `session` (one
conversation), `replies` (what an answer means) and `wire` (bounded bytes); `sendmail` a program; `maildir` and `files` the
disk; `webhook` signed HTTP; `notify` apprise; `memory` the shipped twin.
"""

from __future__ import annotations

from digests.channels.base import BeforeDot, Channel
from digests.channels.settings import (
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    Settings,
    SmtpSettings,
    Timeouts,
    WebhookSettings,
)

__all__ = [
    "KINDS",
    "BeforeDot",
    "Channel",
    "FolderSettings",
    "LmtpSettings",
    "MaildirSettings",
    "NotifySettings",
    "SendmailSettings",
    "Settings",
    "SmtpSettings",
    "Timeouts",
    "WebhookSettings",
    "open_channel",
]

KINDS: dict[str, type] = {
    "smtp": SmtpSettings,
    "lmtp": LmtpSettings,
    "sendmail": SendmailSettings,
    "maildir": MaildirSettings,
    "folder": FolderSettings,
    "epub": FolderSettings,
    "atom": FolderSettings,
    "webhook": WebhookSettings,
    "notify": NotifySettings,
    "memory": type(None),
}


def open_channel(kind: str, settings: Settings = None) -> Channel:
    """Open a channel of a kind (the keys of `KINDS`) with the settings of that kind. Nothing is connected yet.

    Each kind is imported when it is first opened. Raises ValueError for an unknown kind, TypeError for settings of another.
    """
    if kind not in KINDS:
        raise ValueError(f"no channel {kind!r}; there are {', '.join(KINDS)}")
    if not isinstance(settings, KINDS[kind]):
        raise TypeError(f"the channel {kind} takes {KINDS[kind].__name__}, not {type(settings).__name__}")
    return _open_on_disk(kind, settings) if isinstance(settings, FolderSettings) else _open(settings)


def _open_on_disk(kind: str, settings: FolderSettings) -> Channel:
    from digests.channels import files

    kinds = {"folder": files.FolderChannel, "epub": files.EpubChannel, "atom": files.AtomChannel}
    return kinds[kind](settings)


def _open(settings: Settings) -> Channel:
    match settings:
        case SmtpSettings():
            from digests.channels.smtp import SmtpChannel

            return SmtpChannel(settings)
        case LmtpSettings():
            from digests.channels.smtp import LmtpChannel

            return LmtpChannel(settings)
        case SendmailSettings():
            from digests.channels.sendmail import SendmailChannel

            return SendmailChannel(settings)
        case MaildirSettings():
            from digests.channels.maildir import MaildirChannel

            return MaildirChannel(settings)
        case WebhookSettings():
            from digests.channels.webhook import WebhookChannel

            return WebhookChannel(settings)
        case NotifySettings():
            from digests.channels.notify import NotifyChannel

            return NotifyChannel(settings)
        case _:
            from digests.channels.memory import MemoryChannel

            return MemoryChannel()
