"""Backup and restore of PostgreSQL with its own programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.store import Database, meta
from aggregator.store.backup.postgres import backup, restore
from aggregator.store.errors import BackupRefused, NotABackup, SchemaTooNew
from tests.support.postgres import fresh_database

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    with fresh_database(postgres_server) as made:
        put(made, "then")
        yield made


def put(url: str, value: str) -> None:
    db = Database.open(url)
    db.migrate()
    meta.put(db, "said", value)
    db.close()


def said(url: str) -> str | None:
    db = Database.open(url)
    try:
        return meta.get(db, "said")
    finally:
        db.close()


def test_a_backup_comes_back_and_the_replaced_content_is_kept(url: str, tmp_path: Path) -> None:
    backup(url, tmp_path / "copy.dump")
    assert (tmp_path / "copy.dump").stat().st_mode & 0o077 == 0
    put(url, "now")
    replaced = restore(tmp_path / "copy.dump", url, NOW)
    assert said(url) == "then"
    restore(replaced, url, NOW)
    assert said(url) == "now"


def test_nothing_is_restored_while_others_use_the_database(url: str, tmp_path: Path) -> None:
    backup(url, tmp_path / "copy.dump")
    put(url, "now")
    other = Database.open(url)
    with other.read() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(BackupRefused, match="other connections"):
            restore(tmp_path / "copy.dump", url, NOW)
    other.close()
    assert said(url) == "now"


def test_a_newer_schema_and_other_files_are_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(NotABackup):
        restore(tmp_path / "text", url, NOW)
    db = Database.open(url)
    with db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    backup(url, tmp_path / "newer.dump")
    with pytest.raises(SchemaTooNew):
        restore(tmp_path / "newer.dump", url, NOW)


def test_without_the_programs_a_hint_names_them(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupRefused, match="pg_dump is not installed") as refused:
        backup(url, tmp_path / "copy.dump")
    assert "postgresql-client" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
