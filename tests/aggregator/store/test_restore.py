from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.store import Database, meta, open_database
from aggregator.store.backup.sqlite import backup, restore
from aggregator.store.errors import BackupRefused, NotABackup, SchemaTooNew, StoreError

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


def made(path: Path, said: str) -> Path:
    """A database that says something."""
    db = open_database(f"sqlite:///{path}")
    meta.put(db, "said", said)
    db.close()
    return path


def said(path: Path) -> str | None:
    db = Database.open(f"sqlite:///{path}")
    try:
        return meta.get(db, "said")
    finally:
        db.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A backup of a database that says "then"."""
    db = Database.open(f"sqlite:///{made(tmp_path / 'old.db', 'then')}")
    backup(db, tmp_path / "copy.db")
    db.close()
    return tmp_path / "copy.db"


def test_the_replaced_database_is_kept(tmp_path: Path, copy: Path) -> None:
    target = made(tmp_path / "news.db", "now")
    first = restore(copy, target, NOW)
    assert first is not None
    assert (said(target), said(first)) == ("then", "now")
    second = restore(copy, target, NOW)
    assert second not in (None, first)
    assert said(copy) == "then"
    assert target.stat().st_mode & 0o077 == 0


def test_what_was_written_last_is_kept_with_the_replaced_database(tmp_path: Path, copy: Path) -> None:
    """A process that was killed leaves its last transactions in the write-ahead log."""
    alive = made(tmp_path / "alive.db", "now")
    with closing(sqlite3.connect(alive)) as writer:
        writer.execute("UPDATE meta SET value = 'last' WHERE key = 'said'")
        writer.commit()
        target = tmp_path / "news.db"
        for suffix in ("", "-wal"):
            (tmp_path / f"news.db{suffix}").write_bytes((tmp_path / f"alive.db{suffix}").read_bytes())
    replaced = restore(copy, target, NOW)
    assert replaced is not None
    assert (said(target), said(replaced)) == ("then", "last")


def test_a_new_machine_has_no_database_to_keep(tmp_path: Path, copy: Path) -> None:
    target = tmp_path / "new" / "folder" / "news.db"
    assert restore(copy, target, NOW) is None
    assert said(target) == "then"


def test_a_damaged_database_is_replaced(tmp_path: Path, copy: Path) -> None:
    target = tmp_path / "news.db"
    target.write_bytes(b"no database" * 1000)
    replaced = restore(copy, target, NOW)
    assert replaced is not None
    assert replaced.read_bytes().startswith(b"no database")
    assert said(target) == "then"


def test_nothing_is_replaced_while_the_database_is_in_use(tmp_path: Path, copy: Path) -> None:
    target = made(tmp_path / "news.db", "now")
    daemon = Database.open(f"sqlite:///{target}")
    assert meta.get(daemon, "said") == "now"
    with pytest.raises(BackupRefused, match="another process uses"):
        restore(copy, target, NOW)
    daemon.close()
    assert said(target) == "now"


def newer(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


def cut(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:20_000])


def of_another_program(copy: Path) -> None:
    copy.unlink()
    with closing(sqlite3.connect(copy)) as database:
        database.execute("CREATE TABLE bookmark (url TEXT)")
        database.commit()


def text(copy: Path) -> None:
    copy.write_text("[[feed]]")


@pytest.mark.parametrize(
    ("spoil", "error"),
    [(newer, SchemaTooNew), (cut, StoreError), (of_another_program, NotABackup), (text, NotABackup)],
)
def test_what_is_no_usable_backup_replaces_nothing(
    tmp_path: Path, copy: Path, spoil: object, error: type[Exception]
) -> None:
    assert callable(spoil)
    spoil(copy)
    target = made(tmp_path / "news.db", "now")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(error):
        restore(copy, target, NOW)
    assert said(target) == "now"
    assert sorted(tmp_path.iterdir()) == before


def test_the_database_itself_is_no_backup(tmp_path: Path) -> None:
    target = made(tmp_path / "news.db", "now")
    with pytest.raises(BackupRefused, match="is the database itself"):
        restore(target, target, NOW)


def test_a_backup_is_of_one_instant_while_another_process_writes(tmp_path: Path) -> None:
    """Each write of another process would restart a copy that is made in steps without a transaction."""
    path = made(tmp_path / "news.db", "before")
    db = Database.open(f"sqlite:///{path}")
    meta.put(db, "large", "x" * 20_000_000)
    seen: list[tuple[int, int]] = []

    def write(done: int, total: int) -> None:
        seen.append((done, total))
        with closing(sqlite3.connect(path)) as writer:
            writer.execute("UPDATE meta SET value = 'meanwhile' WHERE key = 'said'")
            writer.commit()

    backup(db, tmp_path / "copy.db", write)
    db.close()
    assert len(seen) > 3
    assert seen == sorted(set(seen))
    assert seen[-1][0] == seen[-1][1] == (tmp_path / "copy.db").stat().st_size
    assert (said(path), said(tmp_path / "copy.db")) == ("meanwhile", "before")
