"""Where a digest goes: one string of `to` read into a channel and its address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CHANNELS = ("mail", "folder", "epub", "atom", "maildir", "webhook", "notify")
EXAMPLES = '"me@example.org", "folder:digests-out", "maildir:~/Maildir", "webhook:https://example.org/hook"'
_FILES = ("folder", "epub", "atom", "maildir")
_SECRET = ("webhook", "notify")  # their addresses carry tokens


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader through one channel. `address` is complete: a mail address, an absolute path, a URL."""

    channel: str
    address: str

    @property
    def key(self) -> str:
        """What the store knows it by: `channel:address`."""
        return f"{self.channel}:{self.address}"

    @property
    def shown(self) -> str:
        """The key as it may be printed: the address of a webhook is a secret, so only its host is left."""
        if self.channel not in _SECRET:
            return self.key
        parts = urlsplit(self.address)
        return f"{self.channel}:{parts.scheme}://{parts.hostname or ''}/…"


def read(text: str, folder: Path) -> Recipient:
    """Read one string of `to`; relative paths are taken from `folder`. Raises ValueError with the reason."""
    head, colon, rest = text.partition(":")
    head = head.strip().lower()
    if not colon or "@" in head:
        return Recipient("mail", mail_address(text))
    if head == "mail":
        return Recipient("mail", mail_address(rest))
    if head not in CHANNELS:
        raise ValueError(f"there is no channel {head!r}")
    if not rest.strip():
        raise ValueError(f"{head}: needs an address behind the colon")
    if head in _FILES:
        return Recipient(head, str((folder / Path(rest.strip()).expanduser()).absolute()))
    if head == "webhook" and urlsplit(rest.strip()).scheme not in ("http", "https"):
        raise ValueError("a webhook needs an http or https address")
    return Recipient(head, rest.strip())


def mail_address(text: str) -> str:
    """A mail address in its normal form (RFC 5322, internationalized too). Raises ValueError with the reason."""
    import email_validator

    try:
        return email_validator.validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=True, test_environment=True
        ).normalized
    except email_validator.EmailNotValidError as error:
        raise ValueError(f"not a mail address: {error}") from error
