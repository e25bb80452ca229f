"""The mailbox that reports come back to: a Maildir, or a folder of an IMAP server. Each message is read once.

A message counts as read when it was dealt with: one that could not be is there again at the next look.
"""

from __future__ import annotations

import imaplib
import re
import ssl
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGEST = 1_000_000  # bytes; a report quotes a message at most
_MOST = 500  # messages at one look
_SECONDS = 60.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(OSError):
    """the mailbox of the reports cannot be read"""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """An IMAP folder (RFC 9051). `security`: `tls` from the first byte, `starttls`, or `none` for a server nearby."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    security: str = "tls"


def maildir(folder: Path) -> Iterator[bytes]:
    """Read the new messages of a Maildir; each moves to `cur` as seen when the next is requested.

    What is no file, or cannot be opened, costs no other message. Raises MailboxError, at the end where only some failed.
    """
    try:
        waiting = sorted((folder / "new").iterdir())[:_MOST]
        (folder / "cur").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise MailboxError(f"{folder}: {error.strerror}") from error
    failed = ""
    for path in waiting:
        try:
            if stat.S_ISREG(path.lstat().st_mode):
                with path.open("rb") as file:
                    message = file.read(LARGEST + 1)
                yield message
            path.rename(folder / "cur" / f"{path.name}:2,S")
        except FileNotFoundError:  # another process was faster
            continue
        except OSError as error:
            failed = f"{path}: {error.strerror}"
    if failed:
        raise MailboxError(failed)


def imap(settings: ImapSettings) -> Iterator[bytes]:
    """Read the unseen messages of a folder; each is marked seen when the next is requested.

    A message that the server does not give costs no other. Raises MailboxError, at the end where only some failed.
    """
    failed: imaplib.IMAP4.error | None = None
    try:
        with _connected(settings) as server:
            _must(server.login(settings.user, settings.password), "login")
            _must(server.select(_quoted(settings.folder)), f"folder {settings.folder}")
            found = _must(server.uid("SEARCH", "UNSEEN", "UNDELETED"), "search")
            for uid in (found[0] or b"").split()[:_MOST]:
                try:
                    yield _message(server, uid.decode())
                    _must(server.uid("STORE", uid.decode(), "+FLAGS.SILENT", r"(\Seen)"), "flag")
                except imaplib.IMAP4.abort:  # the connection is gone
                    raise
                except imaplib.IMAP4.error as error:
                    failed = error
        if failed is not None:
            raise failed
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"{settings.host}: {error}") from error


def _connected(settings: ImapSettings) -> imaplib.IMAP4:
    if settings.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(settings.host, settings.port or 993, ssl_context=context, timeout=_SECONDS)
    server = imaplib.IMAP4(settings.host, settings.port or 143, timeout=_SECONDS)
    if settings.security == "starttls":
        server.starttls(ssl.create_default_context())
    return server


def _message(server: imaplib.IMAP4, uid: str) -> bytes:
    """Fetch one message without marking it; empty if it is too large to be a report."""
    size = _SIZE.search(
        b" ".join(one for one in _must(server.uid("FETCH", uid, "(RFC822.SIZE)"), "size") if isinstance(one, bytes))
    )
    if size and int(size[1]) > LARGEST:
        return b""
    parts = _must(server.uid("FETCH", uid, "(BODY.PEEK[])"), "fetch")
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")


def _must(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(f"{what}: {answer[1]!r}"[:300])
    return answer[1]


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
