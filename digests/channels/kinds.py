"""The kinds of channel: the form of an edition, the check of an address and the names of the transports of each.

This is the only list of kinds. The configuration, the services and the pipeline use it.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path
from urllib.parse import urlsplit

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


_OWN_NETWORK = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){0,20}(?:localhost|local|localdomain)")


def on_own_network(domain: str) -> bool:
    """Whether a mail domain has a meaning on this machine or its own network only (RFC 6761, RFC 6762)."""
    lower = domain.lower()
    return lower not in ("local", "localdomain") and bool(_OWN_NETWORK.fullmatch(lower))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost` or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mail_address(text: str) -> str:
    """Return a mail address in its normal form (RFC 5322, RFC 6531), also one of this machine's own network.

    Raises ValueError with the reason.
    """
    import email_validator

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
