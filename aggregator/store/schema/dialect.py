"""The differences between SQLite and PostgreSQL: ids, inserts that may conflict, error codes, the full-text index.

(Leases use `FOR UPDATE SKIP LOCKED`. SQLAlchemy leaves it out on SQLite, where `BEGIN IMMEDIATE` allows one writer at a
time.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError

from aggregator.store import errors

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

T = TypeVar("T")

# Parameters of one statement. SQLite allows 32,766 and PostgreSQL 65,535.
CHUNK = 5000
# An arbitrary constant; it stops two processes from creating or migrating the tables of a PostgreSQL database at once.
MIGRATION_LOCK = 4_711_202_411

_SQLITE_ERRORS: dict[int, type[errors.StoreError]] = {
    5: errors.Locked,  # SQLITE_BUSY
    6: errors.Locked,  # SQLITE_LOCKED
    8: errors.ReadOnly,  # SQLITE_READONLY
    10: errors.DiskFailed,  # SQLITE_IOERR
    11: errors.Corrupt,  # SQLITE_CORRUPT
    13: errors.DiskFull,  # SQLITE_FULL
    14: errors.Unreachable,  # SQLITE_CANTOPEN
    26: errors.Corrupt,  # SQLITE_NOTADB
    4874: errors.DiskFull,  # SQLITE_IOERR_SHMSIZE: no space for the index of the write-ahead log
}

# SQLSTATE of PostgreSQL (manual, appendix A), longest prefix first.
_POSTGRES_ERRORS: tuple[tuple[str, type[errors.StoreError]], ...] = (
    ("53100", errors.DiskFull),
    ("25006", errors.ReadOnly),
    ("55P03", errors.Locked),
    ("57014", errors.Locked),
    ("40", errors.Locked),
    ("08", errors.Unreachable),
    ("28", errors.Unreachable),
    ("3D", errors.Unreachable),
    ("53", errors.Unreachable),
    ("57P", errors.Unreachable),
    ("58", errors.DiskFailed),
    ("XX00", errors.Corrupt),
    ("42P01", errors.SchemaMissing),
    ("23", errors.Refused),
)


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Split `values` into lists that fit into the parameters of one statement."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def insert_or_skip(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that skips rows which exist already."""
    return _insert_or_skip(connection.dialect.name, table)


def _insert_or_skip(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # imported here, because it takes 50 ms

        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def insert_or_replace(
    connection: Connection, table: Table, keys: Sequence[str], columns: Sequence[str]
) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that updates `columns` where a row with the same `keys` exists already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        new = postgresql.insert(table)
        return new.on_conflict_do_update(index_elements=keys, set_={c: new.excluded[c] for c in columns})
    fresh = sqlite.insert(table)
    return fresh.on_conflict_do_update(index_elements=keys, set_={c: fresh.excluded[c] for c in columns})


def insert_rows_or_skip(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert many rows of values that the driver takes as they are, without SQLAlchemy's processing of each value.

    `columns` must be in the table's order. Rows that exist already are skipped.
    """
    statement, named = _insert_or_skip_sql(connection.dialect, table, columns)
    connection.exec_driver_sql(statement, [dict(zip(columns, row, strict=True)) for row in rows] if named else [*rows])


@lru_cache(maxsize=8)
def _insert_or_skip_sql(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, bool]:
    """Return the statement for the driver, and whether it takes the values by name."""
    compiled = _insert_or_skip(dialect.name, table).compile(dialect=dialect, column_keys=list(columns))
    assert compiled.positiontup is None or tuple(compiled.positiontup) == columns, "not in the table's order"
    return str(compiled), compiled.positiontup is None


def take_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Reserve `count` ascending ids, so that one executemany inserts rows whose ids are known.

    On SQLite the caller must be in a write transaction, so that no other process inserts meanwhile.
    """
    if connection.dialect.name == "postgresql":
        drawn = connection.execute(
            text("SELECT nextval(pg_get_serial_sequence(:t, 'id')) FROM generate_series(1, :n)"),
            {"t": table.name, "n": count},
        )
        return sorted(int(row[0]) for row in drawn)
    last = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table.name}).scalar()
    first = int(last or 0) + 1
    return list(range(first, first + count))


def one_at_a_time(connection: Connection, lock: int) -> None:
    """Wait until no other transaction holds the lock. On SQLite there is one write transaction at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def violated(error: IntegrityError) -> str:
    """Return the table whose constraint was violated, or the whole message if the driver does not report the table."""
    diagnosis: Any = getattr(error.orig, "diag", None)
    if diagnosis is not None and diagnosis.table_name:
        return str(diagnosis.table_name)
    # SQLite reports "UNIQUE constraint failed: table.column, table.column".
    return str(error.orig).rpartition(": ")[2].partition(".")[0]


def translate(error: DBAPIError) -> errors.StoreError:
    """Return the store's error for an error of the driver."""
    message = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    number = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(number, int):
        if "no such table" in message:
            return errors.SchemaMissing(f"{errors.SchemaMissing.__doc__}: {message}")
        kind = _SQLITE_ERRORS.get(number) or _SQLITE_ERRORS.get(number & 0xFF)
    else:
        state = getattr(error.orig, "sqlstate", None) or ("08" if error.connection_invalidated else "")
        kind = next((known for prefix, known in _POSTGRES_ERRORS if state.startswith(prefix)), None)
    if kind is None:
        kind = _by_class(error)
    return kind(f"{kind.__doc__}: {message}")


def _by_class(error: DBAPIError) -> type[errors.StoreError]:
    if isinstance(error, IntegrityError):
        return errors.Refused
    # psycopg gives no SQLSTATE when it could not reach the server.
    name = type(error.orig).__module__ + "." + type(error.orig).__name__
    return errors.Unreachable if name.startswith("psycopg") and name.endswith("OperationalError") else errors.StoreError


SEARCH_DDL = {
    # The index takes title and text from `entry`; `search` adds and removes its rows, not triggers.
    "sqlite": (
        """CREATE VIRTUAL TABLE entry_search USING fts5
        (title, text, content='entry', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    ),
    "postgresql": (
        """CREATE TABLE entry_search
        (entry_id BIGINT PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)""",
        "CREATE INDEX ix_entry_search_words ON entry_search USING gin (words)",
    ),
}


def create_search(connection: Connection) -> None:
    """Create the full-text index of the database's dialect."""
    for statement in SEARCH_DDL[connection.dialect.name]:
        connection.execute(text(statement))
