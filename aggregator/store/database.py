"""Opens the database, runs its transactions and migrates its tables.

    with db.read() as connection:    one read-only transaction
    with db.snapshot():              all reads of a block from one view
    with db.write() as connection:   one transaction: all of it is committed, or nothing

SQLite runs in write-ahead mode with `synchronous=FULL`: a commit is on the disk before it returns, so a delivery marked
as sent stays marked after a power failure. FULL costs one fsync for each transaction; polls share it in batches.
"""

from __future__ import annotations

import copy
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import QueuePool

from aggregator.store import errors
from aggregator.store.schema import create
from aggregator.store.schema.dialect import MIGRATION_LOCK, one_at_a_time, translate
from aggregator.store.schema.tables import HEAD
from aggregator.system.files import make_private, make_private_folder

BUSY_SECONDS = 15.0
CONNECTIONS = 25  # most of one process
_NO_CONNECTION = f"all {CONNECTIONS} connections of this process are in use"
_MORE_CONNECTIONS = "the database responds slowly, or --concurrency is too high for it; what failed is tried again"
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -6000",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)


def open_database(url: str) -> Database:
    """Open the database at `url` and migrate it; create the folder of an SQLite file. Raises StoreError."""
    file = database_file(url)
    if file is not None:
        with suppress(OSError):  # opening the file then reports the error
            make_private_folder(file.parent)
        make_private(file, create=True)
        for suffix in ("-wal", "-shm", "-journal"):  # SQLite gives new ones the rights of the database
            make_private(file.with_name(file.name + suffix))
    database = Database.open(url)
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None for a database in memory or on a server."""
    path = url.removeprefix("sqlite:///").partition("?")[0]
    return None if "://" in path or path in ("", ":memory:") else Path(path)


class Database:
    """One database, shared by all threads of the process. Must not be used after `fork`."""

    def __init__(self, engine: Engine, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        server = engine.dialect.name == "postgresql"
        self._viewer = engine.execution_options(isolation_level="REPEATABLE READ") if server else engine
        self._busy_seconds = busy_seconds
        # Threads of one process wait here, because SQLite's own waiting sleeps in steps of up to 100 ms.
        self._write_lock = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._check: Callable[[Connection], None] | None = None
        self._snapshot: ContextVar[Connection | None] = ContextVar("snapshot", default=None)

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Open a database by URL (`sqlite:///path`, `postgresql://…`) or by file path; `migrate` creates the tables.

        `busy_seconds` is how long to wait for the transaction of another process before raising `Locked`.
        """
        try:
            parsed = _parse_url(url)
            if parsed.get_backend_name() == "sqlite":
                return cls(_sqlite_engine(parsed, busy_seconds), busy_seconds=busy_seconds)
            engine = _server_engine(parsed)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise errors.Unreachable(f"{errors.Unreachable.__doc__}: {error}") from error
        return cls(engine, busy_seconds=busy_seconds)

    @classmethod
    def in_memory(cls) -> Database:
        """Return a new migrated database in memory, for tests and one-off runs."""
        engine = create_engine(
            "sqlite://",
            poolclass=QueuePool,
            pool_size=1,  # the connection holds the data, so all threads share it
            max_overflow=0,
            connect_args={"check_same_thread": False},
        )
        database = cls(_prepare(engine, BUSY_SECONDS))
        database.migrate()
        return database

    @property
    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database; None for one in memory and for PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name and name != ":memory:" else None

    def guarded(self, check: Callable[[Connection], None]) -> Database:
        """Return the same database, where `check` may refuse each write transaction by raising at its beginning."""
        same = copy.copy(self)
        same._check = check
        return same

    @contextmanager
    def read(self, *, one_moment: bool = False) -> Iterator[Connection]:
        """Open one read-only transaction, or use that of the snapshot around it.

        SQLite shows one moment to all its statements. PostgreSQL does so with `one_moment`, which costs a fifth of a
        small query; otherwise each statement sees what was committed before it.
        """
        shared = self._snapshot.get()
        if shared is not None:
            with _translated():
                yield shared
            return
        with _translated(), (self._viewer if one_moment else self.engine).connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads inside see one moment, in one transaction; opening one costs as much as a small query.

        For a block of one thread that neither writes nor waits.
        """
        with self.read(one_moment=True) as connection:
            token = self._snapshot.set(connection)
            try:
                yield
            finally:
                self._snapshot.reset(token)

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """Open one transaction, which commits at the end and rolls back when anything raises.

        Without `durable` the commit does not wait for the disk, which is most of the cost of a small transaction.
        The data then survives a crash of the process, but a power failure may lose it until the next durable commit.
        """
        if self._write_lock is not None and not self._write_lock.acquire(timeout=self._busy_seconds):
            raise errors.Locked
        try:
            with _translated(), self._writer.begin() if durable else self._write_without_sync() as connection:
                if self._check is not None:
                    self._check(connection)
                yield connection
        finally:
            if self._write_lock is not None:
                self._write_lock.release()

    @contextmanager
    def _write_without_sync(self) -> Iterator[Connection]:
        """Open a transaction that does not wait for the disk; the next durable commit makes it durable too."""
        if self._write_lock is None:
            with self._writer.begin() as connection:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
                yield connection
            return
        with self._writer.connect() as connection:
            driver: Any = connection.connection.driver_connection  # the pragma has no effect inside a transaction
            driver.execute("PRAGMA synchronous = NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous = FULL")

    def version(self) -> str | None:
        """Return the last migration that ran; None for a database without tables."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found

    def migrate(self) -> bool:
        """Create the tables of an empty database, or run the missing migrations; return whether anything changed.

        Several processes may call it at every start. Raises `SchemaTooNew` when a newer version of the program wrote
        the database.
        """
        present = self.version()
        if present is None and self._create():
            return True
        present = present or self.version()  # another process may have created the tables meanwhile
        if present == HEAD:
            return False
        from aggregator.store.schema.migrate import (  # imported here, because Alembic takes 0.2 s to import
            check,
            upgrade,
        )

        check(present)
        with self.write() as connection:
            upgrade(connection)
        return True

    def _create(self) -> bool:
        """Create the newest tables if the database is empty; return whether it was."""
        with self.write() as connection:
            one_at_a_time(connection, MIGRATION_LOCK)
            if not create.is_empty(connection):
                return False
            create.create(connection)
            return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the store's errors instead of the driver's and the pool's."""
    try:
        yield
    except DBAPIError as error:
        raise translate(error) from error
    except PoolExhausted as error:
        raise errors.Locked(_NO_CONNECTION, _MORE_CONNECTIONS) from error


