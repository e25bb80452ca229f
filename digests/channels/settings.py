"""The transports and their settings. Passwords and keys are not in a repr."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import httpx

    from digests.channels.base import Channel

Security = Literal["none", "starttls", "tls"]
DEFAULT_PORTS: dict[Security, int] = {"none": 25, "starttls": 587, "tls": 465}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each reply, as RFC 5321 section 4.5.3.2 requires. Each is a limit for a whole reply."""

    connect: float = 60.0
    greeting: float = 300.0
    command: float = 300.0  # EHLO, AUTH, MAIL, RCPT
    data: float = 120.0
    block: float = 180.0  # to send one block of the message
    dot: float = 600.0  # less would cause duplicates, because the server may still accept
    quit: float = 5.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """An SMTP server. `security`: `starttls` requires STARTTLS, `tls` is TLS from the first byte, `none` is no TLS.

    `port` 0 is the default port. `ca_file` replaces the system's certificate authorities. `local_name` is the name in
    EHLO, by default an address literal. `max_messages` is the limit for one connection; many servers have one.
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
        """The server as a URL."""
        return f"smtp://{self.host}:{self.port or DEFAULT_PORTS[self.security]}"


@dataclass(frozen=True, slots=True)
class LmtpSettings:
    """A local delivery agent (RFC 2033), at host and port or at the path of its socket."""

    host: str = "127.0.0.1"
    port: int = 24
    socket: Path | None = None
    local_name: str = ""
    max_messages: int = 100
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def server(self) -> str:
        """The server as a URL."""
        return f"lmtp://{self.socket or f'{self.host}:{self.port}'}"


@dataclass(frozen=True, slots=True)
class SendmailSettings:
    """A sendmail-compatible program. `seconds` is the time limit of one run."""

    program: Path = Path("/usr/sbin/sendmail")
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class MaildirSettings:
    """Maildirs; a recipient is a path. With a `root`, relative paths start there and no path may be outside."""

    root: Path | None = None


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Files; a recipient is the path of a folder. With a `root`, relative paths start there and none may be outside."""

    root: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """HTTP POST of JSON. `secret` signs.

    `transport` connects to permitted addresses only, and puts the seconds of Retry-After into the response extension
    `retry_after`; None permits all addresses and reads no Retry-After. `check` raises ChannelError for a URL that is
    not permitted. It is called before the durable mark, so that a refusal is never an unknown outcome.
    """

    secret: bytes = field(default=b"", repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    check: Callable[[str], None] | None = field(default=None, repr=False)
    seconds: float = 30.0
    max_reply_bytes: int = 4096


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Apprise: Slack, Telegram, ntfy and others. The recipient is an apprise URL.

    `max_chars` is the limit of one message (a block of Slack has 3,000), unless the service's own limit is lower.
    """

    title: str = ""
    max_chars: int = 3000


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
