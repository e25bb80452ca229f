"""Workers of a cluster that are killed at random moments, or lose their database; and the count of what came of it."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
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
    `leaders`, `writers`: seconds until another worker took over, after each kill of one; `faulty`: seconds of faults.
    """

    kills: int
    faults: int
    faulty: float
    entries: int
    missing: int
    twice: int
    editions: int
    mails: int
    lost: int
    duplicates: int
    outside: int
    leaders: tuple[float, ...]
    writers: tuple[float, ...]
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
                with suppress(ConnectionError):  # the worker was killed
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


_MOST_TURNS = 120
_NEXT = 3  # the next event begins within so many seconds
Report = Callable[[str], None]
LEASES = {"leader": "leader", "writer": "grouping"}  # the name of each role's lease


@dataclass
class _Cluster:
    """The running workers. One that has ended is started again, as a service manager does."""

    db: Database
    start: Callable[[], WorkerProcess]
    running: list[WorkerProcess]
    report: Report = lambda _: None
    takeovers: dict[str, list[float]] = field(default_factory=lambda: {role: [] for role in LEASES})

    def until(self, check: Callable[[], object], seconds: float = 300) -> None:
        """Wait until a condition holds."""

        def look() -> object:
            self.restart_ended()
            return check()

        eventually(look, seconds, self.running)

    def restart_ended(self) -> None:
        for place, worker in enumerate(self.running):
            if worker.process.poll() is not None:
                self.running[place] = self.start()

    def kill(self, role: str, chance: random.Random) -> None:
        """Kill the worker with this role, or any; note how long the cluster then has no leader or writer.

        Waits until two workers run: what is measured is the takeover, not the start of a process.
        """
        self.until(lambda: self.alive() >= 2)
        holders = {role: self.holder(name) for role, name in LEASES.items()}
        suited = [worker for worker in self.running if _holds(worker, holders.get(role))]
        victim = chance.choice(suited or self.running)
        lost = {role: holder for role, holder in holders.items() if _holds(victim, holder)}
        victim.kill()
        began, seconds = time.monotonic(), dict[str, float]()

        def followed() -> bool:
            for role, holder in lost.items():
                if role not in seconds and self.holder(LEASES[role]) not in (None, holder):
                    seconds[role] = time.monotonic() - began
            return len(seconds) == len(lost)

        self.until(followed)
        for role, taken in seconds.items():
            self.takeovers[role].append(taken)
        after = ", ".join(f"another {role} after {taken:.1f} s" for role, taken in seconds.items())
        self.report(f"killed {role}: {after or 'it was neither leader nor writer'}")

    def alive(self) -> int:
        """Return how many of the running workers have shown a sign of life."""
        query = text("SELECT value FROM meta WHERE key LIKE 'worker:%'")
        with self.db.read() as connection:
            holders = connection.execute(query).scalars().all()
        return sum(any(_holds(worker, holder) for holder in holders) for worker in self.running)

    def holder(self, lease: str) -> str | None:
        query = text("SELECT value FROM meta WHERE key = :key AND until > extract(epoch FROM clock_timestamp()) * 1e6")
        with self.db.read() as connection:
            found: str | None = connection.execute(query, {"key": lease}).scalar()
        return found


def _holds(worker: WorkerProcess, holder: str | None) -> bool:
    return holder is not None and f":{worker.process.pid}:" in holder


def crash_cluster(
    folder: Path,
    database: str,
    *,
    kills: int,
    faults: int,
    faulty: float,
    feeds: int,
    size: int,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
    report: Report = lambda _: None,
) -> ClusterOutcome:
    """Let `size` workers poll, group, compose and deliver; kill one and disturb the network now and then.

    In turn the leader, the writer and any worker are killed. The faults last `faulty` seconds together. When `stop`
    returns True, no event follows, and what came of the others is counted. `report` takes a line for each event.
    """
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
        cluster, window = _Cluster(db, start, [start() for _ in range(size)], report), set[str]()
        cluster.until(lambda: _entries(db) >= feeds)
        events = [("leader", "writer", "any")[turn % 3] for turn in range(kills)] + ["fault"] * faults
        chance.shuffle(events)
        done, disturbed = Counter[str](), 0.0
        for event in events:
            if stop():
                break
            press.rounds += 1
            _make_due(db, press.rounds)
            time.sleep(chance.uniform(0, _NEXT))  # the moment of the fault is what is tested
            cluster.restart_ended()
            if event == "fault":
                disturbed += _disturb(relay, chance, chance.uniform(0, 2 * faulty / faults), report)
            else:
                cluster.kill(event, chance)
            done["faults" if event == "fault" else "kills"] += 1
            window |= _in_doubt(db)
        press.rounds += 1
        _make_due(db, press.rounds)
        _finish(cluster, feeds * press.rounds)
        window |= _in_doubt(db)
        for one in cluster.running:
            one.stop()
        return _count(db, smtp, press, done, disturbed, window, cluster.takeovers, began)


