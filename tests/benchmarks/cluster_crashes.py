"""Kills workers of a cluster at random moments, and disturbs their connections to the database.

    python -m tests.benchmarks.cluster_crashes [--kills N] [--faults N] [--faulty SECONDS] [--minutes M] [--seed N]

40 kills, in turn of the leader, the writer and any worker, and 40 faults of 10 minutes together. Prints a line for each
event, and what was lost, doubled, and how long the cluster was without a leader or writer. After `--minutes`, after
SIGTERM or Ctrl-C no event follows, and what came of the others is counted. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path

from tests.support.cluster_crashes import crash_cluster
from tests.support.postgres import find_binaries, fresh_database, private_cluster


def main() -> None:
    """Print the outcome."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--faults", type=int, default=40)
    options.add_argument("--faulty", type=float, default=600, help="seconds of all faults together")
    options.add_argument("--minutes", type=float, default=60, help="no event begins later")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    ending, began = threading.Event(), time.monotonic()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: ending.set())

    def report(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)

    with (
        private_cluster(binaries) as server,
        fresh_database(server) as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        found = crash_cluster(
            Path(folder),
            url,
            kills=given.kills,
            faults=given.faults,
            faulty=given.faulty,
            feeds=50,
            size=3,
            seed=given.seed,
            stop=lambda: ending.is_set() or time.monotonic() - began > given.minutes * 60,
            report=report,
        )
    for name, value in asdict(found).items():
        print(f"{name:10} {value}")


if __name__ == "__main__":
    main()
