"""Workers of a cluster as real processes on a real PostgreSQL: they share the work, and continue after a kill."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.config.load import load
from aggregator.demo.outlets import OUTLETS
from aggregator.demo.serve import Publisher, publisher
from aggregator.demo.two_days import TODAY
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.store.cluster import jobs
from aggregator.store.errors import SchemaMissing
from aggregator.system.clock import ManualClock
from tests.support.postgres import fresh_database
from tests.support.smtp import SmtpServer
from tests.support.stores import postgres_server
from tests.support.workers import cluster_config, eventually, workers

__all__ = ["postgres_server"]
pytestmark = [pytest.mark.crash, pytest.mark.postgres, pytest.mark.timeout(900)]


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """A database of its own for each test: killed workers leave leases behind."""
    with fresh_database(postgres_server) as url:
        yield url


def digest(smtp: int) -> str:
    return (
        f'[mail]\nsender = "digest@example.org"\nhost = "127.0.0.1"\nport = {smtp}\nsecurity = "none"\n'
        '[[digest]]\nname = "daily"\nzone = "UTC"\nto = ["ann@example.org", "bob@example.org"]\n'
    )


def _urls(server: Publisher) -> dict[str, str]:
    return {one.key: server.url(one) for one in OUTLETS}


def feeds(urls: dict[str, str]) -> str:
    return "".join(f'[[feed]]\nurl = "{url}"\nname = "{name}"\nallow_private = true\n' for name, url in urls.items())


def test_workers_share_the_work_and_a_killed_leader_is_followed(tmp_path: Path, database: str) -> None:
    with publisher(TODAY) as server, SmtpServer() as smtp:
        config = cluster_config(tmp_path, database, digest(smtp.port) + feeds(_urls(server)))
        # The slot was set yesterday: the digest is due at once.
        Program.open(load(config), ManualClock(datetime.now(UTC) - timedelta(days=1, hours=1))).close()
        db = Database.open(database)
        with workers(config) as start:
            running = [start(), start("--queues", "poll,deliver,group")]
            eventually(lambda: len(smtp.accepted) == 2, running=running)
            leader = next(one for one in running if "this worker is the leader now" in one.log)
            other = next(one for one in running if one is not leader)
            leader.kill()
            eventually(lambda: "this worker is the leader now" in other.log, running=[other])
            make_due(db)
            eventually(lambda: not due(db), running=[other])
            eventually(lambda: not unplaced(db), running=[other])
            assert other.stop() == 0
            assert "stopped finished=yes" in other.log
        counted = Counter(one.recipient for one in smtp.accepted)
        assert counted == {"ann@example.org": 1, "bob@example.org": 1}
        with db.read() as connection:
            placed = connection.execute(text("SELECT entry_id FROM story_event WHERE entry_id IS NOT NULL")).scalars()
            assert set(Counter(placed).values()) == {1}
        db.close()


def test_the_worker_that_polls_reads_ahead_for_the_one_that_groups(tmp_path: Path, database: str) -> None:
    with publisher(TODAY) as server, workers(cluster_config(tmp_path, database, feeds(_urls(server)))) as start:
        polling = start("--queues", "poll")
        with closing(Database.open(database)) as db:
            eventually(lambda: count(db, "read_ahead") > 0, running=[polling])
            eventually(lambda: count(db, "read_ahead") == unplaced(db), running=[polling])
            grouping = start("--queues", "group")
            eventually(lambda: not unplaced(db), running=[grouping])
            eventually(lambda: not count(db, "read_ahead"), running=[grouping])
            assert count(db, "comparison")
        assert polling.stop() == grouping.stop() == 0


def count(db: Database, table: str) -> int:
    """How many rows a table has; none before it exists."""
    try:
        with db.read() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
    except SchemaMissing:
        return 0


def make_due(db: Database) -> None:
    with db.write() as connection:
        connection.execute(text("UPDATE feed SET next_check = 0"))


def due(db: Database) -> int:
    """How many feeds were not polled since they were made due."""
    with db.read() as connection:
        query = text("SELECT count(*) FROM feed WHERE last_check IS NULL OR next_check = 0")
        return int(connection.execute(query).scalar_one())


def unplaced(db: Database) -> int:
    """How many entries are in no story."""
    with db.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM entry WHERE NOT grouped")).scalar_one())


def test_figures_and_checks_of_a_cluster(tmp_path: Path, database: str) -> None:
    config = cluster_config(tmp_path, database, '[[feed]]\nurl = "http://127.0.0.1:9/feed"\nallow_private = true\n')
    assert "no worker has run yet" in command(config, "queues").stderr
    with workers(config) as start, closing(Database.open(database)) as db:
        worker = start()
        eventually(lambda: any(one.per_second for one in polls(db)), running=[worker])
        rows = [json.loads(line) for line in command(config, "queues", "--json").stdout.splitlines()]
        assert {row["queue"]: row["done_per_second"] > 0 for row in rows}["poll"]
        checks = command(config, "doctor", "--offline").stdout
        assert "workers: 1; the leader is" in checks
        refused = command(alone(config), "run")
        assert refused.returncode == 1
        assert "workers of a cluster serve this database" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert worker.stop() == 0
    assert "no worker runs" in command(config, "doctor", "--offline").stdout
    assert "Traceback" not in worker.log, worker.log


def alone(config: Path) -> Path:
    """The same configuration for one daemon without workers."""
    file = config.parent / "alone.toml"
    file.write_text(config.read_text().replace("[cluster]\nenabled = true\n", ""))
    return file


def polls(db: Database) -> list[jobs.QueueFigures]:
    """The figures of the queue of polls, once a worker has made the tables."""
    if jobs.installed_version(db) is None:
        return []
    return [one for one in jobs.queue_figures(db) if one.name == "poll"]


def command(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aggregator", "--config", str(config), *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_worker_needs_the_setting_and_a_server(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    found = command(config, "worker")
    assert found.returncode == 1
    assert "[cluster] enabled is not set" in found.stderr
    config.write_text("[cluster]\nenabled = true\n")
    found = command(config, "worker")
    assert found.returncode == 2
    assert "needs a PostgreSQL database" in found.stderr
    found = command(config, "worker", "--queues", "mail")
    assert found.returncode == 2
    assert "the queues are poll, group, compose, deliver, bounces, maintain" in " ".join(found.stderr.split())
