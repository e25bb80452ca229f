"""What a claim of 64 due feeds costs on PostgreSQL with 10,000, 100,000 and 1,000,000 feeds, and after many polls.

Counts statements, and blocks of the database's cache that they touch (EXPLAIN ANALYZE, BUFFERS). One feed in a hundred
is due. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.store import Database
from aggregator.store.cluster import claims
from aggregator.store.cluster.politeness import Manners
from aggregator.store.schema.types import micros
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.statements import listening

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEASE = timedelta(minutes=5)
LIMIT = 64
ROUNDS = 500  # claims and polls before the second count

_FEEDS = """INSERT INTO feed (url, configured, options, added, next_check, aliases, hints)
SELECT 'https://' || n %% {hosts} || '.example/' || n, '', '{{}}', {now},
    {now} + (n %% 100) * CAST(60000000 AS bigint) - 1000000, '[]', '{{}}'
FROM generate_series(1, {feeds}) n"""


def main(sizes: list[int]) -> None:
    """Print a line for each size."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    print(f"{'feeds':>9} {'statements':>10} {'blocks':>7} {'feeds claimed':>13} {'after polls: blocks':>20}")
    with private_cluster(binaries) as server:
        for size in sizes:
            with fresh_database(server) as url:
                print(_line(url, size), flush=True)


def _line(url: str, size: int) -> str:
    db = Database.open(url)
    db.migrate()
    with db.write() as connection:
        connection.exec_driver_sql(_FEEDS.format(hosts=max(1, size // 2), feeds=size, now=micros(NOW)))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    statements, blocks, count = cost(db, NOW)
    for turn in range(ROUNDS):
        at = NOW + timedelta(seconds=turn)
        claimed = claims.claim_due(db, at, "me", LEASE, LIMIT, Manners())
        if claimed.feeds:
            _poll(db, claimed, at)
    _, later, _ = cost(db, NOW + timedelta(hours=2))
    db.close()
    return f"{size:9} {statements:10} {blocks:7} {count:13} {later:20}"


def _poll(db: Database, claimed: claims.ClaimedFeeds, at: datetime) -> None:
    """Write what a poll writes to the feed, and free the hosts."""
    with db.write(durable=False) as connection:
        ids = ",".join(str(one.id) for one in claimed.feeds)
        connection.exec_driver_sql(
            f"UPDATE feed SET next_check = {micros(at + timedelta(hours=1))}, lease_owner = NULL, lease_until = NULL, "
            f"polls = polls + 1, unfinished = 0 WHERE id IN ({ids})"
        )
    claims.release_hosts(db, claimed, at)


def cost(db: Database, now: datetime) -> tuple[int, int, int]:
    """Return the statements of one claim, the blocks that they touch, and how many feeds it leases; undo it."""
    seen: list[tuple[str, Any]] = []
    with listening(db, lambda *executed: seen.append(executed)):
        claimed = claims.claim_due(db, now, "me", LEASE, LIMIT, Manners())
    with db.write() as connection:
        ids = ",".join(str(one.id) for one in claimed.feeds) or "0"
        connection.exec_driver_sql(f"UPDATE feed SET lease_owner = NULL, lease_until = NULL WHERE id IN ({ids})")
        connection.exec_driver_sql("UPDATE feed_host SET lease_until = NULL")
    blocks = 0
    connection = db.engine.connect()
    for statement, parameters in seen:
        rows = parameters if isinstance(parameters, list) else [parameters]
        for row in rows:
            plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", row).scalar()
            root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
            blocks += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    connection.rollback()
    connection.close()
    return len(seen), blocks, len(claimed.feeds)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10_000, 100_000, 1_000_000])
