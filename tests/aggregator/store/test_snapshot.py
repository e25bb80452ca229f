"""A snapshot: several reads of one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from aggregator.store import meta, open_database
from tests.support.statements import counting


def test_reads_in_a_snapshot_see_one_moment_in_one_transaction(server_or_file_url: str):
    db = open_database(server_or_file_url)
    meta.put(db, "key", "before")

    def written_elsewhere() -> str | None:
        meta.put(db, "key", "after")
        return meta.get(db, "key")

    with ThreadPoolExecutor(1) as others, counting(db) as statements:
        with db.snapshot():
            assert meta.get(db, "key") == "before"
            assert others.submit(written_elsewhere).result() == "after"
            assert meta.get(db, "key") == "before"
        begun = sum(statement.startswith("BEGIN") for statement in statements)
        assert begun == 3 or db.sqlite_path is None  # the snapshot, and two elsewhere; not counted on a server
    assert meta.get(db, "key") == "after"
    db.close()
