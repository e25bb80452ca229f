"""Copies the database consistently while the daemon runs, and puts a copy back in its place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from aggregator.store.database import Database
from aggregator.store.errors import BackupRefused, Corrupt, NotABackup
from aggregator.store.schema import migrate
from aggregator.store.schema.dialect import translate
from aggregator.system.files import make_private_folder, raise_named

_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database that is in use


_STEP = 1 << 22  # bytes that are copied between two reports of progress

OnBytes = Callable[[int, int], None]
"""Takes how many bytes are copied, and of how many."""


def backup(db: Database, path: Path, on_bytes: OnBytes | None = None) -> None:
    """Copy an SQLite database to `path` as it was at one instant; other processes may write meanwhile.

    The copy gets its name only after the check, so `path` always holds a complete backup: the old one or the new one.
    Raises `BackupRefused` for PostgreSQL, and `Corrupt` when the copy fails SQLite's own check.
    """
    if db.engine.dialect.name != "sqlite":
        raise BackupRefused("this is not an SQLite database")
    if db.sqlite_path is not None and path.resolve() == db.sqlite_path.resolve():
        raise BackupRefused("the backup would overwrite the database itself")
    with _unfinished(path) as unfinished:
        try:
            _copy(db, unfinished, on_bytes)
        except sqlite3.Error as error:
            raise translate(DBAPIError("backup", None, error)) from error
        _sync(unfinished)
        unfinished.replace(path)


def restore(copy: Path, target: Path, now: datetime, on_bytes: OnBytes | None = None) -> Path | None:
    """Put a backup in the place of the SQLite database `target`; return where the replaced database is now, if any.

    Nothing is replaced before the backup is checked. Raises `NotABackup`, `Corrupt`, `SchemaTooNew`, and
    `BackupRefused` while another process uses the database. An older backup is migrated when the database is next
    opened.
    """
    if target.exists() and copy.resolve() == target.resolve():
        raise BackupRefused("the backup is the database itself", hint="name a file that `aggregator backup` wrote")
    make_private_folder(target.parent)
    with _unfinished(target) as unfinished:
        _copy_bytes(copy, unfinished, on_bytes)
        _check(unfinished, copy)
        _sync(unfinished)
        replaced = _set_aside(target, now) if target.exists() else None
        unfinished.replace(target)
    return replaced


def _check(unfinished: Path, copy: Path) -> None:
    """Check a copied backup: that it is a whole database of this program, of this version or an older one."""
    try:
        with closing(sqlite3.connect(unfinished)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            versions = [row[0] for row in database.execute("SELECT version_num FROM alembic_version")]
    except sqlite3.Error as error:
        raise NotABackup(f"{copy}: {NotABackup.__doc__} ({error})") from error
    if found != "ok":
        raise Corrupt(f"{copy}: {Corrupt.__doc__}: {found}")
    if not versions:
        raise NotABackup(f"{copy}: {NotABackup.__doc__} (it has no version)")
    migrate.check(versions[0])


def _set_aside(target: Path, now: datetime) -> Path:
    """Rename a database that nobody uses, with its write-ahead log; return its new name."""
    aside = target.with_name(f"{target.name}.replaced-{now:%Y%m%d-%H%M%S}")
    number = 1
    while aside.exists():
        number += 1
        aside = target.with_name(f"{target.name}.replaced-{now:%Y%m%d-%H%M%S}-{number}")
    try:
        with closing(sqlite3.connect(target, timeout=1.0)) as database:
            # In write-ahead mode this lock needs every other connection to be closed: a daemon keeps some open.
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.rollback()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupRefused(
                f"another process uses {target}", hint="stop the daemon and other commands, then restore"
            ) from error
    except sqlite3.DatabaseError:
        pass  # a damaged database is what a backup is restored for
    target.replace(aside)
    for suffix in _BESIDE:
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + suffix))
    return aside


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """Create the file that becomes `path` when it is whole, and remove it if it does not.

    Only its owner may read it, for it holds addresses.
    """
    made = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        made.touch(mode=0o600)
        yield made
    except OSError as error:
        raise_named(error, path, unfinished=str(made))
        raise
    finally:
        for suffix in ("", *_BESIDE):
            Path(f"{made}{suffix}").unlink(missing_ok=True)


def _copy(db: Database, target: Path, on_bytes: OnBytes | None) -> None:
    with db.read() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        # This transaction holds one state of the database until the end. Without it, each write by another process
        # would restart the copy.
        source.execute("BEGIN")
        source.execute("SELECT version_num FROM alembic_version").fetchone()
        try:
            page = source.execute("PRAGMA page_size").fetchone()[0]

            def on_step(_: int, remaining: int, total: int) -> None:
                if on_bytes is not None:
                    on_bytes((total - remaining) * page, total * page)

            source.backup(copy, pages=_STEP // page, progress=on_step)
        finally:
            source.rollback()
        # The backup must be one file, so that it can be moved without a write-ahead log.
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Corrupt(f"{Corrupt.__doc__}: {found}")


def _copy_bytes(copy: Path, target: Path, on_bytes: OnBytes | None) -> None:
    """Copy a file into one that is there, whose mode stays."""
    done = 0
    with copy.open("rb") as source, target.open("wb") as out:
        total = os.fstat(source.fileno()).st_size
        while part := source.read(_STEP):
            out.write(part)
            done += len(part)
            if on_bytes is not None:
                on_bytes(done, total)


def _sync(path: Path) -> None:
    """Flush the copy to the disk before it replaces the old backup."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
