"""Migrates an existing database with Alembic, without an ini file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from aggregator.store import errors
from aggregator.store.schema.dialect import MIGRATION_LOCK, one_at_a_time


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for the packaged scripts."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def check(present: str | None) -> None:
    """Raise `SchemaTooNew` if the database is at a migration that this version does not know."""
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if present is not None and present not in known:
        raise errors.SchemaTooNew(f"{errors.SchemaTooNew.__doc__} (it is at {present})")


def upgrade(connection: Connection) -> None:
    """Run all missing migrations in the transaction of `connection`."""
    one_at_a_time(connection, MIGRATION_LOCK)
    command.upgrade(config(connection), "head")
