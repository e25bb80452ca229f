"""Copies the database consistently while the daemon runs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from aggregator.store.database import Database
from aggregator.store.errors import BackupRefused, Corrupt
from aggregator.store.schema.dialect import translate


def backup(db: Database, path: Path) -> None:
    """Copy an SQLite database to `path` as it was at one instant; other processes may write meanwhile.

    The copy gets its name only after the check, so `path` always holds a complete backup: the old one or the new one.
    Raises `BackupRefused` for PostgreSQL, and `Corrupt` when the copy fails SQLite's own check.
    """
    if db.engine.dialect.name != "sqlite":
        raise BackupRefused("a PostgreSQL database is backed up with its own tools")
    if db.sqlite_path is not None and path.resolve() == db.sqlite_path.resolve():
        raise BackupRefused("the backup would overwrite the database itself")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.touch(mode=0o600)  # the database holds the addresses of recipients
        _copy(db, unfinished)
        _sync(unfinished)
        unfinished.replace(path)
    except sqlite3.Error as error:
        raise translate(DBAPIError("backup", None, error)) from error
    finally:
        for left in (unfinished, Path(f"{unfinished}-wal"), Path(f"{unfinished}-shm"), Path(f"{unfinished}-journal")):
            left.unlink(missing_ok=True)


def _copy(db: Database, target: Path) -> None:
    with db.read() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        # All pages in one step: with smaller steps every write by another process would restart the copy.
        source.backup(copy, pages=-1)
        # The backup must be one file, so that it can be moved without a write-ahead log.
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Corrupt(f"{Corrupt.__doc__}: {found}")


def _sync(path: Path) -> None:
    """Flush the copy to the disk before it replaces the old backup."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
