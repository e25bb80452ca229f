"""Workers that are killed and lose their database: nothing is lost, nothing is stored or sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cluster_crashes import crash_cluster
from tests.support.postgres import fresh_database
from tests.support.stores import postgres_server

__all__ = ["postgres_server"]
pytestmark = [pytest.mark.crash, pytest.mark.postgres]


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with fresh_database(postgres_server) as url:
        yield url


@pytest.mark.timeout(1200)
def test_kills_and_a_bad_network_lose_nothing_and_double_nothing(tmp_path: Path, database: str) -> None:
    """The long version: `python -m tests.benchmarks.cluster_crashes`."""
    found = crash_cluster(tmp_path, database, kills=1, faults=1, faulty=2, feeds=20, size=2, seed=7)
    assert (found.missing, found.twice, found.lost, found.outside) == (0, 0, 0, 0), found
    assert found.entries == 20 * 4
    assert found.mails >= 6
    assert all(seconds < 60 for seconds in (*found.leaders, *found.writers)), found
