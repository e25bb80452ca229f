"""A real SMTP or LMTP server on loopback that keeps what it accepts and misbehaves as reported.

    with SmtpServer() as server:
        server.on("rcpt", "451 4.3.0 later")     # once; then as usual
        server.always("reader@example.com", "dot", "keep-drop")

Stages: connect, ehlo, tls, auth, mail, rcpt, data (the answer to DATA), mid (while the body comes), dot.
Acts: a reply such as `550 5.1.1 no`, sent instead of the usual one (421 closes); `drop`; `silent`; `noise`; at the dot
also `keep-` followed by one of these or by `half`: the message is accepted all the same; `keep-250-drop`.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

TLS = Path(__file__).parent / "tls"
CERTIFICATE = TLS / "cert.pem"  # for localhost and 127.0.0.1, signed by itself, good until 2120


@dataclass(frozen=True)
class Accepted:
    """One message that the server took, whatever it then said."""

    sender: str
    recipient: str
    body: bytes
    connection: int
    options: tuple[str, ...]
    encrypted: bool
    user: str | None

    @property
    def message_id(self) -> str:
        """The value of its Message-ID header."""
        head = self.body.partition(b"\r\n\r\n")[0]
        found = [line[11:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        return found[0].decode() if found else ""


class SmtpServer:
    """The server; a context manager. `without`: EHLO words to leave out; `login`: the required (user, password).

    It takes commands in one go (RFC 2920); `without=("PIPELINING",)` keeps it from saying so.
    """

    def __init__(
        self,
        *,
        tls: str = "",
        lmtp: bool = False,
        login: tuple[str, str] | None = None,
        without: tuple[str, ...] = (),
        size: int = 10_000_000,
        unix: Path | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.tls, self.lmtp, self.login, self.without, self.size, self.unix = tls, lmtp, login, without, size, unix
        self.host = host  # the address to listen on
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []
        self.connections = 0
        self.port = 0
        self.hung_up = threading.Event()  # set when a connection was cut
        self._once: dict[str, deque[str]] = defaultdict(deque)
        self._always: dict[tuple[str, str], str] = {}
        self._talks: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def on(self, stage: str, *acts: str) -> None:
        """Misbehave at the next times this stage is reached, one act each; `ok` is none."""
        self._once[stage].extend(acts)

    def always(self, recipient: str, stage: str, act: str) -> None:
        """Misbehave whenever this recipient's transaction reaches the stage."""
        self._always[recipient, stage] = act

    def forget(self, recipient: str, stage: str) -> None:
        """Behave again at this stage of this recipient's transactions."""
        self._always.pop((recipient, stage), None)

    def take(self, stage: str, recipient: str = "") -> str:
        """Take the act for a stage now; `ok` for none."""
        if (recipient, stage) in self._always:
            return self._always[recipient, stage]
        return self._once[stage].popleft() if self._once[stage] else "ok"

    def say(self, line: str) -> None:
        """Say a line on every open connection, without being asked; return when it is sent."""
        said = threading.Event()

        def write() -> None:
            for talk in self._talks:
                if talk.transport is not None:
                    talk.transport.write(line.encode() + b"\r\n")  # type: ignore[attr-defined]
            said.set()

        self._loop.call_soon_threadsafe(write)
        assert said.wait(10)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _context(self) -> ssl.SSLContext | None:
        if not self.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, TLS / "key.pem")
        return context

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        implicit = self._context() if self.tls == "tls" else None
        if self.unix:
            starting = self._loop.create_unix_server(self._protocol, str(self.unix))
        else:
            starting = self._loop.create_server(self._protocol, self.host, 0, ssl=implicit)
        server = self._loop.run_until_complete(starting)
        if not self.unix:
            self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for talk in self._talks:
            if talk.transport is not None:
                with suppress(AttributeError):  # of Python 3.11.2 if the connection has ended already
                    talk.transport.abort()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))  # the aborted transports let go of their sockets
        self._loop.close()

    def _protocol(self) -> SMTP:
        self.connections += 1
        starttls = self._context() if self.tls == "starttls" else None
        kind = _LmtpTalk if self.lmtp else _SmtpTalk
        talk = kind(
            _Handler(self, self.connections),
            data_size_limit=self.size,
            enable_SMTPUTF8="SMTPUTF8" not in self.without,
            tls_context=starttls,
            hostname="mail.test",
            authenticator=self._check if self.login else None,
            auth_require_tls=False,
            auth_exclude_mechanism=[word for word in self.without if word in ("PLAIN", "LOGIN")],
            loop=self._loop,
        )
        self._talks.append(talk)
        return talk

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        session.user = given[0]
        return AuthResult(success=given == self.login, handled=False)


