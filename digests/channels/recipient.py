"""A recipient as a value: the kind of channel and the address, and how both are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from digests.channels.kinds import CHANNEL_KINDS, ChannelKind, Channels, mail_address
from digests.reasons import Phrase, _

EXAMPLES = '"me@example.org", "folder:digests-out", "maildir:~/Maildir", "webhook:https://example.org/hook"'


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """A person or place that gets editions through one channel.

    `channel` is the name of a kind of channel. `address` is complete: a mail address, an absolute path, a URL. Mail
    addresses that differ only in case are one recipient, because every mail host that matters ignores it.
    """

    channel: str
    address: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipient) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @classmethod
    def by_mail(cls, address: str) -> Recipient:
        """Return the recipient with this mail address in its normal form. Raises ValueError with the reason."""
        return cls(Channels.MAIL.value, mail_address(address))

    @classmethod
    def from_key(cls, key: str) -> Recipient:
        """Return the recipient that has this `key`. The address is not checked."""
        channel, _, address = key.partition(":")
        return cls(channel, address)

    @property
    def key(self) -> str:
        """The recipient as the database and signed links write it, such as `mail:ann@example.org`."""
        address = self.address.casefold() if self.channel == Channels.MAIL else self.address
        return f"{self.channel}:{address}"

    @property
    def kind(self) -> ChannelKind:
        """The kind of its channel. Raises ValueError if there is no such kind."""
        if self.channel not in CHANNEL_KINDS:
            raise ValueError(Phrase(_("there is no channel {channel}"), channel=repr(self.channel)))
        return CHANNEL_KINDS[self.channel]

    @property
    def shown(self) -> str:
        """The key as it may be printed: of a webhook only the host, of another secret address only the service.

        Many services have a token or a secret topic where other URLs have the host.
        """
        kind = CHANNEL_KINDS.get(self.channel)
        if kind is None or not kind.secret:
            return f"{self.channel}:{self.address}"
        scheme, mark, _rest = self.address.partition("://")
        host = f"{_host(self.address)}/" if self.channel == Channels.WEBHOOK else ""
        return f"{self.channel}:{scheme}{mark}{host}…" if mark else f"{self.channel}:…"


def _host(url: str) -> str:
    """Return the host of a URL; empty if it has none, or if the URL is invalid."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def split_recipient(text: str) -> Recipient:
    """Return channel and address as written, without a check. A mail address needs no channel."""
    head, colon, rest = text.partition(":")
    bare = not colon or "@" in head
    return Recipient(Channels.MAIL.value, text.strip()) if bare else Recipient(head.strip().lower(), rest.strip())


def parse_recipient(text: str, folder: Path) -> Recipient:
    """Return the recipient that a person wrote, such as one string of `to`. Relative paths start at `folder`.

    Raises ValueError with the reason.
    """
    given = split_recipient(text)
    kind = given.kind
    if not given.address and kind.name is not Channels.MAIL:
        raise ValueError(Phrase(_("{channel}: needs an address behind the colon"), channel=given.channel))
    return Recipient(given.channel, kind.complete(given.address, folder))
