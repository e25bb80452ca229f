"""Editions as files: written whole, made durable, then moved into place; a second delivery of the same changes nothing."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

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
_UNFIT = re.compile(r"[^\w.+@=-]+")
# What is wrong with the path itself; a full disk, a quota, missing rights pass or are mended.
_BAD_PATH = frozenset({errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EEXIST})


class FolderChannel:
    """Writes each parcel as one file into the recipient's folder, under the parcel's file name."""

    name = "folder"

    def __init__(self, settings: FolderSettings) -> None:
        self.settings = settings
        self.server = f"folder:{settings.root or '/'}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Write the file; see `Channel.deliver`. A file of that name is replaced at one stroke."""
        folder = within(self.settings.root, parcel.recipient)
        target = folder / file_name(parcel)
        temporary = folder / f".{target.name}.{os.getpid()}.part"
        with troubles():
            folder.mkdir(parents=True, exist_ok=True)
        place(parcel.body, temporary, target, before_dot)
        return Receipt(f"written to {target}", self.server)

    def close(self) -> None:
        """Nothing is kept open."""


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
        with troubles(), temporary.open("wb") as file:
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
def troubles() -> Iterator[None]:
    """Turn an operating system's refusal into the channel's words: nothing was delivered."""
    try:
        yield
    except OSError as error:
        message = f"{error.strerror}: {error.filename or ''}".rstrip(": ")
        raise (RecipientRefused if error.errno in _BAD_PATH else TemporaryFailure)(message) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
