"""Mails delivered a second by one, two and four workers on one PostgreSQL, to mail servers on loopback.

    python -m tests.benchmarks.cluster_deliveries [MAILS]

All mails are due at the start, each to a domain of its own. Each worker sends to a mail server of its own, a process
beside it. Prints mails a second until all are sent, the ratio to one worker, and the processor time for a mail of
workers, database server and mail servers, without their start. Everything shares this machine. Needs the binaries of a
PostgreSQL server.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy.engine import make_url

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.benchmarks.cluster_polls import processor_seconds
from tests.support.outbox import fill
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.smtp import SmtpServer
from tests.support.workers import WorkerProcess, cluster_config, eventually, workers

STARTED = 0.1  # share of the mails that may be sent during the start of the workers
PARTS = ("worker", "server", "mail server")


def main(mails: int = 2000) -> None:
    """Print a line for each number of workers."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {mails} mails; processor ms a mail by part")
    print(f"{'workers':>7} {'seconds':>8} {'mails/s':>8} {'ratio':>6}" + "".join(f"{part:>12}" for part in PARTS))
    first = 0.0
    with private_cluster(binaries) as server:
        for count in (1, 2, 4):
            with fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
                found = measure(Path(folder), url, mails, count)
            rate = found.sent / found.seconds
            first = first or rate
            each = "".join(f"{1000 * spent / found.sent:12.2f}" for spent in found.processor)
            print(f"{count:7} {found.seconds:8.1f} {rate:8.1f} {rate / first:6.2f}{each}", flush=True)


@dataclass(frozen=True)
class Measured:
    """The mails sent after the start, the seconds, and the processor seconds of each of PARTS."""

    sent: int
    seconds: float
    processor: tuple[float, ...]


@dataclass(frozen=True)
class MailServer:
    """A mail server in a process of its own."""

    pid: int
    port: int
    pipe: Connection

    def accepted(self) -> list[str]:
        """Return the Message-IDs that it has accepted."""
        self.pipe.send(True)
        found: list[str] = self.pipe.recv()
        return found


def serve(pipe: Connection) -> None:
    """Run a mail server until it is asked to end."""
    with SmtpServer() as smtp:
        pipe.send(smtp.port)
        while pipe.recv():
            pipe.send([one.message_id for one in list(smtp.accepted)])


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=serve, args=(far,), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield MailServer(process.pid, near.recv(), near)
        near.send(False)
    finally:
        process.join(10)
        process.kill()


def measure(folder: Path, url: str, mails: int, count: int) -> Measured:
    """Let `count` workers send the mails."""
    server = int((Path(str(make_url(url).query["host"])) / "data" / "postmaster.pid").read_text().split()[0])
    with ExitStack() as stack:
        servers = [stack.enter_context(mail_server()) for _ in range(count)]
        configs = [_config(folder / str(number), url, one.port) for number, one in enumerate(servers)]
        Program.open(load(configs[0])).close()
        db = Database.open(url)
        stack.callback(db.close)
        fill(db, [f"mail:r@d{n}.example" for n in range(mails)], datetime.now(UTC))
        running = [stack.enter_context(workers(config))("--queues", "deliver,maintain") for config in configs]
        parts = ([one.process.pid for one in running], [server], [one.pid for one in servers])
        early = _until(servers, int(mails * STARTED) + 1, running)
        began, before = time.monotonic(), [processor_seconds(*pids) for pids in parts]
        accepted = _until(servers, mails, running)
        seconds = time.monotonic() - began
        spent = tuple(processor_seconds(*pids) - one for pids, one in zip(parts, before, strict=True))
        for one in running:
            one.stop()
        everything = [key for one in servers for key in one.accepted()]
        assert len(set(everything)) == len(everything) == mails, f"{len(everything)} mails, {len(set(everything))} ids"
        return Measured(accepted - early, seconds, spent)


def _config(folder: Path, url: str, port: int) -> Path:
    folder.mkdir()
    more = f'[mail]\nsender = "d@example.org"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    return cluster_config(folder, url, more)


def _until(servers: Sequence[MailServer], wanted: int, running: Sequence[WorkerProcess]) -> int:
    """Wait until so many mails were accepted; return how many."""
    eventually(lambda: sum(len(one.accepted()) for one in servers) >= wanted, 900, running)
    return sum(len(one.accepted()) for one in servers)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
