"""The migrations give exactly the tables that the program works with, quickly, and say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from aggregator.store import Database
from aggregator.store.schema.migrate import config
from aggregator.store.schema.tables import HEAD, metadata


def differences(db: Database) -> list[Any]:
    """What Alembic would change to bring the database to `tables`; FTS5's own tables are no business of it."""

    def ours(_thing: Any, name: str | None, kind: str, reflected: bool, _to: Any) -> bool:
        return not (kind == "table" and reflected and (name or "").startswith(("entry_search", "alembic")))

    with db.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"include_object": ours}), metadata))


def test_a_migrated_file_has_the_tables_of_the_program(file_url: str) -> None:
    db = Database.open(file_url)
    assert differences(db) == []
    assert db.version() == HEAD
    db.close()


@pytest.mark.postgres
def test_a_migrated_server_has_the_tables_of_the_program(postgres_database: str) -> None:
    db = Database.open(postgres_database)
    assert differences(db) == []
    db.close()


def test_the_twin_in_memory_has_the_same_tables_and_indexes(file_url: str) -> None:
    def schema(db: Database) -> dict[str, str]:
        query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
        with db.read() as connection:
            return {row.name: "".join(row.sql.split()).replace('"', "") for row in connection.execute(text(query))}

    twin, file = Database.in_memory(), Database.open(file_url)
    assert schema(twin).keys() == schema(file).keys()
    indexes = [name for name in schema(twin) if name.startswith(("ix_", "uq_"))]
    assert {name: schema(twin)[name] for name in indexes} == {name: schema(file)[name] for name in indexes}
    assert twin.version() == file.version()
    twin.close()
    file.close()


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_migrating_twice_does_nothing_the_second_time(tmp_path: Path) -> None:
    db = Database.open(str(tmp_path / "new.db"))
    assert db.version() is None
    assert db.migrate()
    assert not db.migrate()
    db.close()


def test_a_file_keeps_what_is_committed(file_url: str) -> None:
    db = Database.open(file_url)
    with db.read() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2: FULL, each commit is on the disk
    db.close()
