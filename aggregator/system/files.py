"""Files that only their owner may read, whatever the umask."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def make_private_folder(folder: Path) -> None:
    """Create a folder, and those above it that are missing, for the owner only. A folder that exists stays as it is."""
    if not folder.is_dir():
        make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_private(path: Path, *, create: bool = False) -> None:
    """Take the rights of others away from a file; with `create` make an empty one if there is none."""
    if create:
        with suppress(OSError):
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with suppress(OSError):  # another owner, or no such file
        found = path.stat().st_mode
        if stat.S_ISREG(found) and found & 0o077:  # a device keeps its rights: all use it
            path.chmod(stat.S_IMODE(found) & 0o700)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, in place of one that exists; a device or a pipe is written to.

    Who had opened the earlier file, or owns it, reads nothing of the new one. Raises OSError.
    """
    with opened_private(path) as file:
        file.write(data)


@contextmanager
def opened_private(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing as `write_private` does; it gets its name only when the block ends without an error."""
    target = path.resolve()
    name, written = "", ""
    try:
        if target.exists() and not target.is_file():
            written = str(target)
            with target.open("wb") as file:
                yield file
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")  # mode 0600
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(target)
    except BaseException as error:
        if name:
            with suppress(OSError):
                Path(name).unlink()
        raise_named(error, path, unfinished=written or name)
        raise


def raise_named(error: BaseException, path: Path, *, unfinished: str) -> None:
    """Raise the system's error again with the name of the file that was to be written.

    It names none when a disk is full, and the unfinished file when that cannot be created, of which the name may not be
    known (empty). Errors that name other files are left alone.
    """
    if not isinstance(error, OSError) or not error.errno:
        return
    if not error.filename or error.filename == unfinished or not unfinished:
        raise OSError(error.errno, error.strerror, str(path)) from error
