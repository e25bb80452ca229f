"""What all tables share: the metadata, the type of ids, columns with defaults, and partial indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Index, Integer, MetaData, text

from aggregator.store.schema.types import Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# On SQLite only an INTEGER PRIMARY KEY is the rowid.
Id = BigInteger().with_variant(Integer(), "sqlite")


def flag_column(name: str, *, default: bool = False) -> Column[bool]:
    """Return a column that is true or false."""
    return Column(name, Boolean, nullable=False, server_default=text("true" if default else "false"))


def count_column(name: str) -> Column[int]:
    """Return a column for a number that starts at 0."""
    return Column(name, Integer, nullable=False, server_default=text("0"))


def words_column(name: str) -> Column[str]:
    """Return a column for a text that may be empty."""
    return Column(name, Words, nullable=False, server_default="")


def partial_index(name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> None:
    """Add an index of the rows for which `where` holds.

    For PostgreSQL `create` adds the condition: given here, it would make SQLAlchemy import that dialect, which costs
    every command 80 ms.
    """
    Index(name, *columns, unique=unique, sqlite_where=where)