def upgrade_cluster(
    folder: Path, database: str, old: Path, *, feeds: int, size: int, rounds: int, report: Report
) -> ClusterOutcome:
    """Let `size` workers of the program in `old` work, and replace them one by one by workers of this version.

    Before, between and after come `rounds` rounds of news. At the end one old worker is started again; it must refuse.
    """
    press, began = Press(feeds), time.monotonic()
    with ExitStack() as stack:
        stack.callback(press.close)
        smtp = stack.enter_context(SmtpServer())
        relay = stack.enter_context(TcpFaults(Path(make_url(database).query["host"]) / ".s.PGSQL.5432"))  # type: ignore[arg-type]
        start = stack.enter_context(workers(_config(folder, database, relay.port, press, smtp.port)))
        running, window = [start(code=old)], set[str]()
        db = Database.open(database)
        stack.callback(db.close)
        eventually(lambda: "running" in running[0].log, 120, running)
        running += [start(code=old) for _ in range(size - 1)]
        cluster = _Cluster(db, start, running, report)
        for place in range(size + 1):
            for _ in range(rounds):
                press.rounds += 1
                _make_due(db, press.rounds)
                cluster.until(lambda: _entries(db) >= feeds * press.rounds, 180)
                window |= _in_doubt(db)
            if place < size:
                status = running[place].stop()
                running[place] = start()
                eventually(lambda one=running[place]: "running" in one.log, 120, running)  # type: ignore[misc]
                report(f"an old worker stopped with status {status}; schema {db.version()}, {_entries(db)} entries")
        late = start(code=old)
        report(f"an old worker that starts late ends with status {late.process.wait(120)}: {late.log.splitlines()[-1]}")
        _finish(cluster, feeds * press.rounds)
        for one in running:
            one.stop()
        return _count(db, smtp, press, Counter(), 0.0, window, cluster.takeovers, began)


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
        '[[digest]]\nname = "daily"\nschedule = "0 0 29 2 *"\nzone = "UTC"\n'  # due when the turns make it so
        f"to = [{people}]\n{feeds}",
    )


def _disturb(relay: TcpFaults, chance: random.Random, seconds: float, report: Report) -> float:
    """Disturb the network before the database for a time; return the seconds."""
    what, began = chance.choice(["stall", "reset", "refuse"]), time.monotonic()
    if what == "reset":
        while time.monotonic() < began + seconds:
            relay.reset()
            time.sleep(chance.uniform(0, 2))
    else:
        getattr(relay, what)()
        time.sleep(seconds)
        relay.resume()
    taken = time.monotonic() - began
    report(f"network: {what} for {taken:.1f} s")
    return taken


def _make_due(db: Database, turn: int) -> None:
    """Make all feeds and the digest due; the digest for another minute each turn, as a minute has one mail a person."""
    with db.write() as connection:
        connection.execute(text("UPDATE feed SET next_check = 0"))
        connection.execute(
            text("UPDATE digest SET next_slot = ((extract(epoch FROM clock_timestamp()) - :before) * 1e6)::bigint"),
            {"before": (_MOST_TURNS - turn) * 60},
        )


_OPEN_WORK = text("""SELECT (SELECT count(*) FROM entry WHERE NOT grouped)
    + (SELECT count(*) FROM digest WHERE next_slot <= extract(epoch FROM clock_timestamp()) * 1e6)
    + (SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'dot'))""")


def _finish(cluster: _Cluster, entries: int) -> None:
    """Wait until all is polled, grouped and delivered; leases of killed workers run out meanwhile."""
    db = cluster.db
    with db.write() as connection:
        connection.execute(text("UPDATE feed SET lease_until = 0 WHERE lease_until IS NOT NULL"))
        connection.execute(text("UPDATE feed_host SET lease_until = NULL"))

    def done() -> bool:
        with db.write() as connection:  # a mail that was killed after its final dot would wait for 15 minutes
            connection.execute(text("UPDATE delivery SET next_try = 0 WHERE state = 'queued' AND doubts > 0"))
        with db.read() as connection:
            if connection.execute(_OPEN_WORK).scalar_one():
                return False
        if _entries(db) >= entries:
            return True
        with db.write() as connection:  # a poll that was under way has read the document without its last items
            connection.execute(text("UPDATE feed SET next_check = 0"))
        return False

    cluster.until(done, 600)


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
    done: Counter[str],
    faulty: float,
    window: set[str],
    takeovers: dict[str, list[float]],
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
        kills=done["kills"],
        faults=done["faults"],
        faulty=round(faulty, 1),
        entries=len(names),
        missing=press.feeds * press.rounds - len(names),
        twice=sum(count > 1 for count in (*names.values(), *placed.values())),
        editions=editions,
        mails=len(arrived),
        lost=len(stored - set(arrived)),
        duplicates=sum(doubled.values()),
        outside=sum(count for key, count in doubled.items() if key not in window),
        leaders=tuple(round(seconds, 1) for seconds in takeovers["leader"]),
        writers=tuple(round(seconds, 1) for seconds in takeovers["writer"]),
        seconds=round(time.monotonic() - began, 1),
    )
