"""Channels for editions and letters: each delivers one parcel at a time, or raises the precise reason why not.

Modules: `base` what every channel is, `kinds` the list of them, `recipient` who gets something through one, `settings`
what each transport needs to know; `smtp` (SMTP and LMTP) over `session` (one conversation), `replies` (what an answer
means) and `wire` (bounded bytes); `sendmail` a program; `maildir` and `files` the disk; `webhook` signed HTTP; `notify`
apprise; `memory` the shipped twin.
"""

from __future__ import annotations

from digests.channels.base import BeforeDot, Channel
from digests.channels.kinds import TRANSPORTS
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
    "TRANSPORTS",
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


def open_channel(transport: str, settings: Settings = None) -> Channel:
    """Open a channel by a transport (the keys of `TRANSPORTS`) with the settings of that transport. Nothing is connected yet.

    Raises ValueError for an unknown transport, TypeError for settings of another.
    """
    if transport not in TRANSPORTS:
        raise ValueError(f"no channel {transport!r}; there are {', '.join(TRANSPORTS)}")
    wanted = TRANSPORTS[transport]
    if not isinstance(settings, wanted.settings):
        raise TypeError(f"the channel {transport} takes {wanted.settings.__name__}, not {type(settings).__name__}")
    channel: Channel = wanted.open(settings)
    return channel
