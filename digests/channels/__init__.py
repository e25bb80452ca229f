"""Channels that deliver editions and letters, one parcel at a time.

Modules: `base` has the interface, `kinds` the list of kinds, `recipient` the recipient's value, `settings` the
transports with their settings. `smtp` (SMTP and LMTP) uses `session` (one SMTP session), `replies` (the errors of
replies) and `wire` (the connection). `sendmail` runs a program, `maildir` and `files` write files, `webhook` posts
signed JSON, `notify` uses apprise, and `memory` is for tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digests.channels.base import BeforeDot, Channel
    from digests.channels.settings import (
        TRANSPORTS,
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


def __getattr__(name: str) -> object:
    """Import the interface and the transports on first use: the configuration needs the kinds only."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from digests.channels import base, settings

    return getattr(base if hasattr(base, name) else settings, name)
