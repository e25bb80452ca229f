"""Mailboxes of reports and of newsletters: a Maildir, or a folder of an IMAP server. Each message is read once.

A message counts as read when it was processed: one that could not be is read again the next time.
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
_MOST = 500  # messages that are read at one time
_SECONDS = 60.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxError(OSError):
    """the mailbox cannot be read"""


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

    What is no file, or cannot be opened, costs no other message. Raises MailboxError, at the end where only some
    failed.
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


def imap_messages(settings: ImapSettings) -> int:
    """Log in, open the folder without changing anything, and return how many messages it has. Raises MailboxError."""
    try:
        with _connected(settings) as server:
            _must(server.login(settings.user, settings.password), "login")
            found = _must(server.select(_quoted(settings.folder), readonly=True), f"folder {settings.folder}")
            return int(found[0] or 0)
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"{settings.host}: {error}") from error


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail, and the position in its mailbox after it. `message` is empty if it is too large."""

    message: bytes
    position: str


def maildir_after(folder: Path, position: str, largest: int) -> Iterator[Mailed]:
    """Read the mails of a Maildir that arrived after a position, oldest first; nothing is moved or marked.

    Raises MailboxError.
    """
    if not (folder / "new").is_dir():
        raise MailboxError(f"{folder}: it is no Maildir")
    try:
        files = [path for name in ("new", "cur") if (folder / name).is_dir() for path in (folder / name).iterdir()]
        arrived = sorted((_arrival(path), path) for path in files if stat.S_ISREG(path.lstat().st_mode))
    except OSError as error:
        raise MailboxError(f"{folder}: {error.strerror}") from error
    for key, path in [pair for pair in arrived if pair[0] > position][:_MOST]:
        try:
            with path.open("rb") as file:
                message = file.read(largest + 1)
        except OSError:  # another program moved or deleted it
            continue
        yield Mailed(message if len(message) <= largest else b"", key)


def _arrival(path: Path) -> str:
    """Return a text that sorts mails by their arrival, without the flags in the name, which may change."""
    return f"{path.lstat().st_mtime_ns:020} {path.name.partition(':')[0]}"


def imap_after(settings: ImapSettings, position: str, largest: int, *, mark_seen: bool) -> Iterator[Mailed]:
    """Read the mails of a folder after a position, in their order. Raises MailboxError.

    The position is UIDVALIDITY and the last UID (RFC 9051, 2.3.1.1). Without `mark_seen` the folder is opened
    read-only.
    """
    try:
        with _connected(settings) as server:
            _must(server.login(settings.user, settings.password), "login")
            _must(server.select(_quoted(settings.folder), readonly=not mark_seen), f"folder {settings.folder}")
            validity = (server.response("UIDVALIDITY")[1] or [b""])[0] or b""
            known, _, last = position.partition(":")
            after = int(last) if known == validity.decode() and last else 0
            found = _must(server.uid("SEARCH", "UID", f"{after + 1}:*", "UNDELETED"), "search")
            uids = sorted(uid for uid in map(int, (found[0] or b"").split()) if uid > after)
            for uid in uids[:_MOST]:
                yield Mailed(_message(server, str(uid), largest), f"{validity.decode()}:{uid}")
                if mark_seen:
                    _must(server.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"), "flag")
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"{settings.host}: {error}") from error


def _connected(settings: ImapSettings) -> imaplib.IMAP4:
    """Connect to the server. Raises MailboxError for letters that its commands cannot have, and imaplib's errors."""
    if not (settings.user + settings.password + settings.folder).isascii():
        raise MailboxError("user, password and folder must be ASCII; a folder as the server names it: `Zur&APw-ck`")
    if settings.security == "tls":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(settings.host, settings.port or 993, ssl_context=context, timeout=_SECONDS)
    server = imaplib.IMAP4(settings.host, settings.port or 143, timeout=_SECONDS)
    if settings.security == "starttls":
        server.starttls(ssl.create_default_context())
    return server


def _message(server: imaplib.IMAP4, uid: str, largest: int = LARGEST) -> bytes:
    """Fetch one message without marking it; empty if it is larger than `largest` bytes."""
    size = _SIZE.search(
        b" ".join(one for one in _must(server.uid("FETCH", uid, "(RFC822.SIZE)"), "size") if isinstance(one, bytes))
    )
    if size and int(size[1]) > largest:
        return b""
    parts = _must(server.uid("FETCH", uid, "(BODY.PEEK[])"), "fetch")
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")


def _must(answer: tuple[str, list[Any]], what: str) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(f"{what}: {answer[1]!r}"[:300])
    return answer[1]


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
