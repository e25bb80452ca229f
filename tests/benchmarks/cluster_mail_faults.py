"""Many mails by two workers whose network fails again and again, before the database and before the mail server.

    python -m tests.benchmarks.cluster_mail_faults [MAILS] [SEED]

Until all mails are sent, one network or the other stalls, resets its connections or refuses them for some seconds, with
short pauses between, and now and then a worker is killed (-9) and started again. Prints a line for each event, then
what was lost, and what arrived twice, inside and outside the window of the final dot: only a mail whose acceptance was
in doubt may arrive twice. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.support.outbox import fill
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.smtp import SmtpServer
from tests.support.tcp_faults import TcpFaults
from tests.support.workers import WorkerProcess, cluster_config, eventually, workers

FAULT, PAUSE = (0.3, 3.0), (1.0, 6.0)  # seconds, at least and at most
KILLS = 0.2  # share of the events that kill a worker
OPEN = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'dot')"
# A mail in doubt waits for 15 minutes, a failed one for its next try: neither is what is tested.
HURRY = "UPDATE delivery SET next_try = 0 WHERE state = 'queued' AND next_try > 0"


def main(mails: int = 3000, seed: int = 1) -> None:
    """Print the outcome."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    with private_cluster(binaries) as server, fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
        disturb(Path(folder), url, mails, random.Random(seed))


def disturb(folder: Path, url: str, mails: int, chance: random.Random) -> None:
    """Let two workers send the mails through disturbed networks."""
    began, done, broken = time.monotonic(), Counter[str](), 0.0
    with ExitStack() as stack:
        smtp = stack.enter_context(SmtpServer())
        socket = Path(str(make_url(url).query["host"])) / ".s.PGSQL.5432"
        networks = {"database": stack.enter_context(TcpFaults(socket))}
        networks["mail server"] = stack.enter_context(TcpFaults(("127.0.0.1", smtp.port)))
        config = _config(folder, url, networks["database"].port, networks["mail server"].port)
        Program.open(load(config)).close()
        db = Database.open(url)
        stack.callback(db.close)
        fill(db, [f"mail:r@d{n}.example" for n in range(mails)], datetime.now(UTC))
        start = stack.enter_context(workers(config))
        running = [start("--queues", "deliver,maintain") for _ in range(2)]
        eventually(lambda: smtp.accepted, 180, running)
        while _number(db, OPEN):
            time.sleep(chance.uniform(*PAUSE))
            _write(db, HURRY)
            if chance.random() < KILLS:
                _kill(running, chance)
                done["kills"] += 1
                running = [one if one.process.poll() is None else start(*one.command[6:]) for one in running]
                continue
            name, seconds = chance.choice([*networks]), chance.uniform(*FAULT)
            done[what := _fault(networks[name], chance, seconds)] += 1
            broken += seconds
            print(f"{time.monotonic() - began:6.0f} s  {name}: {what} for {seconds:.1f} s", flush=True)
        for one in running:
            one.stop()
        _print(db, smtp, mails, dict(done), broken, time.monotonic() - began)


def _config(folder: Path, url: str, database: int, mail: int) -> Path:
    more = f'[mail]\nsender = "d@example.org"\nhost = "127.0.0.1"\nport = {mail}\nsecurity = "none"\n'
    return cluster_config(folder, f"postgresql://postgres@127.0.0.1:{database}/{make_url(url).database}", more)


def _kill(running: list[WorkerProcess], chance: random.Random) -> None:
    chance.choice(running).kill()


def _fault(network: TcpFaults, chance: random.Random, seconds: float) -> str:
    what, until = chance.choice(["stall", "reset", "refuse"]), time.monotonic() + seconds
    if what == "reset":
        while time.monotonic() < until:
            network.reset()
            time.sleep(chance.uniform(0, 0.5))
    else:
        getattr(network, what)()
        time.sleep(seconds)
        network.resume()
    return what


def _print(db: Database, smtp: SmtpServer, mails: int, done: dict[str, int], broken: float, seconds: float) -> None:
    arrived = Counter(one.message_id for one in smtp.accepted)
    with db.read() as connection:
        doubted = set(connection.execute(text("SELECT message_id FROM delivery WHERE doubts > 0")).scalars())
        states = dict(connection.execute(text("SELECT state, count(*) FROM delivery GROUP BY state")).tuples().all())
    twice = {key: number for key, number in arrived.items() if number > 1}
    print(f"{mails} mails in {seconds:.0f} s, {broken:.0f} s of faults: {done}; states {states}")
    print(f"lost {mails - len(arrived)}; in doubt {len(doubted)}; more than once {len(twice)}, ", end="")
    print(f"of them never in doubt {len(twice.keys() - doubted)}; most copies {max(arrived.values())}")


def _number(db: Database, query: str) -> int:
    with db.read() as connection:
        return int(connection.execute(text(query)).scalar_one())


def _write(db: Database, statement: str) -> None:
    with db.write() as connection:
        connection.execute(text(statement))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
