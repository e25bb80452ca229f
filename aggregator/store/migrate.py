"""Bringing an existing database to this version's tables, by Alembic, without an ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from aggregator.store import errors

if TYPE_CHECKING:
    from aggregator.store.database import Database

# Any constant serves: it keeps two starting processes from migrating at once on PostgreSQL.
_POSTGRES_LOCK = 4_711_202_411


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for the packaged scripts, to run on `connection`."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(db: Database) -> None:
    """Run all missing migrations in one transaction. Raises `SchemaTooNew`."""
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    present = db.version()
    if present is not None and present not in known:
        raise errors.SchemaTooNew(f"{errors.SchemaTooNew.__doc__} (it stands at {present})")
    with db.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        command.upgrade(config(connection), "head")
