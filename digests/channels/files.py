"""Editions as files: written whole, made durable, then moved into place; a second delivery of the same changes nothing.

One writer at a time in a folder: two processes that deliver there at once wait for each other.
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

from digests.channels.base import BeforeDot
from digests.channels.settings import FolderSettings
from digests.errors import OutcomeUnknown, RecipientRefused, TemporaryFailure
from digests.model import Parcel, Receipt

_SUFFIXES = {
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/atom+xml": ".xml",
    "application/epub+zip": ".epub",
}
_ATOM = "{http://www.w3.org/2005/Atom}"
_UNFIT = re.compile(r"[^\w.+@=-]+")
# What is wrong with the path itself; a full disk, a quota, missing rights pass or are fixed.
_BAD_PATH = frozenset({errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EEXIST})


class FolderChannel:
    """Writes each parcel as one file into the recipient's folder, under the parcel's file name."""

    name = "folder"

    def __init__(self, settings: FolderSettings) -> None:
        self.settings = settings
        self.server = f"{self.name}:{settings.root or '/'}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Write the file; see `Channel.deliver`. A file of that name is replaced at one stroke, unless `stays` says so."""
        folder = within(self.settings.root, parcel.recipient)
        target = folder / file_name(parcel)
        with troubles():
            folder.mkdir(parents=True, exist_ok=True)
        with only_writer(folder):
            with troubles():
                kept = self.stays(target, parcel.body)
            if kept:
                before_dot()
                return Receipt(f"{kept}: {target}", self.server)
            # The same name at every try: what a crash left half written is written over.
            place(parcel.body, folder / f".{target.name}.part", target, before_dot)
        return Receipt(f"written to {target}", self.server)

    def stays(self, target: Path, body: bytes) -> str:
        """Why what lies at `target` is better left as it is; empty where it is to be replaced."""
        del target, body
        return ""

    def close(self) -> None:
        """Nothing is kept open."""


class EpubChannel(FolderChannel):
    """Writes e-books: each edition a file of its own."""

    name = "epub"


class AtomChannel(FolderChannel):
    """Keeps one feed of the newest editions, under one name. A late delivery never puts an older feed in place of a newer."""

    name = "atom"

    def stays(self, target: Path, body: bytes) -> str:
        """A feed holds the editions before it too: nothing is lost when the newer one stays."""
        if not target.exists():
            return ""
        there, ours = newest(target.read_bytes()), newest(body)
        return "a newer feed is there" if there and ours and there > ours else ""


def newest(feed: bytes) -> tuple[datetime, datetime] | None:
    """The slot of a feed's newest entry and when the feed was made; None if it is no feed of editions."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(feed, parser)
        slots = [datetime.fromisoformat(e.text or "") for e in root.iterfind(f"{_ATOM}entry/{_ATOM}published")]
        return max(slots), datetime.fromisoformat(root.findtext(f"{_ATOM}updated") or "")
    except (etree.XMLSyntaxError, ValueError, TypeError):
        return None


def within(root: Path | None, recipient: str) -> Path:
    """Return the folder that a recipient names; RecipientRefused if it is none or lies outside the root."""
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
    """Return a safe name: the parcel's own, else one made of its Message-ID. Never hidden, never a path, at most 200 bytes."""
    fallback = parcel.message_id.strip("<>") + _SUFFIXES.get(parcel.media_type, ".bin")
    name = _UNFIT.sub("-", parcel.filename or fallback).lstrip(".-") or stable_name(parcel)
    stem, suffix = Path(name).stem, Path(name).suffix
    while len((stem + suffix).encode()) > 200:
        stem, suffix = (stem[:-1], suffix) if stem else (suffix[:100], "")
    return stem + suffix


def stable_name(parcel: Parcel) -> str:
    """Return a name that the same message always gets: 32 hexadecimal digits of its Message-ID."""
    return hashlib.sha256(parcel.message_id.encode()).hexdigest()[:32]


def place(
    body: bytes,
    temporary: Path,
    target: Path,
    before_dot: BeforeDot,
    move: Callable[[Path, Path], object] = Path.replace,
) -> None:
    """Write, flush to the disk, mark, move into place, flush the folder. ChannelError as the seam asks."""
    try:
        with troubles(), open(temporary, "wb", opener=_no_link) as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        before_dot()
        with troubles():
            move(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    try:
        _sync_folder(target.parent)
    except OSError as error:
        raise OutcomeUnknown(f"written, but perhaps not durable: {error.strerror}") from error


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder against other writers of ours, as long as its file system knows locks."""
    with troubles():
        handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def troubles() -> Iterator[None]:
    """Turn an operating system's refusal into the channel's words: nothing was delivered."""
    try:
        yield
    except OSError as error:
        message = f"{error.strerror}: {error.filename or ''}".rstrip(": ")
        raise (RecipientRefused if error.errno in _BAD_PATH else TemporaryFailure)(message) from error


def _no_link(path: str, flags: int) -> int:
    """Never write through a link that somebody else may have put there."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
