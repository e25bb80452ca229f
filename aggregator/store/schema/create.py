"""Creates the newest tables in an empty database, without the migrations that led to them."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect

from aggregator.store.schema.dialect import create_search
from aggregator.store.schema.tables import HEAD, metadata

# Alembic's own table.
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
_VERSION.primary_key.name = "alembic_version_pkc"


def is_empty(connection: Connection) -> bool:
    """Whether the database has no table."""
    return not inspect(connection).get_table_names()


def create(connection: Connection) -> None:
    """Create all tables, and record that all migrations ran."""
    if connection.dialect.name == "postgresql":
        _limit_partial_indexes()
    metadata.create_all(connection)
    create_search(connection)
    _VERSION.create(connection)
    connection.execute(insert(_VERSION).values(version_num=HEAD))


def _limit_partial_indexes() -> None:
    """Give partial indexes their condition for PostgreSQL too: see `columns.partial_index`."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
