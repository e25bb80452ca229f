"""The mailbox of reports, valid, forged and malformed: Dovecot if it is installed, else the tests' server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dovecot import PROGRAM, dovecot
from tests.support.imap import ImapServer


class Mailbox:
    """A mailbox on loopback. `put` delivers a message into it."""

    def __init__(self, port: int, folder: Path | None, server: ImapServer | None) -> None:
        self.port = port
        self.name = "Dovecot" if server is None else "the tests' IMAP server"
        self._folder, self._server = folder, server
        self._count = 0

    def put(self, message: bytes) -> None:
        """Deliver a message."""
        self._count += 1
        if self._server is not None:
            self._server.messages[self._count] = message
        if self._folder is not None:
            (self._folder / "tmp" / f"{self._count:06}.soak").write_bytes(message)
            (self._folder / "tmp" / f"{self._count:06}.soak").replace(self._folder / "new" / f"{self._count:06}.soak")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """The mailbox `reports`, password `secret`, while the block runs."""
    if PROGRAM:
        with dovecot() as (port, maildir):
            yield Mailbox(port, maildir, None)
    else:
        with ImapServer() as server:
            yield Mailbox(server.port, None, server)


def report(return_address: str, status: str = "5.1.1") -> bytes:
    """A report of returned mail to a return address."""
    return (
        f"From: <>\r\nTo: {return_address}\r\nContent-Type: multipart/report; "
        "report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; gone@example.org\r\nAction: failed\r\nStatus: {status}\r\n--b--\r\n"
    ).encode()


def poison() -> Iterator[bytes]:
    """Messages made to stop the reading of the mailbox, and forged reports."""
    head = b"From: a@b.example\r\nTo: bounces@news.example\r\n"
    mixed = b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n"
    yield head + b"".join(mixed % (n, n) for n in range(3000))
    yield head + b"".join(mixed % (n, n) for n in range(80)) + b"Content-Type: text/plain\r\n\r\n" + b"-\r\n" * 300_000
    yield b"Content-Type: message/rfc822\r\n\r\n" * 20_000
    yield (
        head
        + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        + (b"Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" * 10_000)
    )
    yield head + b"X: " + b"\r\n " * 250_000
    yield b"\x00" * 900_000
    yield b"x" * 3_000_000
    for address in ("bounces+forged-0123456789abcdef@news.example", "bounces@news.example", "reader1@example.org"):
        yield report(address)
        yield report(address).replace(b"Status: 5.1.1", b"Status: 4.2.2")
