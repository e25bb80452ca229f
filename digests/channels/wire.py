"""One SMTP connection: replies with limits on size and time, and message bodies in the form that SMTP requires.

Python's smtplib raises the same exception for "not sent" and "perhaps sent", reads replies of any length, and its
timeout restarts with every byte received. Here every call has a time limit, and the caller knows the stage.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?")
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_MAX_REPLY = 64 * 1024  # bytes; RFC 5321 section 4.5.3.1.5 asks for 512 a line
_BLOCK = 64 * 1024
# A server that replies to several commands by several small packets waits for our acknowledgements, which the system
# delays by 40 ms. The option resets itself, so it is set before each wait. Systems without it are only slower.
_ACK_AT_ONCE: int | None = getattr(socket, "TCP_QUICKACK", None)
_MAX_LINE = 998  # RFC 5322 section 2.1.1, without CR and LF


class WireError(OSError):
    """The connection to the server failed."""


class ConnectionLostError(WireError):
    """The server closed the connection."""


class ReplyTimeoutError(WireError):
    """The server did not reply in time."""


class InvalidReplyError(WireError):
    """The server sent something that is not an SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code, and its lines without the code and without control characters."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All lines in one, at most 500 characters, for the record."""
        return f"{self.code} {' '.join(line for line in self.lines if line)}".strip()[:500]

    @property
    def status(self) -> str | None:
        """The enhanced status code (RFC 3463), if the server gives one."""
        found = _STATUS.match(self.lines[-1]) if self.lines else None
        return found[1] if found else None


class Wire:
    """A connected socket that sends and reads lines. After a WireError it cannot be used."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""

    @classmethod
    def connect(cls, host: str, port: int, seconds: float, path: Path | None = None) -> Wire:
        """Connect to a host, or to a socket in the file system. Raises WireError."""
        try:
            if path is not None:
                sock = _unix(path, seconds)
            else:
                sock = socket.create_connection((host, port), seconds)
                # The final dot is a small packet after a full one; without this it would wait for an acknowledgement.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that is invalid in IDNA
            raise WireError(f"cannot connect: {_reason(error)}") from error
        return cls(sock)

    def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Start TLS and check that the certificate is the host's."""
        if self._buffer:  # commands or replies injected before the handshake (CVE-2011-0411)
            raise InvalidReplyError("the server spoke past its answer to STARTTLS")
        try:
            self._sock.settimeout(seconds)
            self._sock = context.wrap_socket(self._sock, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise WireError(f"certificate not trusted: {error.verify_message}") from error
        except (OSError, ValueError) as error:
            raise WireError(f"TLS failed: {_reason(error)}") from error

    @property
    def encrypted(self) -> bool:
        """Whether TLS is on."""
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def local_address(self) -> str:
        """Our own address, for an address literal."""
        name = self._sock.getsockname()
        return str(name[0]) if isinstance(name, tuple) else "127.0.0.1"

    def command(self, line: str, seconds: float) -> Reply:
        """Send one command and read its reply. ValueError if it is not one line."""
        self.send_commands([line], seconds)
        return self.reply(seconds)

    def send_commands(self, lines: Sequence[str], seconds: float) -> None:
        """Send commands at once; the caller reads a reply for each. ValueError if one is not one line."""
        if any(char in line for line in lines for char in "\r\n\0"):
            raise ValueError("a command is one line")
        self.send("".join(f"{line}\r\n" for line in lines).encode(), seconds)

    def send(self, data: bytes, seconds: float) -> None:
        """Send all bytes within `seconds`."""
        try:
            self._sock.settimeout(seconds)
            self._sock.sendall(data)
        except TimeoutError as error:
            raise ReplyTimeoutError(f"the server took nothing for {seconds:g} s") from error
        except OSError as error:
            raise ConnectionLostError(f"connection lost: {_reason(error)}") from error

    def reply(self, seconds: float) -> Reply:
        """Read one whole reply within `seconds`."""
        until = time.monotonic() + seconds
        lines: list[str] = []
        size = 0
        while True:
            raw = self._line(until, seconds)
            size += len(raw)
            found = _REPLY_LINE.fullmatch(raw.rstrip(b"\r\n"))
            if not found or size > _MAX_REPLY:
                raise InvalidReplyError(f"not an SMTP reply: {_clean(raw)[:80]!r}")
            lines.append(_clean(found[3] or b""))
            if found[2] != b"-":
                return Reply(int(found[1]), tuple(lines))

    def unsolicited_reply(self) -> Reply | None:
        """Return a reply that the server sent without a command, or None. Does not wait. Raises ConnectionLostError."""
        try:
            self._sock.settimeout(0)
            data = self._sock.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            if not self._buffer:
                return None
        except OSError as error:
            raise ConnectionLostError(f"connection lost: {_reason(error)}") from error
        else:
            if not data:
                raise ConnectionLostError("the server closed the connection")
            self._buffer += data
        return self.reply(1.0)

    def close(self) -> None:
        """Close the socket. Never raises."""
        try:
            self._sock.close()
        except OSError:  # closed already
            return

    def _line(self, until: float, seconds: float) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _MAX_REPLY:
                raise InvalidReplyError("a reply line without end")
            left = until - time.monotonic()
            if left <= 0:
                raise ReplyTimeoutError(f"no answer in {seconds:g} s")
            self._fill(left, seconds)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"

    def _fill(self, left: float, seconds: float) -> None:
        try:
            if _ACK_AT_ONCE is not None and self._sock.family != socket.AF_UNIX:
                self._sock.setsockopt(socket.IPPROTO_TCP, _ACK_AT_ONCE, 1)
            self._sock.settimeout(left)
            data = self._sock.recv(4096)
        except TimeoutError as error:
            raise ReplyTimeoutError(f"no answer in {seconds:g} s") from error
        except OSError as error:
            raise ConnectionLostError(f"connection lost: {_reason(error)}") from error
        if not data:
            raise ConnectionLostError("the server closed the connection")
        self._buffer += data


def _unix(path: Path, seconds: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(seconds)
    try:
        sock.connect(str(path))
    except OSError:
        sock.close()
        raise
    return sock


def body_with_crlf(body: bytes) -> bytes:
    """Return the body with CR LF at the end of every line, also the last. Messages of this program have that already.

    ValueError if a line is over 998 bytes or contains NUL.
    """
    if b"\0" in body:
        raise ValueError("the message holds a NUL byte")
    pairs = body.count(b"\r\n")
    if body.count(b"\n") != pairs or body.count(b"\r") != pairs:
        body = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    if max(map(len, body.split(b"\r\n"))) > _MAX_LINE:
        raise ValueError(f"the message has a line of more than {_MAX_LINE} bytes")
    return body


def blocks(body: bytes) -> Iterator[bytes]:
    """Yield the body in blocks with leading dots doubled (RFC 5321 section 4.5.2), without the final dot."""
    stuffed = body.replace(b"\n.", b"\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    for start in range(0, len(stuffed), _BLOCK):
        yield stuffed[start : start + _BLOCK]


def _clean(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
