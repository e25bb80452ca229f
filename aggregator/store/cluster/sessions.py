"""Whether the connections of a worker last.

A pooler in transaction mode gives each transaction any of its connections to the server. Transactions work, but the
session that shows that a worker is alive, and notifications, need a connection that lasts.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, text

from aggregator.store.database import Database
from aggregator.store.errors import NoSession

_LOOKS = 5  # other clients of the pooler may come between


def check_sessions(db: Database, direct: Database) -> None:
    """Make sure that connections of `direct` last and reach the database `db`. Raises NoSession."""
    if _shares_connections(direct):
        raise NoSession
    if not _same_database(db, direct):
        hint = "name the same database in both: direct_url only leaves out the pooler"
        raise NoSession("[cluster] direct_url is another database than [storage] url", hint)


def idle_limit(db: Database) -> str:
    """Return how long a transaction may be idle before the server ends it; "0" without a limit."""
    with db.read() as connection:
        found: str = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    return found


def _shares_connections(db: Database) -> bool:
    """Whether a connection that is idle between two transactions leaves its connection to the server to another one."""
    for _ in range(_LOOKS):
        with db.read() as idle:
            process = _server_process(idle)
            idle.commit()
            with db.read() as other:
                if _server_process(other) == process:
                    return True
    return False


def _server_process(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def _same_database(db: Database, direct: Database) -> bool:
    lock = {"lock": secrets.randbits(62)}
    with direct.read() as holding, db.read() as trying:
        holding.execute(text("SELECT pg_advisory_xact_lock(:lock)"), lock)
        return not trying.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), lock).scalar_one()
