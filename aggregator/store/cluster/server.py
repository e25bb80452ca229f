"""The state of a PostgreSQL server that matters to several workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from aggregator.store.database import Database


@dataclass(frozen=True, slots=True)
class Server:
    """`version` is the major version; `idle_timeout` is set if a transaction that does nothing ends at some time."""

    version: int
    now: datetime
    idle_timeout: bool
    free_connections: int


_STATE = text("""SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now,
    current_setting('idle_in_transaction_session_timeout') <> '0' AS idle_timeout,
    current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity) AS free""")


def read_server(db: Database) -> Server:
    """Return the state of the server now."""
    with db.read() as connection:
        row = connection.execute(_STATE).one()
    return Server(row.version, row.now, row.idle_timeout, row.free)
