"""One SMTP or LMTP session: greeting, TLS, login, and transactions of one recipient each.

Raises ChannelError only. The stage is kept, so that every failure before the final dot says that nothing was delivered.
"""

from __future__ import annotations

import base64
import ipaddress
import ssl
import time
from dataclasses import dataclass, field

from digests.channels.base import BeforeDot
from digests.channels.replies import Stage, breakdown, refusal
from digests.channels.settings import DEFAULT_PORTS, LmtpSettings, SmtpSettings
from digests.channels.wire import Reply, Wire, WireError, blocks
from digests.errors import BadMessage, ChannelError, EncryptionFailed, LoginRefused, RecipientRefused

_FRESH = 5.0  # seconds in which a connection that took a message is thought to live


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one transaction carries: ASCII domains, a canonical body, and what it needs of the server."""

    sender: str
    recipient: str
    body: bytes = field(repr=False)

    @property
    def utf8(self) -> bool:
        """Whether it needs SMTPUTF8 (RFC 6531): an address or a header that is not ASCII."""
        head = self.body.partition(b"\r\n\r\n")[0]
        return not (self.sender.isascii() and self.recipient.isascii() and head.isascii())


@dataclass(frozen=True, slots=True)
class _Step:
    """One command, the reply codes that are expected, and how long to wait for one."""

    stage: Stage
    line: str
    codes: tuple[int, ...]
    seconds: float


@dataclass(slots=True)
class Session:
    """An open session. `sent` counts messages; `spoiled` that the connection cannot be used any more.

    `taken` is when (monotonic) the last message was, if nothing was refused since.
    """

    wire: Wire
    settings: SmtpSettings | LmtpSettings
    stage: Stage = Stage.GREETING
    features: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    taken: float | None = None
    spoiled: bool = False

    @classmethod
    def open(cls, settings: SmtpSettings | LmtpSettings) -> Session:
        """Connect, greet, start TLS and log in."""
        context = None
        if isinstance(settings, SmtpSettings) and settings.security != "none":
            context = tls_context(settings)  # first: a file that cannot be read is no failure of the server
        try:
            wire = _connect(settings, context)
        except WireError as error:
            raise breakdown(Stage.CONNECT, error) from error
        session = cls(wire, settings)
        try:
            session._start(context)
        except ChannelError:
            wire.close()
            raise
        return session

    def alive(self) -> bool:
        """Whether the server still takes commands; resets what a broken transaction left.

        One that has just taken a message is not asked: what it says to the next is soon enough.
        """
        if self.taken is not None and time.monotonic() - self.taken < _FRESH:
            return True
        try:
            return self.wire.command("RSET", self.settings.timeouts.command).code == 250
        except WireError:
            return False

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Reply:
        """Run one transaction and return the reply to the final dot. What `before_dot` raises is passed on."""
        limits = self.settings.timeouts
        self.taken = None
        self._offer(envelope)
        self._body(envelope.body, before_dot)
        self.stage = Stage.DOT
        try:
            self.wire.send(b".\r\n", limits.block)
            reply = self.wire.reply(limits.dot)
        except WireError as error:
            raise self._broken(error) from error
        if reply.code // 100 != 2:
            raise self._refused(reply)
        self.sent += 1
        self.taken = time.monotonic()
        return reply

    def _offer(self, envelope: Envelope) -> None:
        """Name sender and recipient and ask to send: in one go where the server takes that (RFC 2920), else step by step."""
        limits = self.settings.timeouts
        steps = (
            _Step(Stage.SENDER, f"MAIL FROM:<{envelope.sender}>{self._options(envelope)}", (250,), limits.command),
            _Step(Stage.RECIPIENT, f"RCPT TO:<{envelope.recipient}>", (250, 251, 252), limits.command),
            _Step(Stage.DATA, "DATA", (354,), limits.data),
        )
        if "PIPELINING" not in self.features:
            for step in steps:
                self._expect(step.stage, step.line, *step.codes, seconds=step.seconds)
            return
        self.stage = Stage.SENDER
        try:
            self.wire.ask([step.line for step in steps], limits.command)
            for place, step in enumerate(steps, start=1):
                self.stage = step.stage
                reply = self.wire.reply(step.seconds)
                if reply.code not in step.codes:
                    refused = self._refused(reply)
                    self._pass_over(len(steps) - place)
                    raise refused
        except WireError as error:
            raise self._broken(error) from error

    def _pass_over(self, count: int) -> None:
        """Read the replies to the commands after a refused one. A server that still waits for the message is disconnected."""
        try:
            for _ in range(0 if self.spoiled else count):
                self.spoiled = self.wire.reply(self.settings.timeouts.command).code in (354, 421)
        except WireError:  # the refusal was received; a connection that ends after it changes nothing
            self.spoiled = True

    def quit(self) -> None:
        """Send QUIT and close the connection; whether the server answers does not matter."""
        if not self.spoiled:
            try:
                self.wire.command("QUIT", self.settings.timeouts.quit)
            except WireError:  # it is over either way
                self.spoiled = True
        self.wire.close()

    def _start(self, context: ssl.SSLContext | None) -> None:
        self._greet()
        if not isinstance(self.settings, SmtpSettings):
            return
        if context is not None and self.settings.security == "starttls":
            self._start_tls(context, self.settings.host)
        if self.settings.user:
            self._login(self.settings)

    def _greet(self) -> None:
        seconds = self.settings.timeouts.greeting
        try:
            reply = self.wire.reply(seconds)
        except WireError as error:
            raise self._broken(error) from error
        if reply.code != 220:
            raise self._refused(reply)
        self._hello()

    def _hello(self) -> None:
        name = self.settings.local_name or _literal(self.wire.local_address)
        verb = "LHLO" if isinstance(self.settings, LmtpSettings) else "EHLO"
        reply = self._ask(self.stage, f"{verb} {name}")
        if reply.code in (500, 502, 504) and verb == "EHLO":  # RFC 5321 section 4.1.1.1: an old server
            self._expect(self.stage, f"HELO {name}", 250)
            self.features = {}
        elif reply.code != 250:
            raise self._refused(reply)
        else:
            words = [line.split(None, 1) for line in reply.lines[1:] if line]
            self.features = {w[0].upper(): w[1] if len(w) > 1 else "" for w in words}

    def _start_tls(self, context: ssl.SSLContext, host: str) -> None:
        self.stage = Stage.TLS
        if "STARTTLS" not in self.features:  # never continue without TLS: an attacker may have removed the line
            raise EncryptionFailed("tls: the server does not offer STARTTLS")
        self._expect(Stage.TLS, "STARTTLS", 220)
        try:
            self.wire.start_tls(context, host, self.settings.timeouts.command)
        except WireError as error:
            raise self._broken(error) from error
        self._hello()

    def _login(self, settings: SmtpSettings) -> None:
        self.stage = Stage.LOGIN
        if not self.wire.encrypted and not _loopback(settings.host):
            raise LoginRefused("login: a password is not sent without TLS; set security to starttls or tls")
        offered = self.features.get("AUTH", "").upper().split()
        if "PLAIN" in offered:
            plain = "\0".join(("", settings.user, settings.password))  # RFC 4616
            reply = self._ask(Stage.LOGIN, f"AUTH PLAIN {_b64(plain)}")
        elif "LOGIN" in offered:
            reply = self._ask(Stage.LOGIN, "AUTH LOGIN")
            for secret in (settings.user, settings.password):
                if reply.code == 334:
                    reply = self._ask(Stage.LOGIN, _b64(secret))
        else:
            raise LoginRefused("login: the server offers neither AUTH PLAIN nor AUTH LOGIN")
        if reply.code != 235:
            raise self._refused(reply)

    def _options(self, envelope: Envelope) -> str:
        """MAIL parameters for what the server offers; an error when the message needs more than that."""
        options = ""
        if "SIZE" in self.features:
            limit = self.features["SIZE"]
            if limit.isascii() and limit.isdigit() and 0 < int(limit) < len(envelope.body):
                raise BadMessage(
                    f"the message has {len(envelope.body)} bytes, the server takes {limit}", reply_code=552
                )
            options += f" SIZE={len(envelope.body)}"
        if not envelope.body.isascii():
            if "8BITMIME" not in self.features:
                raise BadMessage("the message is 8-bit and the server takes 7-bit only", status="5.6.3")
            options += " BODY=8BITMIME"
        if envelope.utf8:
            if "SMTPUTF8" not in self.features:
                raise _no_utf8(envelope)
            options += " SMTPUTF8"
        return options

    def _body(self, body: bytes, before_dot: BeforeDot) -> None:
        self.stage = Stage.BODY
        try:
            for block in blocks(body):
                self.wire.send(block, self.settings.timeouts.block)
            before_dot()
            early = self.wire.unasked()  # a connection that is already gone need not become an unknown outcome
        except WireError as error:
            raise self._broken(error) from error
        except BaseException:
            self.spoiled = True  # half a message was sent: nothing may follow it on this connection
            raise
        if early is not None:
            self.spoiled = True
            raise self._refused(early)

    def _expect(self, stage: Stage, line: str, *codes: int, seconds: float | None = None) -> Reply:
        reply = self._ask(stage, line, seconds)
        if reply.code not in codes:
            raise self._refused(reply)
        return reply

    def _ask(self, stage: Stage, line: str, seconds: float | None = None) -> Reply:
        self.stage = stage
        try:
            return self.wire.command(line, seconds or self.settings.timeouts.command)
        except WireError as error:
            raise self._broken(error) from error

    def _refused(self, reply: Reply) -> ChannelError:
        # 421 closes the connection; 452 may be a limit on recipients a session, which a new one does not have.
        self.spoiled = self.spoiled or reply.code in (421, 452) or reply.code < 400
        return refusal(self.stage, reply)

    def _broken(self, error: WireError) -> ChannelError:
        self.spoiled = True
        return breakdown(self.stage, error)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Build a context that checks the certificate and the name, against the system's authorities or the user's file."""
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise EncryptionFailed(f"tls: cannot read the certificates in {settings.ca_file}: {error}") from error


def _connect(settings: SmtpSettings | LmtpSettings, context: ssl.SSLContext | None) -> Wire:
    limits = settings.timeouts
    if isinstance(settings, LmtpSettings):
        return Wire.connect(settings.host, settings.port, limits.connect, settings.socket)
    wire = Wire.connect(settings.host, settings.port or DEFAULT_PORTS[settings.security], limits.connect)
    if context is not None and settings.security == "tls":
        try:
            wire.start_tls(context, settings.host, limits.connect)
        except WireError as error:
            wire.close()
            raise breakdown(Stage.TLS, error) from error
    return wire


def _no_utf8(envelope: Envelope) -> ChannelError:
    if not envelope.recipient.isascii():
        return RecipientRefused("the server does not take addresses beyond ASCII (SMTPUTF8)", status="5.6.7")
    return BadMessage("the message needs SMTPUTF8, which the server does not offer", status="5.6.7")


def _literal(address: str) -> str:
    """Name ourselves by our address (RFC 5321 section 4.1.3): always true, and no name server is asked."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "[127.0.0.1]"
    return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
