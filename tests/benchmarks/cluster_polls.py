"""Feeds polled a second by one, two and four workers on one PostgreSQL, from a publisher on loopback.

All feeds are due at the start, with ten entries each. Prints polls and entries a second until all are polled, the ratio
to one worker, and the processor time of workers, database server and publisher for a feed, without the workers' start.
All share this machine; the publisher is this process. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.support.cluster_crashes import Press
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.workers import cluster_config, eventually, workers

ENTRIES = 10  # of each feed


def main(feeds: int = 1000) -> None:
    """Print a line for each number of workers."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {feeds} feeds")
    names = f"{'polls/s':>8} {'entries/s':>9} {'ratio':>6} {'worker ms':>10} {'server ms':>10} {'publisher':>10}"
    print(f"{'workers':>7} {'seconds':>8} {names}")
    first = 0.0
    with private_cluster(binaries) as server:
        for count in (1, 2, 4):
            with fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
                seconds, *processor = measure(Path(folder), url, feeds, count)
            rate = feeds / seconds
            first = first or rate
            each = "".join(f" {1000 * one / feeds:10.1f}" for one in processor)
            print(f"{count:7} {seconds:8.1f} {rate:8.1f} {rate * ENTRIES:9.0f} {rate / first:6.2f}{each}", flush=True)


def measure(folder: Path, url: str, feeds: int, count: int) -> tuple[float, float, float, float]:
    """Return the seconds from first to last poll, and the processor seconds of workers, server and publisher."""
    press = Press(feeds)
    press.rounds = ENTRIES
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

    server = int((Path(str(make_url(url).query["host"])) / "data" / "postmaster.pid").read_text().split()[0])
    with workers(config) as start:
        running = [start("--queues", "poll,maintain") for _ in range(count)]
        pids = [one.process.pid for one in running]
        eventually(lambda: polled() > 0, 180, running)
        began, before, served = time.monotonic(), processor_seconds(*pids), processor_seconds(server)
        own = time.process_time()
        eventually(lambda: polled() >= feeds, 900, running)
        seconds = time.monotonic() - began
        processor, served = processor_seconds(*pids) - before, processor_seconds(server) - served
        own = time.process_time() - own
        for one in running:
            one.stop()
    press.close()
    db.close()
    return seconds, processor, served, own


def processor_seconds(*pids: int) -> float:
    """Return the processor seconds of these processes and all that they started."""
    parents, seconds = dict[int, int](), dict[int, float]()
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        pid = int(file.parent.name)
        # Fields 4 and 14 to 17 of proc(5): the parent, and user and system time, its own and of children that ended.
        parents[pid] = int(fields[1])
        seconds[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def belongs(pid: int) -> bool:
        return pid in pids or (pid in parents and belongs(parents[pid]))

    return sum(spent for pid, spent in seconds.items() if belongs(pid))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