def _parse_url(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=os.path.expanduser(url))
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


# Of psycopg 3, the only driver. A connection whose other end is gone is noticed within a minute.
KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def _server_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=CONNECTIONS - 5, connect_args=KEEPALIVE)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        if process != connection.info.backend_pid:
            # A pooler is between, which may give each transaction another connection of the server: nothing lasts.
            connection.prepare_threshold = None
        else:
            # A process that was paused in a transaction must not hold its locks for ever. No code waits in one.
            connection.execute("SET idle_in_transaction_session_timeout = '60s'")
        connection.commit()

    return engine


def _sqlite_engine(url: URL, busy_seconds: float) -> Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        if not folder.is_dir():
            raise errors.Unreachable(f"{errors.Unreachable.__doc__}: there is no folder {folder}")
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=CONNECTIONS - 5,
        pool_use_lifo=True,  # each connection has its own cache, so fewer connections in use need less memory
        connect_args={"check_same_thread": False, "timeout": busy_seconds},
    )
    return _prepare(engine, busy_seconds)


def _enable_write_ahead_log(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Enable the write-ahead log; wait here, because SQLite does not when several processes enable it at once."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _prepare(engine: Engine, busy_seconds: float) -> Engine:
    """Begin transactions here, because the driver begins them late and always deferred.

    Measured with three processes that read and then write: 326,539 "database is locked" errors with deferred
    transactions, none with immediate ones.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        _enable_write_ahead_log(connection, busy_seconds)
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
