"""What each kind of channel needs to know. Passwords and keys do not show in a repr."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import httpx

Security = Literal["none", "starttls", "tls"]
DEFAULT_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each answer: what RFC 5321 section 4.5.3.2 asks for. Each bounds a whole answer, however it drips."""

    connect: float = 60.0
    greeting: float = 300.0
    command: float = 300.0  # EHLO, AUTH, MAIL, RCPT
    data: float = 120.0
    block: float = 180.0  # to get rid of one block of the message
    dot: float = 600.0  # shorter means duplicates: the server may still accept
    quit: float = 5.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """An SMTP server. `security`: `starttls` insists on it, `tls` speaks TLS from the first byte, `none` is for a relay nearby.

    `port` 0 is the usual one. `ca_file` replaces the system's certificate authorities. `local_name` is what EHLO says; empty: an
    address literal. `max_messages` bounds what goes over one connection, since many servers do.
    """

    host: str
    port: int = 0
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    local_name: str = ""
    max_messages: int = 100
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def server(self) -> str:
        """The address of the server."""
        return f"smtp://{self.host}:{self.port or DEFAULT_PORTS[self.security]}"


@dataclass(frozen=True, slots=True)
class LmtpSettings:
    """A local delivery agent (RFC 2033), by host and port or by the path of its socket."""

    host: str = "127.0.0.1"
    port: int = 24
    socket: Path | None = None
    local_name: str = ""
    max_messages: int = 100
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def server(self) -> str:
        """The address of the server."""
        return f"lmtp://{self.socket or f'{self.host}:{self.port}'}"


@dataclass(frozen=True, slots=True)
class SendmailSettings:
    """A sendmail-compatible program. `seconds` bounds one run of it."""

    program: Path = Path("/usr/sbin/sendmail")
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class MaildirSettings:
    """Maildirs; a recipient is a path. With a `root`, relative ones lie under it and none may leave it."""

    root: Path | None = None


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Plain files; a recipient is the path of a folder. With a `root`, relative ones lie under it and none may leave it."""

    root: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """HTTP POST of JSON. `secret` signs.

    `transport` connects to permitted addresses only, and puts the seconds of Retry-After into the response extension
    `retry_after`; None permits all addresses and reads no Retry-After. `check` raises ChannelError for a URL that would
    be refused; it is called before the durable mark, so that a refusal is never an unknown outcome.
    """

    secret: bytes = field(default=b"", repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    check: Callable[[str], None] | None = field(default=None, repr=False)
    seconds: float = 30.0
    max_reply_bytes: int = 4096


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Apprise: Slack, Telegram, ntfy, Matrix and a hundred more; the recipient is an apprise URL. Texts are cut at `max_chars`."""

    title: str = ""
    max_chars: int = 3500


Settings = (
    SmtpSettings
    | LmtpSettings
    | SendmailSettings
    | MaildirSettings
    | FolderSettings
    | WebhookSettings
    | NotifySettings
    | None
)
