"""A full disk, a lock that stays, a damaged file, a server that is away: each says what it is and how to fix it, and
leaves nothing half written.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from aggregator.store import Database, errors, meta
from aggregator.store.editions import editions
from aggregator.store.intake import entries
from aggregator.store.outgoing import deliveries
from aggregator.store.records import NewDelivery
from tests.support.stored import NOW, edition, entry, item, publish, publish_stories, readers, send


@pytest.fixture
def db(file_url: str) -> Database:
    return Database.open(file_url, busy_seconds=0.2)


def test_a_full_disk_leaves_no_half_edition(db: Database) -> None:
    stories = publish_stories(db, 2)
    people = readers(db, "ann@x.example")
    with db.read() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar()
    # The limit is the connection's own: the pool hands the same one out again.
    with db.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {size + 3}")
        connection.rollback()
    big = edition([item(story) for story in stories])
    new = NewDelivery(people[0], "<1@d>", b"x" * 200_000)
    with pytest.raises(errors.DiskFull) as caught:
        editions.save_edition(db, big, "{}" * 50_000, "S", [new], recipient_ids=people, now=NOW)
    assert caught.value.code == "disk-full"
    assert caught.value.hint
    assert editions.editions(db) == []
    assert editions.reported(db, people, stories) == {people[0]: {}}
    assert deliveries.counts(db) == {}


_LIMITED = """
import os, resource, sys
from aggregator.store import Database, errors, meta
from tests.support.stored import edition, item, publish_stories, readers, send
db = Database.open(sys.argv[1])
stories = publish_stories(db, 1)
people = readers(db, *(f"r{n}@x.example" for n in range(3)))
size = os.path.getsize(sys.argv[1].removeprefix("sqlite:///") + "-wal") + 40_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    send(db, edition([item(stories[0], facts={str(n) * 50 for n in range(3000)})]), people)
except errors.StoreError as error:
    print(error.code)
"""


def test_a_quota_that_is_used_up_leaves_no_half_edition(file_url: str, db: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, file_url], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() in ("disk", "disk-full")
    assert editions.editions(db) == []
    assert deliveries.counts(db) == {}
    assert send(db, edition([item("s1")]), [1])


_OPENED = """
import resource, sys
from aggregator.store import Database, errors, meta
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    Database.open(sys.argv[1]).version()
except errors.StoreError as error:
    print(error.code)
"""


def test_a_disk_too_full_to_open_the_database_is_called_full(file_url: str, db: Database) -> None:
    db.close()
    done = subprocess.run(
        [sys.executable, "-c", _OPENED, file_url], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "disk-full"


def test_a_database_that_cannot_be_written_to_is_called_so(db: Database) -> None:
    with db.read() as connection:  # the only connection of the pool, which the write takes next
        connection.exec_driver_sql("PRAGMA query_only = 1")
    with pytest.raises(errors.ReadOnly, match="readonly"):
        meta.put(db, "key", "value")


def test_a_damaged_file_is_called_damaged(file_url: str, tmp_path: Path) -> None:
    db = Database.open(file_url)
    publish(db, [entry(str(n), text="words " * 500) for n in range(50)])
    db.close()
    path = tmp_path / "store.db"
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = os.urandom(200)
    path.write_bytes(content)
    db = Database.open(file_url)
    with pytest.raises(errors.Corrupt) as caught:
        entries.ungrouped(db, 100)
    assert "backup" in caught.value.hint


@pytest.mark.parametrize("content", [b"<html>" * 1000, os.urandom(8192)])
def test_a_file_that_is_no_database_is_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.db"
    path.write_bytes(content)
    with pytest.raises(errors.Corrupt):
        Database.open(str(path)).migrate()
    assert path.read_bytes() == content


def test_a_database_that_another_program_holds_is_called_locked(file_url: str, db: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.Locked):
            publish(db, [entry("a")])
        other.execute("ROLLBACK")
    publish(db, [entry("a")])


def test_threads_of_one_process_wait_for_their_turn(db: Database) -> None:
    with db.write() as _connection:
        problems: list[BaseException] = []
        waiting = threading.Thread(target=lambda: problems.extend(_error_of(db)))
        waiting.start()
        waiting.join()
    assert [type(problem) for problem in problems] == [errors.Locked]


def _error_of(db: Database) -> list[BaseException]:
    try:
        publish(db, [entry("a")])
    except errors.StoreError as error:
        return [error]
    return []


def test_many_threads_write_one_after_the_other(file_url: str) -> None:
    db = Database.open(file_url)
    threads = [
        threading.Thread(target=publish, args=(db, [entry(f"{n}")]), kwargs={"url": f"https://{n}.example/"})
        for n in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(entries.ungrouped(db, 100)) == 8
    db.close()


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(errors.Unreachable, match="no folder"):
        Database.open(str(tmp_path / "none" / "store.db"))


def test_a_folder_in_the_place_of_the_file_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(errors.Unreachable):
        Database.open(str(tmp_path)).migrate()


@pytest.mark.parametrize("url", ["nonsense://x", "postgresql://nobody@127.0.0.1:1/none", "mysql://x/y"])
def test_an_address_that_leads_nowhere_is_unreachable(url: str) -> None:
    with pytest.raises(errors.Unreachable) as caught:
        Database.open(url).migrate()
    assert caught.value.code == "unreachable"
    assert isinstance(caught.value, ConnectionError)


def test_a_database_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(errors.SchemaMissing):
        entries.ungrouped(Database.open(str(tmp_path / "new.db")), 1)


@pytest.mark.postgres
def test_a_missing_database_of_a_server_is_unreachable(postgres_server: str) -> None:
    with pytest.raises(errors.Unreachable):
        Database.open(postgres_server.replace("/postgres?", "/none?")).migrate()


def test_a_newer_database_is_refused(db: Database) -> None:
    with db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(errors.SchemaTooNew, match="9999"):
        db.migrate()


def test_every_error_has_a_code_of_its_own_and_a_hint() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.StoreError)]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.hint and kind().message == kind.__doc__ for kind in kinds)


def test_a_naive_instant_is_refused(db: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        publish(db, [entry("a", published=NOW.replace(tzinfo=None))])
    assert entries.ungrouped(db, 10) == []


def test_a_process_whose_connections_are_all_in_use_says_so(file_url: str) -> None:
    engine = create_engine(file_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    db = Database(engine)
    with db.read():
        for transaction in (db.read, db.write):
            with pytest.raises(errors.Locked, match="connections of this process are in use"), transaction():
                pass
    db.close()
