"""The kinds of channel: the form of an edition, the check of an address and the transports of each.

This is the only list of kinds. The configuration, the services and the pipeline use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digests.channels.settings import (
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    SmtpSettings,
    WebhookSettings,
)
from digests.reasons import Phrase, _


class Output(Enum):
    """The form in which a recipient gets an edition."""

    MAIL = "a mail message"
    PAGE = "an HTML page"
    BOOK = "an EPUB file"
    FEED = "an Atom feed of the newest editions"
    DATA = "JSON"
    COMPACT = "a short plain text"


class Channels(StrEnum):
    """The names of the kinds of channel, as in `to` and in the database."""

    MAIL = "mail"
    FOLDER = "folder"
    EPUB = "epub"
    ATOM = "atom"
    SITE = "site"
    MAILDIR = "maildir"
    WEBHOOK = "webhook"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One kind of channel.

    `complete` returns an address of the kind in its full form; relative paths start at the given folder. It raises
    ValueError with the reason. `transports` are the keys of `TRANSPORTS` that deliver the kind. `secret`: anybody who
    knows the address can use it. `unguarded`: an address can name any folder of this machine, or any service that it
    reaches.
    """

    name: Channels
    output: Output
    complete: Callable[[str, Path], str]
    transports: tuple[str, ...]
    secret: bool = False
    unguarded: bool = False


@dataclass(frozen=True, slots=True)
class Transport:
    """One implementation of a channel: the class of its settings, and its own class, which is imported when opened."""

    settings: type
    module: str
    name: str

    def open(self, settings: object) -> Any:
        """Return a new channel with these settings. It connects when first used."""
        implementation = getattr(import_module(f"digests.channels.{self.module}"), self.name)
        return implementation() if settings is None else implementation(settings)


def mail_address(text: str) -> str:
    """Return a mail address in its normal form (RFC 5322, RFC 6531), also one of this machine's own network.

    Raises ValueError with the reason.
    """
    import email_validator

    from digests.render.mail.address import on_own_network

    local, _at, domain = text.strip().rpartition("@")
    if on_own_network(domain):  # refused by the library, so the rest is checked with another domain
        return mail_address(f"{local}@machine.example").rpartition("@")[0] + f"@{domain.lower()}"
    try:
        return email_validator.validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=True, test_environment=True
        ).normalized
    except email_validator.EmailNotValidError as error:
        raise ValueError(Phrase(_("not a mail address: {why}"), why=error)) from error


def _mail(text: str, _folder: Path) -> str:
    return mail_address(text)


def _path(text: str, folder: Path) -> str:
    return str((folder / os.path.expanduser(text)).absolute())


def _web_address(text: str, _folder: Path) -> str:
    if urlsplit(text).scheme not in ("http", "https"):
        raise ValueError(Phrase(_("a webhook needs an http or https address")))
    return text


def _as_given(text: str, _folder: Path) -> str:
    return text


CHANNEL_KINDS: dict[str, ChannelKind] = {
    kind.name: kind
    for kind in (
        ChannelKind(Channels.MAIL, Output.MAIL, _mail, ("smtp", "sendmail", "lmtp")),
        ChannelKind(Channels.FOLDER, Output.PAGE, _path, ("folder",), unguarded=True),
        ChannelKind(Channels.EPUB, Output.BOOK, _path, ("epub",), unguarded=True),
        ChannelKind(Channels.ATOM, Output.FEED, _path, ("atom",), unguarded=True),
        ChannelKind(Channels.SITE, Output.PAGE, _path, ("site",), unguarded=True),
        ChannelKind(Channels.MAILDIR, Output.MAIL, _path, ("maildir",), unguarded=True),
        ChannelKind(Channels.WEBHOOK, Output.DATA, _web_address, ("webhook",), secret=True),
        ChannelKind(Channels.NOTIFY, Output.COMPACT, _as_given, ("notify",), secret=True, unguarded=True),
    )
}

TRANSPORTS: dict[str, Transport] = {
    "smtp": Transport(SmtpSettings, "smtp", "SmtpChannel"),
    "lmtp": Transport(LmtpSettings, "smtp", "LmtpChannel"),
    "sendmail": Transport(SendmailSettings, "sendmail", "SendmailChannel"),
    "maildir": Transport(MaildirSettings, "maildir", "MaildirChannel"),
    "folder": Transport(FolderSettings, "files", "FolderChannel"),
    "epub": Transport(FolderSettings, "files", "EpubChannel"),
    "atom": Transport(FolderSettings, "files", "AtomChannel"),
    "site": Transport(FolderSettings, "files", "SiteChannel"),
    "webhook": Transport(WebhookSettings, "webhook", "WebhookChannel"),
    "notify": Transport(NotifySettings, "notify", "NotifyChannel"),
    "memory": Transport(type(None), "memory", "MemoryChannel"),
}
