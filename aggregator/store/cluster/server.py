"""The state of a PostgreSQL server that matters to several workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from aggregator.store.database import Database


@dataclass(frozen=True, slots=True)
class Server:
    """The major version, the server's clock, and how many more connections it allows."""

    version: int
    now: datetime
    free_connections: int


_STATE = text("""SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now,
    current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity) AS free""")


def read_clock(db: Database) -> datetime:
    """Return the server's time."""
    with db.read() as connection:
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def read_server(db: Database) -> Server:
    """Return the state of the server now."""
    with db.read() as connection:
        row = connection.execute(_STATE).one()
    return Server(row.version, row.now, row.free)
