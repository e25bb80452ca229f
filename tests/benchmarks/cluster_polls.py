"""Feeds polled a second by one, two and four workers on one PostgreSQL, from a publisher on loopback.

All feeds are due at the start. Prints polls and entries a second until all are polled, the ratio to one worker, and the
processor seconds of workers and server. Workers, server and publisher share this machine. Needs the binaries of a
PostgreSQL server.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.support.cluster_crashes import Press
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.workers import cluster_config, eventually, workers


def main(feeds: int = 1000) -> None:
    """Print a line for each number of workers."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {feeds} feeds")
    print(f"{'workers':>7} {'seconds':>8} {'polls/s':>8} {'ratio':>6} {'cpu s of workers':>17}")
    first = 0.0
    with private_cluster(binaries) as server:
        for count in (1, 2, 4):
            with fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
                seconds, processor = measure(Path(folder), url, feeds, count)
            rate = feeds / seconds
            first = first or rate
            print(f"{count:7} {seconds:8.1f} {rate:8.1f} {rate / first:6.2f} {processor:17.1f}", flush=True)


def measure(folder: Path, url: str, feeds: int, count: int) -> tuple[float, float]:
    """Return the seconds from the first poll to the last, and the processor seconds of the workers."""
    press = Press(feeds)
    press.rounds = 10
    # A name for each feed, so that the limits of one host do not rule.
    tables = "".join(
        f'[[feed]]\nurl = "http://127.{n // 250}.{n % 250}.1:{press.port}/{n}"\nname = "F{n}"\nallow_private = true\n'
        for n in range(feeds)
    )
    config = cluster_config(folder, url, tables)
    Program.open(load(config)).close()
    db = Database.open(url)

    def polled() -> int:
        with db.read() as connection:
            return int(connection.execute(text("SELECT count(*) FROM feed WHERE polls > 0")).scalar_one())

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with workers(config) as start:
        running = [start("--queues", "poll,maintain") for _ in range(count)]
        eventually(lambda: polled() > 0, 180, running)
        began = time.monotonic()
        eventually(lambda: polled() >= feeds, 600, running)
        seconds = time.monotonic() - began
        for one in running:
            one.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    press.close()
    db.close()
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
