"""Channels that deliver editions and letters, one parcel at a time.

Modules: `base` has the interface, `kinds` the list of kinds and transports, `recipient` the recipient's value,
`settings` the settings of each transport. `smtp` (SMTP and LMTP) uses `session` (one SMTP session), `replies` (the
errors of replies) and `wire` (the connection). `sendmail` runs a program, `maildir` and `files` write files,
`webhook` posts signed JSON, `notify` uses apprise, and `memory` is for tests.
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
    """Return the channel of a transport (a key of `TRANSPORTS`) with its settings. It connects when first used.

    Raises ValueError for an unknown transport, TypeError for settings of another.
    """
    if transport not in TRANSPORTS:
        raise ValueError(f"no channel {transport!r}; there are {', '.join(TRANSPORTS)}")
    wanted = TRANSPORTS[transport]
    if not isinstance(settings, wanted.settings):
        raise TypeError(f"the channel {transport} takes {wanted.settings.__name__}, not {type(settings).__name__}")
    channel: Channel = wanted.open(settings)
    return channel
