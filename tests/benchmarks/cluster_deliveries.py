"""Mails delivered a second by one, two and four workers on one PostgreSQL, to a mail server on loopback.

    python -m tests.benchmarks.cluster_deliveries [MAILS]

All mails are due at the start, each to a domain of its own. Prints mails a second until all are sent, the ratio to one
worker, and the processor time of workers and server for a mail, without the workers' start. Everything shares this
machine. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.benchmarks.cluster_polls import processor_seconds
from tests.support.outbox import fill
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.smtp import SmtpServer
from tests.support.workers import cluster_config, eventually, workers

STARTED = 0.1  # share of the mails that may be sent during the start of the workers


def main(mails: int = 2000) -> None:
    """Print a line for each number of workers."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {mails} mails")
    print(f"{'workers':>7} {'seconds':>8} {'mails/s':>8} {'ratio':>6} {'worker ms':>10} {'server ms':>10}")
    first = 0.0
    with private_cluster(binaries) as server:
        for count in (1, 2, 4):
            with fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
                sent, seconds, processor, served = measure(Path(folder), url, mails, count)
            rate = sent / seconds
            first = first or rate
            each = [1000 * one / sent for one in (processor, served)]
            print(
                f"{count:7} {seconds:8.1f} {rate:8.1f} {rate / first:6.2f} {each[0]:10.1f} {each[1]:10.1f}", flush=True
            )


def measure(folder: Path, url: str, mails: int, count: int) -> tuple[int, float, float, float]:
    """Return the mails sent after the start, the seconds, and the processor seconds of workers and server."""
    server = int((Path(str(make_url(url).query["host"])) / "data" / "postmaster.pid").read_text().split()[0])
    with SmtpServer() as smtp:
        more = f'[mail]\nsender = "d@example.org"\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = "none"\n'
        config = cluster_config(folder, url, more)
        Program.open(load(config)).close()
        db = Database.open(url)
        fill(db, [f"mail:r@d{n}.example" for n in range(mails)], datetime.now(UTC))
        db.close()
        with workers(config) as start:
            running = [start("--queues", "deliver,maintain") for _ in range(count)]
            pids = [one.process.pid for one in running]
            eventually(lambda: len(smtp.accepted) > mails * STARTED, 300, running)
            early, began = len(smtp.accepted), time.monotonic()
            processor, served = processor_seconds(*pids), processor_seconds(server)
            eventually(lambda: len(smtp.accepted) >= mails, 900, running)
            seconds = time.monotonic() - began
            processor, served = processor_seconds(*pids) - processor, processor_seconds(server) - served
            for one in running:
                one.stop()
        assert len({one.message_id for one in smtp.accepted}) == len(smtp.accepted) == mails, "each mail once"
        return mails - early, seconds, processor, served


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