class _Talk:
    """What both protocols do: the acts at the stages that aiosmtpd has no hook for."""

    event_handler: _Handler

    async def push(self, status: str | bytes) -> None:
        handler = self.event_handler
        word = status if isinstance(status, str) else status.decode()
        stage = ""
        if word.startswith("220 "):
            stage = "tls" if handler.greeted else "connect"
            handler.greeted = True
        elif word.startswith(("235", "535")):
            stage = "auth"
        if stage:
            word = await handler.act(self, stage) or word
        await super().push(word)  # type: ignore[misc]
        if word.startswith("421"):
            self.transport.close()  # type: ignore[attr-defined]
        elif word.startswith("354") and handler.server.take("mid", handler.recipient) == "drop":
            await self._reader.read(100)  # type: ignore[attr-defined]
            handler.hang_up(self)

    async def smtp_DATA(self, arg: str) -> None:
        instead = await self.event_handler.act(self, "data")
        if instead:
            self._set_post_data_state()  # type: ignore[attr-defined]
            await self.push(instead)
        else:
            await super().smtp_DATA(arg)  # type: ignore[misc]

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        self.event_handler.server.commands.append(" ".join([command, *map(str, args)]))
        return await super()._call_handler_hook(command, *args)  # type: ignore[misc]


class _SmtpTalk(_Talk, SMTP):
    pass


class _LmtpTalk(_Talk, LMTP):
    pass


class _Handler:
    def __init__(self, server: SmtpServer, connection: int) -> None:
        self.server, self.connection = server, connection
        self.greeted = False
        self.recipient = ""

    async def act(self, talk: Any, stage: str) -> str | None:
        """Misbehave; or return the reply to give instead of the usual one."""
        word = self.server.take(stage, self.recipient)
        if word == "drop":
            self.hang_up(talk)
        if word == "silent":
            await asyncio.Event().wait()
        return {"ok": None, "noise": "Everything is fine, trust me"}.get(word, word)

    def hang_up(self, talk: Any) -> None:
        """Cut the connection."""
        talk.transport.abort()
        asyncio.get_running_loop().call_soon(self.server.hung_up.set)  # after the socket is really closed
        raise asyncio.CancelledError

    async def handle_EHLO(
        self, talk: Any, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        instead = await self.act(talk, "ehlo")
        if instead:
            return [instead]
        # aiosmtpd reads line by line: what came early waits in its buffer.
        offered = [lines[0], "250-PIPELINING", *lines[1:]]
        return [line for line in offered if not line[4:].split()[0].upper().startswith(self.server.without or ("-",))]

    handle_LHLO = handle_EHLO  # noqa: N815 - the name that aiosmtpd looks for

    async def handle_MAIL(
        self, talk: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.login and not session.authenticated:
            return "530 5.7.0 authentication required"
        instead = await self.act(talk, "mail")
        if instead:
            return instead
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self, talk: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.recipient = address
        instead = await self.act(talk, "rcpt")
        if instead:
            return instead
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, talk: Any, session: Session, envelope: Envelope) -> str:
        word = self.server.take("dot", self.recipient)
        if word == "ok" or word.startswith("keep-"):
            self._keep(talk, session, envelope)
        word = word.removeprefix("keep-")
        if word == "drop":
            self.hang_up(talk)
        if word == "silent":
            await asyncio.Event().wait()
        if word in ("half", "250-drop"):
            talk.transport.write(b"25" if word == "half" else b"250 2.0.0 queued\r\n")
            talk.transport.close()
            raise asyncio.CancelledError
        usual = f"250 2.0.0 queued as {len(self.server.accepted)}"
        return {"ok": usual, "noise": "Everything is fine, trust me"}.get(word, word)

    def _keep(self, talk: Any, session: Session, envelope: Envelope) -> None:
        assert envelope.mail_from is not None
        assert isinstance(envelope.content, bytes)
        for recipient in envelope.rcpt_tos:
            message = Accepted(
                envelope.mail_from,
                recipient,
                envelope.content,
                self.connection,
                tuple(envelope.mail_options),
                session.ssl is not None or self.server.tls == "tls",
                getattr(session, "user", None),
            )
            self.server.accepted.append(message)
