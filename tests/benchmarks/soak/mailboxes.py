"""The mailbox of the reports: Dovecot, where it is installed, else the tests' server. Poison, forged reports, honest ones."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.soak.publishers import free_port
from tests.support.imap import ImapServer

_CONFIG = """\
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/Maildir
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


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
def mailbox(folder: Path) -> Iterator[Mailbox]:
    """The mailbox `reports`, password `secret`, while the block runs."""
    if shutil.which("dovecot") is None:
        with ImapServer() as server:
            yield Mailbox(server.port, None, server)
        return
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    maildir = folder / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    port = free_port()
    group = subprocess.run(["id", "-gn", account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
    file = folder / "dovecot.conf"
    file.write_text(
        _CONFIG.format(
            run=folder / "run",
            folder=folder,
            port=port,
            user=account.pw_name,
            group=group,
            uid=account.pw_uid,
            gid=account.pw_gid,
        )
    )
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)
    process = subprocess.Popen(["dovecot", "-F", "-c", str(file)])
    try:
        yield Mailbox(port, maildir, None)
    finally:
        process.terminate()
        process.wait(20)


def report(return_address: str, status: str = "5.1.1") -> bytes:
    """A report of returned mail to a return address."""
    return (
        f"From: <>\r\nTo: {return_address}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
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
