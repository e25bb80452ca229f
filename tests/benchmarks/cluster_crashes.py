"""Kills workers of a cluster at random moments, and disturbs their connections to the database.

40 kills, in turn of the leader, the writer and any worker, and 40 faults of 10 minutes together. Prints what was lost,
doubled, and how long the cluster was without a leader or writer. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.support.cluster_crashes import crash_cluster
from tests.support.postgres import find_binaries, fresh_database, private_cluster


def main(kills: int = 40, faults: int = 40, faulty: int = 600, seed: int = 1) -> None:
    """Print the outcome."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    with (
        private_cluster(binaries) as server,
        fresh_database(server) as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        found = crash_cluster(Path(folder), url, kills=kills, faults=faults, faulty=faulty, feeds=50, size=3, seed=seed)
    for name, value in asdict(found).items():
        print(f"{name:10} {value}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
