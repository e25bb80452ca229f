"""Keeps validated configurations, so that a file that did not change is read without pydantic.

Most commands run for less time than it takes to import pydantic and to prepare its models. Each configuration has one
file in the user's folder for caches, which may be removed at any time. It counts only for the same text, program,
libraries and Python, and if nobody else can have written it. A configuration that may have a secret in itself is not
kept.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from aggregator import __version__
from aggregator.config.load import find, parse, read_text
from aggregator.config.model.table import Table
from aggregator.config.schema import Config

MOST = 16  # files; the oldest are removed
_DIGEST = 32  # bytes at the beginning of a file


def load_kept(path: str | os.PathLike[str] | None = None) -> Config:
    """Read and check a configuration file as `load` does, or take what was kept of it. Raises ConfigError."""
    from aggregator.config import checks, secrets

    file = find(path)
    text = read_text(file)
    kept = _kept(file, text)
    if kept is not None and not any(checks.missing_files(kept)):
        return kept
    config = parse(text, file)
    if kept is None and not secrets.may_be_written(config):
        with suppress(OSError, RuntimeError):  # no home, a full disk, a damaged folder: it is only slower
            _keep(file, text, config)
    return config


def folder() -> Path:
    """Return the folder of the kept configurations. Raises RuntimeError if there is no home."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or "~/AppData/Local")
    elif sys.platform == "darwin":
        base = Path("~/Library/Caches")
    else:
        named = Path(os.environ.get("XDG_CACHE_HOME", "")).expanduser()
        base = named if named.is_absolute() else Path("~/.cache")  # a relative one does not count (XDG Base Directory)
    return base.expanduser() / "aggregator"


def _kept(file: Path, text: str) -> Config | None:
    """Return what was kept of a file with this text; None if there is nothing, or if it is damaged or foreign."""
    try:
        place = _place(file)
        if not _in_our_hands(place.parent):
            return None
        with place.open("rb") as source:
            about = os.fstat(source.fileno())
            if not stat.S_ISREG(about.st_mode) or not _only_ours(about):
                return None
            found = source.read()
        if found[:_DIGEST] != _digest(text, found[_DIGEST:]):
            return None
        config = _Tables(io.BytesIO(found[_DIGEST:])).load()
        return config.at(file) if isinstance(config, Config) else None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the configuration is read as if there were none
        return None


def _in_our_hands(folder: Path) -> bool:
    """Whether nobody else can put files into a folder, or, if there is none, into the one where it would be made.

    It is not so for root in the home of a user, as with sudo. A link counts as the user's who made it. Raises OSError.
    """
    found = next((one for one in (folder, *folder.parents[:2]) if os.path.lexists(one)), None)
    if found is None:  # no home
        return False
    about = found.stat()
    return found.lstat().st_uid == about.st_uid and _only_ours(about)


def _only_ours(about: os.stat_result) -> bool:
    """Whether a file or folder is ours and only we may write it. Windows does not say; the folder is the user's."""
    user = getattr(os, "geteuid", None)
    return user is None or (about.st_uid == user() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _keep(file: Path, text: str, config: Config) -> None:
    """Keep a configuration. Raises OSError, or RuntimeError if there is no home."""
    from aggregator.system.files import make_private_folder, write_private

    place = _place(file)
    if not _in_our_hands(place.parent):
        return
    data = pickle.dumps(config, protocol=5)
    make_private_folder(place.parent)
    write_private(place, _digest(text, data) + data)
    by_age = sorted(place.parent.glob("*.config"), key=lambda one: one.stat().st_mtime, reverse=True)
    for one in by_age[MOST:]:
        one.unlink(missing_ok=True)


def _place(file: Path) -> Path:
    name = hashlib.sha256(os.fsencode(file.absolute())).hexdigest()
    return folder() / f"{name[:32]}.config"


def _digest(text: str, data: bytes) -> bytes:
    """Return the digest of a configuration's text, of what was kept of it, and of the program that reads it."""
    digest = hashlib.sha256(f"{__version__} {sys.version} {_modules()} {_libraries()}\n{text}\n".encode())
    digest.update(data)
    return digest.digest()


def _modules() -> list[tuple[str, int, int]]:
    """Return when the modules of the configuration changed; a program in development keeps its version."""
    entries = [entry for part in _folders() for entry in os.scandir(part) if entry.name.endswith(".py")]
    found = [(entry.name, entry.stat()) for entry in entries]
    return sorted((name, about.st_mtime_ns, about.st_size) for name, about in found)


def _libraries() -> list[int]:
    """Return when libraries were last installed, updated or removed, because checks ask some of them."""
    folders = [Path(part) for part in sys.path if part.endswith(("site-packages", "dist-packages"))]
    return [part.stat().st_mtime_ns for part in folders if part.is_dir()]


def _folders() -> tuple[Path, Path]:
    here = Path(__file__).parent
    return here, here.parent


class _Tables(pickle.Unpickler):
    """Reads nothing but tables and durations, so that no code can be hidden in a file."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that a configuration may consist of. Raises UnpicklingError for any other."""
        if (module, name) == ("datetime", "timedelta"):
            return super().find_class(module, name)
        if module in ("aggregator.config.schema", "aggregator.config.sections", "aggregator.config.matching"):
            found = getattr(sys.modules[module], name)
            if isinstance(found, type) and issubclass(found, Table):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a configuration")
