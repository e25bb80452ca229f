"""A snapshot: several reads of one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from aggregator.store import Database, meta
from tests.support.statements import counting
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names


def test_reads_in_a_snapshot_see_one_moment_in_one_transaction(server_or_file_url: str) -> None:
    db = Database.open(server_or_file_url)
    meta.put(db, "key", "before")

    def written_elsewhere() -> str | None:
        meta.put(db, "key", "after")
        return meta.get(db, "key")

    with ThreadPoolExecutor(1) as others, counting(db) as statements:
        with db.snapshot():
            assert meta.get(db, "key") == "before"
            assert others.submit(written_elsewhere).result() == "after"
            assert meta.get(db, "key") == "before"
        if db.sqlite_path is not None:  # the driver of PostgreSQL begins transactions itself
            assert sum(one.startswith("BEGIN") for one in statements) == 3  # the snapshot, and two elsewhere
    assert meta.get(db, "key") == "after"
    db.close()


def test_statements_of_one_read_see_one_moment_where_asked(server_or_file_url: str) -> None:
    db = Database.open(server_or_file_url)
    meta.put(db, "key", "before")
    seen = []
    with ThreadPoolExecutor(1) as others, db.read(one_moment=True) as connection:
        for _ in range(2):
            seen.append(connection.execute(text("SELECT value FROM meta WHERE key = 'key'")).scalar())
            others.submit(meta.put, db, "key", "after").result()
    assert seen == ["before", "before"]
    assert meta.get(db, "key") == "after"
    db.close()
