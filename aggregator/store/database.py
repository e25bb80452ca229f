"""Opening the database, its transactions and its migrations.

    with db.read() as connection:    a consistent view; nothing is written
    with db.write() as connection:   one transaction: all of it is kept, or nothing

SQLite runs in write-ahead mode with `synchronous=FULL`: a commit is on the disk before it returns, so a delivery that was marked
stays marked after a power cut. Measured here: FULL costs one fsync a transaction, which batches of polls share.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from aggregator.store import errors
from aggregator.store.schema.dialect import create_search, translate
from aggregator.store.schema.tables import HEAD, metadata

BUSY_SECONDS = 15.0
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -6000",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)


def open_database(url: str) -> Database:
    """Open the database at `url` and bring its tables up to date; the folder of an SQLite file is made. Raises StoreError."""
    folder = database_folder(url)
    if folder is not None:
        with suppress(OSError):  # opening the file says what is wrong
            folder.mkdir(parents=True, exist_ok=True)
    database = Database.open(url)
    try:
        database.migrate()
    except BaseException:
        database.close()
        raise
    return database


def database_folder(url: str) -> Path | None:
    """The folder of an SQLite database's file; None for a database in memory or on a server."""
    path = url.removeprefix("sqlite:///")
    return None if "://" in path or path in ("", ":memory:") else Path(path).parent


class Database:
    """One database, shared by all threads of the process. Not for use after `fork`."""

    def __init__(self, engine: Engine, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self._busy_seconds = busy_seconds
        # Threads of one process queue here; SQLite's own waiting sleeps in steps of up to 100 ms.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
        """Open by URL (`sqlite:///path`, `postgresql://…`) or by a file's path; nothing is created until `migrate`.

        `busy_seconds`: how long to wait for another program's transaction before `Locked`.
        """
        try:
            address = _address(url)
            if address.get_backend_name() == "sqlite":
                return cls(_sqlite(address, busy_seconds), busy_seconds=busy_seconds)
            options = {"connect_timeout": 10} if address.get_driver_name() == "psycopg" else {}
            engine = create_engine(address, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args=options)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise errors.Unreachable(f"{errors.Unreachable.__doc__}: {error}") from error
        return cls(engine, busy_seconds=busy_seconds)

    @classmethod
    def in_memory(cls) -> Database:
        """Return a fresh, complete database that lives as long as this object: the twin for tests and one-off runs."""
        engine = create_engine(
            "sqlite://",
            poolclass=QueuePool,
            pool_size=1,  # the one connection is the database; threads take turns
            max_overflow=0,
            connect_args={"check_same_thread": False},
        )
        database = cls(_prepare(engine, BUSY_SECONDS))
        with database.write() as connection:
            metadata.create_all(connection)
            create_search(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return database

    @property
    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database; None for memory and for PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name and name != ":memory:" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the data, released at the end."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise translate(error) from error

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction: committed at the end, undone whole if anything raises.

        Without `durable` it outlives the end of this process, however it comes, but a power failure may undo it unless a
        durable one was committed after it. That spares waiting for the disk, which is most of what a small transaction costs.
        """
        if self._turn is not None and not self._turn.acquire(timeout=self._busy_seconds):
            raise errors.Locked
        try:
            with self._writer.begin() if durable else self._relaxed() as connection:
                yield connection
        except DBAPIError as error:
            raise translate(error) from error
        finally:
            if self._turn is not None:
                self._turn.release()

    @contextmanager
    def _relaxed(self) -> Iterator[Connection]:
        """A transaction that does not wait for the disk: the next that does takes it along."""
        if self._turn is None:
            with self._writer.begin() as connection:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
                yield connection
            return
        with self._writer.connect() as connection:
            driver: Any = connection.connection.driver_connection  # the pragma does nothing inside of a transaction
            driver.execute("PRAGMA synchronous = NORMAL")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous = FULL")

    def version(self) -> str | None:
        """Return the migration the database stands at; None if it was never set up."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found

    def migrate(self) -> bool:
        """Bring the tables to this version's form; True if anything was done. Safe to call at every start, from several processes.

        Raises `SchemaTooNew` when a newer version of the program wrote the database.
        """
        present = self.version()
        if present == HEAD:
            return False
        from aggregator.store.schema.migrate import (  # Alembic takes 0.2 s to import: only when it is needed
            check,
            upgrade,
        )

        check(present)
        with self.write() as connection:
            upgrade(connection)
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _address(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=str(Path(url).expanduser()))
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    return address


def _sqlite(address: URL, busy_seconds: float) -> Engine:
    if address.database and address.database != ":memory:":
        folder = Path(address.database).parent
        if not folder.is_dir():
            raise errors.Unreachable(f"{errors.Unreachable.__doc__}: there is no folder {folder}")
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=20,
        pool_use_lifo=True,  # each connection has a cache of its own: the fewer are in use, the less memory they take
        connect_args={"check_same_thread": False, "timeout": busy_seconds},
    )
    return _prepare(engine, busy_seconds)


def _write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Turn the write-ahead log on. SQLite does not wait when several processes do so at once on a fresh file: we do."""
    patience = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return


def _prepare(engine: Engine, busy_seconds: float) -> Engine:
    """Take transactions into our own hands: the driver would begin them late and always deferred.

    Measured: three processes that read, then write met 326,539 "database is locked" with deferred transactions, none with immediate ones.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        _write_ahead(connection, busy_seconds)
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
