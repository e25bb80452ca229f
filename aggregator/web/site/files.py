"""Writes the files of a site into a folder: only what has changed, and removes what is no longer part of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digests.channels.files import make_folder

_FOLDER_MODE = 0o755  # others may read the pages, never change them, whatever the umask
_LIST = ".published"  # names the files that this program wrote; no other file is ever removed


@dataclass(slots=True)
class Written:
    """How many files of a site there are, were changed, and were removed."""

    files: int = 0
    changed: int = 0
    removed: int = 0


def write_site(folder: Path, files: Iterable[tuple[str, bytes]]) -> Written:
    """Write the files, by their paths in the folder. Each is replaced as a whole. Raises OSError."""
    make_folder(folder, _FOLDER_MODE)
    before = _listed(folder)
    written, names = Written(), set[str]()
    for name, data in files:
        names.add(name)
        written.files += 1
        written.changed += _write(folder / name, data)
    for name in sorted(before - names):
        with suppress(OSError):
            (folder / name).unlink()
            written.removed += 1
    _write(folder / _LIST, "".join(f"{name}\n" for name in sorted(names)).encode())
    return written


def _listed(folder: Path) -> set[str]:
    try:
        lines = (folder / _LIST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    return {line for line in lines if line and not line.startswith("/") and ".." not in line.split("/")}


def _write(file: Path, data: bytes) -> bool:
    """Write a file that everybody may read, unless it has this content; return whether it was written."""
    with suppress(OSError):
        if file.read_bytes() == data:
            return False
    make_folder(file.parent, _FOLDER_MODE)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:80]}.")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
            os.fchmod(target.fileno(), 0o644)  # a web server of another user serves it
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return True
