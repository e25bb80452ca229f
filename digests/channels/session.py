"""One SMTP or LMTP session: greeting, TLS, login, and transactions of one recipient each.

All errors are ChannelErrors. The session keeps its stage: a failure before the final dot means that nothing was
delivered.
"""

from __future__ import annotations

import base64
import ipaddress
import ssl
import time
from dataclasses import dataclass, field

from digests.channels.base import BeforeDot
from digests.channels.kinds import is_loopback
from digests.channels.replies import Stage, connection_failure, refusal
from digests.channels.settings import DEFAULT_PORTS, LmtpSettings, SmtpSettings
from digests.channels.wire import Reply, Wire, WireError, blocks
from digests.errors import BadMessage, ChannelError, EncryptionFailed, LoginRefused, RecipientRefused

_FRESH = 5.0  # seconds after an accepted message in which the connection is not checked


@dataclass(frozen=True, slots=True)
class Envelope:
    """The sender, recipient and message of one transaction. Domains are ASCII, the body has CR LF line ends."""

    sender: str
    recipient: str
    body: bytes = field(repr=False)

    @property
    def utf8(self) -> bool:
        """Whether it needs SMTPUTF8 (RFC 6531), because an address or a header is not ASCII."""
        head = self.body.partition(b"\r\n\r\n")[0]
        return not (self.sender.isascii() and self.recipient.isascii() and head.isascii())


@dataclass(frozen=True, slots=True)
class _Step:
    """One command with the expected reply codes and the seconds to wait for a reply."""

    stage: Stage
    line: str
    codes: tuple[int, ...]
    seconds: float


@dataclass(slots=True)
class Session:
    """An open session. `sent` counts messages; `unusable`: the connection cannot be used any more.

    `accepted_at` is the monotonic time of the last accepted message, None if something was refused since.
    """

    wire: Wire
    settings: SmtpSettings | LmtpSettings
    stage: Stage = Stage.GREETING
    features: dict[str, str] = field(default_factory=dict)
    sent: int = 0
    accepted_at: float | None = None
    unusable: bool = False

    @classmethod
    def open(cls, settings: SmtpSettings | LmtpSettings) -> Session:
        """Connect, greet, start TLS and log in."""
        context = None
        if isinstance(settings, SmtpSettings) and settings.security != "none":
            context = tls_context(settings)  # before connecting: a file that cannot be read is not the server's fault
        try:
            wire = _connect(settings, context)
        except WireError as error:
            raise connection_failure(Stage.CONNECT, error) from error
        session = cls(wire, settings)
        try:
            session._start(context)
        except ChannelError:
            wire.close()
            raise
        return session

    def alive(self) -> bool:
        """Whether the server still accepts commands; RSET ends an unfinished transaction.

        Just after an accepted message it is not checked: the next command shows it.
        """
        if self.accepted_at is not None and time.monotonic() - self.accepted_at < _FRESH:
            return True
        try:
            return self.wire.command("RSET", self.settings.timeouts.command).code == 250
        except WireError:
            return False

    def send(self, envelope: Envelope, before_dot: BeforeDot) -> Reply:
        """Run one transaction and return the reply to the final dot. What `before_dot` raises is passed on."""
        limits = self.settings.timeouts
        self.accepted_at = None
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
        self.accepted_at = time.monotonic()
        return reply

    def _offer(self, envelope: Envelope) -> None:
        """Send MAIL, RCPT and DATA: all at once if the server allows pipelining (RFC 2920), else one by one."""
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
            self.wire.send_commands([step.line for step in steps], limits.command)
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
        """Read the replies to the commands after a refused one. If the server waits for the message, disconnect."""
        try:
            for _ in range(0 if self.unusable else count):
                self.unusable = self.wire.reply(self.settings.timeouts.command).code in (354, 421)
        except WireError:  # the refusal was received already
            self.unusable = True

    def quit(self) -> None:
        """Send QUIT and close the connection, with or without a reply."""
        if not self.unusable:
            try:
                self.wire.command("QUIT", self.settings.timeouts.quit)
            except WireError:  # the session ends in any case
                self.unusable = True
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
        name = self.settings.local_name or _address_literal(self.wire.local_address)
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
        if "STARTTLS" not in self.features:  # never continue without TLS: an attacker could have removed the feature
            raise EncryptionFailed("tls: the server does not offer STARTTLS")
        self._expect(Stage.TLS, "STARTTLS", 220)
        try:
            self.wire.start_tls(context, host, self.settings.timeouts.command)
        except WireError as error:
            raise self._broken(error) from error
        self._hello()

    def _login(self, settings: SmtpSettings) -> None:
        self.stage = Stage.LOGIN
        if not self.wire.encrypted and not is_loopback(settings.host):
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
        """Return the MAIL parameters of the message; raises an error if the server does not offer what it needs."""
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
            early = self.wire.unsolicited_reply()  # a connection lost before the dot is not an unknown outcome
        except WireError as error:
            raise self._broken(error) from error
        except BaseException:
            self.unusable = True  # half a message was sent, so the connection cannot be used
            raise
        if early is not None:
            self.unusable = True
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
        # 421 closes the connection; 452 may be a limit on recipients of one session, which a new session resets.
        self.unusable = self.unusable or reply.code in (421, 452) or reply.code < 400
        return refusal(self.stage, reply)

    def _broken(self, error: WireError) -> ChannelError:
        self.unusable = True
        return connection_failure(self.stage, error)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Return a context that checks certificate and name, with the system's authorities or those of a file."""
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
            raise connection_failure(Stage.TLS, error) from error
    return wire


def _no_utf8(envelope: Envelope) -> ChannelError:
    if not envelope.recipient.isascii():
        return RecipientRefused("the server does not take addresses beyond ASCII (SMTPUTF8)", status="5.6.7")
    return BadMessage("the message needs SMTPUTF8, which the server does not offer", status="5.6.7")


def _address_literal(address: str) -> str:
    """Return our address as a literal for EHLO (RFC 5321 section 4.1.3), which needs no DNS."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "[127.0.0.1]"
    return f"[{ip}]" if ip.version == 4 else f"[IPv6:{ip}]"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
