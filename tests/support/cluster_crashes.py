"""Workers of a cluster that are killed at random moments, or lose their database; and the count of what came of it."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store import Database
from tests.support.smtp import SmtpServer
from tests.support.tcp_faults import TcpFaults
from tests.support.workers import WorkerProcess, cluster_config, eventually, workers

_WORDS = [
    "harbour",
    "ledger",
    "quarry",
    "mill",
    "orchard",
    "ferry",
    "tunnel",
    "glacier",
    "market",
    "council",
    "bakery",
    "theatre",
    "station",
    "meadow",
    "lantern",
    "copper",
    "violin",
    "granite",
    "barley",
    "anchor",
    "ribbon",
    "saddle",
    "walnut",
    "canyon",
]


@dataclass(frozen=True)
class ClusterOutcome:
    """What came of it.

    `twice`: entries stored or placed more than once; `outside`: second copies of mails never caught in the dot window;
    `takeovers`: seconds without a leader after each kill of one.
    """

    kills: int
    faults: int
    entries: int
    missing: int
    twice: int
    editions: int
    mails: int
    lost: int
    duplicates: int
    outside: int
    takeovers: tuple[float, ...]
    seconds: float


class Press:
    """Feeds on loopback; each round brings one new item to each."""

    def __init__(self, feeds: int) -> None:
        self.feeds, self.rounds = feeds, 1
        press = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = press.document(int(self.path.strip("/")))
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def document(self, number: int) -> bytes:
        items = "".join(self._item(number, turn) for turn in range(self.rounds))
        return f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'.encode()

    def _item(self, number: int, turn: int) -> str:
        chance = random.Random(number * 1000 + turn)
        words = " ".join(chance.choice(_WORDS) for _ in range(60))
        title = f"{words[:50].title()} {number} {turn}"
        return f"<item><guid>{number}-{turn}</guid><title>{title}</title><description>{words}.</description></item>"


def crash_cluster(
    folder: Path, database: str, *, kills: int, faults: int, feeds: int, size: int, seed: int
) -> ClusterOutcome:
    """Let `size` workers poll, group, compose and deliver; kill one and disturb the network now and then."""
    chance, began = random.Random(seed), time.monotonic()
    press = Press(feeds)
    with ExitStack() as stack:
        stack.callback(press.close)
        smtp = stack.enter_context(SmtpServer())
        relay = stack.enter_context(TcpFaults(Path(make_url(database).query["host"]) / ".s.PGSQL.5432"))  # type: ignore[arg-type]
        config = _config(folder, database, relay.port, press, smtp.port)
        Program.open(load(config)).close()
        db = Database.open(database)
        stack.callback(db.close)
        start = stack.enter_context(workers(config))
        running = [start() for _ in range(size)]
        takeovers, window = list[float](), set[str]()
        eventually(lambda: _entries(db) >= feeds, running=running)
        events = ["kill"] * kills + ["fault"] * faults
        chance.shuffle(events)
        for event in events:
            press.rounds += 1
            _make_due(db)
            time.sleep(chance.uniform(0, 6))  # the moment of the fault is what is tested
            if event == "kill":
                _kill(db, running, chance.randrange(size), start, takeovers)
            else:
                _disturb(relay, chance)
            window |= _in_doubt(db)
        press.rounds += 1
        _make_due(db)
        _finish(db, feeds * press.rounds, running)
        window |= _in_doubt(db)
        for one in running:
            one.stop()
        return _count(db, smtp, press, kills, faults, window, takeovers, began)


def _config(folder: Path, database: str, port: int, press: Press, smtp: int) -> Path:
    name = make_url(database).database
    feeds = "".join(
        f'[[feed]]\nurl = "http://127.0.0.1:{press.port}/{n}"\nname = "F{n}"\nallow_private = true\n'
        for n in range(press.feeds)
    )
    people = ", ".join(f'"r{n}@example.org"' for n in range(6))
    return cluster_config(
        folder,
        f"postgresql://postgres@127.0.0.1:{port}/{name}",
        f'[fetch]\nper_host = 64\n[mail]\nsender = "d@example.org"\nhost = "127.0.0.1"\nport = {smtp}\n'
        'security = "none"\n'
        f'[[digest]]\nname = "daily"\nzone = "UTC"\nto = [{people}]\n{feeds}',
    )


def _kill(db: Database, running: list[WorkerProcess], index: int, start: object, takeovers: list[float]) -> None:
    """Kill a worker; if it was the leader, note how long the cluster has none."""
    victim, holder = running[index], _leader(db)
    led = holder is not None and f":{victim.process.pid}:" in holder
    victim.kill()
    began = time.monotonic()
    if led:
        eventually(lambda: _leader(db) not in (None, holder), running=running)
        takeovers.append(time.monotonic() - began)
    assert callable(start)
    running[index] = start()


def _leader(db: Database) -> str | None:
    query = text("SELECT value FROM meta WHERE key = 'leader' AND until > extract(epoch FROM clock_timestamp()) * 1e6")
    with db.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def _disturb(relay: TcpFaults, chance: random.Random) -> None:
    what = chance.choice(["stall", "reset", "refuse"])
    getattr(relay, what)()
    if what != "reset":
        time.sleep(chance.uniform(1, 5))
        relay.resume()


def _make_due(db: Database) -> None:
    """Make all feeds and the digest due."""
    with db.write() as connection:
        connection.execute(text("UPDATE feed SET next_check = 0"))
        connection.execute(text("UPDATE digest SET next_slot = (extract(epoch FROM clock_timestamp()) * 1e6)::bigint"))


_OPEN_WORK = text("""SELECT (SELECT count(*) FROM entry WHERE NOT grouped)
    + (SELECT count(*) FROM digest WHERE next_slot <= extract(epoch FROM clock_timestamp()) * 1e6)
    + (SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'dot'))""")


def _finish(db: Database, entries: int, running: list[WorkerProcess]) -> None:
    """Wait until all is polled, grouped and delivered; leases of killed workers run out meanwhile."""
    with db.write() as connection:
        connection.execute(text("UPDATE feed SET lease_until = 0 WHERE lease_until IS NOT NULL"))
        connection.execute(text("UPDATE feed_host SET lease_until = NULL"))

    def done() -> bool:
        with db.read() as connection:
            if connection.execute(_OPEN_WORK).scalar_one():
                return False
        if _entries(db) >= entries:
            return True
        with db.write() as connection:  # a poll that was under way has read the document without its last items
            connection.execute(text("UPDATE feed SET next_check = 0"))
        return False

    eventually(done, 600, running)


def _entries(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM entry")).scalar_one())


def _in_doubt(db: Database) -> set[str]:
    with db.read() as connection:
        rows = connection.execute(text("SELECT message_id FROM delivery WHERE state = 'dot' OR doubts > 0"))
        return set(rows.scalars())


def _count(
    db: Database,
    smtp: SmtpServer,
    press: Press,
    kills: int,
    faults: int,
    window: set[str],
    takeovers: list[float],
    began: float,
) -> ClusterOutcome:
    with db.read() as connection:
        names = Counter(connection.execute(text("SELECT guid FROM entry")).scalars())
        placed = Counter(
            connection.execute(text("SELECT entry_id FROM story_event WHERE entry_id IS NOT NULL")).scalars()
        )
        editions = connection.execute(text("SELECT count(*) FROM edition")).scalar_one()
        stored = set(connection.execute(text("SELECT message_id FROM delivery WHERE state <> 'expired'")).scalars())
    arrived = Counter(one.message_id for one in smtp.accepted)
    doubled = {key: count - 1 for key, count in arrived.items() if count > 1}
    return ClusterOutcome(
        kills=kills,
        faults=faults,
        entries=len(names),
        missing=press.feeds * press.rounds - len(names),
        twice=sum(count > 1 for count in (*names.values(), *placed.values())),
        editions=editions,
        mails=len(arrived),
        lost=len(stored - set(arrived)),
        duplicates=sum(doubled.values()),
        outside=sum(count for key, count in doubled.items() if key not in window),
        takeovers=tuple(round(seconds, 1) for seconds in takeovers),
        seconds=round(time.monotonic() - began, 1),
    )
