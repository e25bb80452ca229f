"""A snapshot: several reads of one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aggregator.store import meta, open_database
from tests.support.statements import counting


def test_reads_in_a_snapshot_see_one_moment_in_one_transaction(tmp_path: Path):
    db = open_database(f"sqlite:///{tmp_path / 'news.db'}")
    meta.put(db, "key", "before")

    def written_elsewhere() -> str | None:
        meta.put(db, "key", "after")
        return meta.get(db, "key")

    with ThreadPoolExecutor(1) as others, counting(db) as statements:
        with db.snapshot():
            assert meta.get(db, "key") == "before"
            assert others.submit(written_elsewhere).result() == "after"
            assert meta.get(db, "key") == "before"
        assert sum(statement.startswith("BEGIN") for statement in statements) == 3  # the snapshot, and two elsewhere
    assert meta.get(db, "key") == "after"
    db.close()
