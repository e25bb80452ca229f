"""The three stores on which every test of the store runs: the twin in memory, SQLite, and a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.store import Database
from aggregator.store.schema.tables import metadata
from tests.support.postgres import fresh_database, postgres_server

__all__ = ["db", "file_url", "migrated_file", "postgres_database", "postgres_server", "server_or_file_url"]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file with all tables: copied, because a migration takes longer than a test."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    db = Database.open(str(path))
    db.migrate()
    db.close()
    return path


@pytest.fixture
def file_url(migrated_file: Path, tmp_path: Path) -> str:
    """A fresh database file with all tables."""
    shutil.copy(migrated_file, tmp_path / "store.db")
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="module")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database with all tables, for one module."""
    with fresh_database(postgres_server) as url:
        db = Database.open(url)
        db.migrate()
        db.close()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server_or_file_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database that several processes may open."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("file_url"))
    url = str(request.getfixturevalue("postgres_database"))
    db = Database.open(url)
    _empty(db)
    db.close()
    return url


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty store of each kind."""
    if request.param == "memory":
        store = Database.in_memory()
    elif request.param == "sqlite":
        store = Database.open(request.getfixturevalue("file_url"))
    else:
        store = Database.open(request.getfixturevalue("postgres_database"))
        _empty(store)
    yield store
    store.close()


def _empty(store: Database) -> None:
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with store.write() as connection:
        connection.execute(text(f"TRUNCATE {names}, entry_search RESTART IDENTITY CASCADE"))
