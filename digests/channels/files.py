"""Writes editions as files: complete, durable, then renamed. A second delivery of the same parcel changes nothing.

Two processes that deliver into the same folder wait for each other.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from lxml import etree

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.settings import FolderSettings
from digests.errors import OutcomeUnknown, RecipientRefused, TemporaryFailure

_SUFFIXES = {
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/atom+xml": ".xml",
    "application/epub+zip": ".epub",
}
SITE_DUE = ".due"  # in the folder of a site with an edition that its pages do not have yet
_ATOM = "{http://www.w3.org/2005/Atom}"
_UNFIT = re.compile(r"[^\w.+@=-]+")
# Errors of the path itself. Others, such as a full disk or missing rights, are temporary.
_BAD_PATH = frozenset({errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EEXIST})


class FolderChannel:
    """Writes each parcel as one file into the recipient's folder, under the parcel's file name."""

    name = "folder"

    def __init__(self, settings: FolderSettings) -> None:
        self.settings = settings
        self.server = f"{self.name}:{settings.root or '/'}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Write the file; see `Channel.deliver`. An existing file is replaced atomically, unless it is kept."""
        folder = recipient_folder(self.settings.root, parcel.recipient)
        target = folder / self.file_name(parcel)
        with channel_errors():
            make_folder(folder, 0o755)
        with only_writer(folder):
            with channel_errors():
                kept = self.reason_to_keep(target, parcel.body)
            if kept:
                before_dot()
                return Receipt(f"{kept}: {target}", self.server)
            # The same temporary name at every try, so that a file left by a crash is overwritten.
            write_durably(parcel.body, folder / f".{target.name}.part", target, before_dot)
        return Receipt(f"written to {target}", self.server)

    def file_name(self, parcel: Parcel) -> str:
        """Return the name of the parcel's file."""
        return file_name(parcel)

    def reason_to_keep(self, target: Path, body: bytes) -> str:
        """Return why the file at `target` is kept; empty if it is replaced."""
        del target, body
        return ""

    def close(self) -> None:
        """Nothing is kept open."""


class EpubChannel(FolderChannel):
    """Writes each edition as an EPUB file."""

    name = "epub"


class AtomChannel(FolderChannel):
    """Keeps one feed of the newest editions. A late delivery never replaces a newer feed by an older one."""

    name = "atom"

    def reason_to_keep(self, target: Path, body: bytes) -> str:
        """Keep a newer feed, because it contains the earlier editions too."""
        if not target.exists():
            return ""
        there, ours = feed_age(target.read_bytes()), feed_age(body)
        return "a newer feed is there" if there and ours and there > ours else ""


class SiteChannel(FolderChannel):
    """Marks a site of files as out of date. Its pages need the whole archive, so they are written afterwards."""

    name = "site"

    def file_name(self, parcel: Parcel) -> str:
        """Return the name of the mark."""
        del parcel
        return SITE_DUE


def feed_age(feed: bytes) -> tuple[datetime, datetime] | None:
    """Return the slot of a feed's newest entry and when the feed was made; None if it is not a feed of editions."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(feed, parser)
        slots = [datetime.fromisoformat(e.text or "") for e in root.iterfind(f"{_ATOM}entry/{_ATOM}published")]
        return max(slots), datetime.fromisoformat(root.findtext(f"{_ATOM}updated") or "")
    except (etree.XMLSyntaxError, ValueError, TypeError):
        return None


def recipient_folder(root: Path | None, recipient: str) -> Path:
    """Return the folder that a recipient names; RecipientRefused if it is invalid or outside the root."""
    if "\0" in recipient or not recipient.strip():
        raise RecipientRefused(f"not a folder: {recipient!r}", status="5.1.3")
    path = Path(recipient)
    if root is None:
        return path
    path = (root / path).resolve()
    if not path.is_relative_to(root.resolve()):
        raise RecipientRefused(f"the folder {recipient!r} lies outside {root}", status="5.1.3")
    return path


def file_name(parcel: Parcel) -> str:
    """Return a safe file name: the parcel's own, else one made of its Message-ID; at most 200 bytes, never hidden."""
    fallback = parcel.message_id.strip("<>") + _SUFFIXES.get(parcel.media_type, ".bin")
    name = _UNFIT.sub("-", parcel.filename or fallback).lstrip(".-") or stable_name(parcel)
    stem, suffix = Path(name).stem, Path(name).suffix
    while len((stem + suffix).encode()) > 200:
        stem, suffix = (stem[:-1], suffix) if stem else (suffix[:100], "")
    return stem + suffix


def stable_name(parcel: Parcel) -> str:
    """Return a name that is always the same for a message: 32 hexadecimal digits of its Message-ID's hash."""
    return hashlib.sha256(parcel.message_id.encode()).hexdigest()[:32]


def write_durably(
    body: bytes,
    temporary: Path,
    target: Path,
    before_dot: BeforeDot,
    move: Callable[[Path, Path], object] = Path.replace,
) -> None:
    """Write the file, flush it, call `before_dot`, rename it, flush the folder. Raises ChannelError."""
    try:
        with channel_errors(), open(temporary, "wb", opener=_no_link) as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        before_dot()
        with channel_errors():
            move(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    try:
        _sync_folder(target.parent)
    except OSError as error:
        raise OutcomeUnknown(f"written, but perhaps not durable: {error.strerror}") from error


def make_folder(folder: Path, mode: int) -> None:
    """Make a folder and those above it that are missing, each with the rights in `mode` that the umask leaves."""
    if not folder.is_dir():
        if folder.parent != folder:
            make_folder(folder.parent, mode)
        folder.mkdir(mode, exist_ok=True)


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Lock the folder against other processes of this program, if its file system has locks."""
    with channel_errors():
        handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def channel_errors() -> Iterator[None]:
    """Raise an OSError as a ChannelError: nothing was delivered."""
    try:
        yield
    except OSError as error:
        message = f"{error.strerror}: {error.filename or ''}".rstrip(": ")
        raise (RecipientRefused if error.errno in _BAD_PATH else TemporaryFailure)(message) from error


def _no_link(path: str, flags: int) -> int:
    """Open a file, but not through a symbolic link that somebody else may have made."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)  # others may read editions, never change them


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
