"""100,000 feeds over a simulated week on PostgreSQL: when each is polled, what it costs, and the tables afterwards.

    python -m tests.benchmarks.cluster_week [--feeds N] [--days N] [--lanes N]

Time is an argument: the leader counts due feeds every thirty simulated seconds (the real one every five), and each
lane claims, polls for some seconds, saves, and claims again while more is due, as the tasks of the workers do. Claims,
limits of hosts, polling intervals and tables are the product's. The source is invented: feeds publish at random by a
rate of their own, some fail, and four in ten share their host with many others. A poll writes what a real one writes to
the feed and to its history, but stores no entries. Autovacuum runs on the server's clock, which is much slower than the
simulated one; so it looks at the tables every second instead of every minute.

Printed by day: polls, how late they were, statements, and the size of the tables with their dead rows; and the blocks
of the database's cache that a claim touches, before and after.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from aggregator.daemon.cluster.ticks import MOST_POLLS, POLL_BATCH
from aggregator.services.intake.fetching import POLL_LEASE
from aggregator.store import Database
from aggregator.store.cluster import claims
from aggregator.store.cluster.politeness import Manners
from aggregator.store.intake.feeds import count_due
from aggregator.store.schema.types import micros
from feeds.model import FeedState
from feeds.schedule import PollSettings, next_check, next_rate, usual_interval
from tests.benchmarks.cluster_claims import cost
from tests.benchmarks.cluster_polls import processor_seconds
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.statements import listening

START = datetime(2026, 6, 1, tzinfo=UTC)
TICK = timedelta(seconds=30)
LATE = timedelta(minutes=1)
RATES = {0.1: 50, 0.3: 30, 2.0: 14, 10.0: 4.5, 40.0: 1.2, 200.0: 0.3}  # entries a day, and how many feeds of a hundred
SHARED, SHARED_HOSTS = 0.4, 400  # the share of feeds at a host of many feeds, and how many such hosts there are
DEAD, FAILING = 0.03, 0.01  # the share of feeds that always fail, and of other polls that fail
SETTINGS = PollSettings()
TABLES = ("feed", "feed_host", "fetch")

_NEW_FEED = """INSERT INTO feed (url, configured, options, added, next_check, aliases, hints)
VALUES (%(url)s, %(url)s, '{}', %(added)s, %(due)s, '[]', '{}')"""
_SAVE = text("""UPDATE feed SET next_check = v.next_check, last_check = :now, rate = v.rate, failures = v.failures,
    polls = polls + 1, unfinished = 0, lease_owner = NULL, lease_until = NULL
    FROM unnest(CAST(:ids AS bigint[]), CAST(:nexts AS bigint[]), CAST(:rates AS float[]), CAST(:failures AS int[]))
        AS v (id, next_check, rate, failures)
    WHERE feed.id = v.id AND feed.lease_owner = :holder""")
_HISTORY = text("""INSERT INTO "fetch"
        (feed_id, at, status, message, final_url, wire_bytes, elapsed, seen, parser, notes)
    SELECT id, :now, 304, '', 'https://host.example/feed.xml', 200, 0.3, 20, 'xml', '[]'
    FROM unnest(CAST(:ids AS bigint[])) id""")
_SIZES = text("""SELECT pg_relation_size(relid) AS data, pg_indexes_size(relid) AS indexes, n_live_tup, n_dead_tup,
    autovacuum_count AS vacuums FROM pg_stat_user_tables WHERE relname = :name""")


@dataclass
class Source:
    """The feeds as their publishers run them, and when each is due by the product's rules."""

    chance: random.Random
    rates: list[float] = field(default_factory=list)  # what each publishes, in entries a day
    dead: list[bool] = field(default_factory=list)
    smoothed: list[float] = field(default_factory=list)  # the rate as its polls found it
    failures: list[int] = field(default_factory=list)
    last: list[datetime] = field(default_factory=list)
    due: list[datetime] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Invent a feed that is in the middle of its interval at the start."""
        chance = self.chance
        rate = chance.choices(list(RATES), list(RATES.values()))[0]
        host = f"h{number}.example"
        if chance.random() < SHARED:
            host = f"shared{min(SHARED_HOSTS, int(chance.paretovariate(0.6)))}.example"
        span = timedelta(seconds=usual_interval(rate, SETTINGS))
        self.rates.append(rate)
        self.dead.append(chance.random() < DEAD)
        self.smoothed.append(rate)
        self.failures.append(0)
        self.due.append(START + span * chance.random())
        self.last.append(self.due[-1] - span)
        self.urls.append(f"https://{host}/{number}.xml")

    def poll(self, place: int, now: datetime) -> None:
        """Publish, poll, and decide when to poll again."""
        failed = self.dead[place] or self.chance.random() < FAILING
        self.failures[place] = self.failures[place] + 1 if failed else 0
        if not failed:
            expected = self.rates[place] * (now - self.last[place]) / timedelta(days=1)
            new = _poisson(self.chance, expected)
            self.smoothed[place] = next_rate(self.smoothed[place], new, self.last[place], now) or 0.0
            self.last[place] = now
        state = FeedState(self.urls[place], rate=self.smoothed[place], failures=self.failures[place])
        due = next_check(state, now, SETTINGS)
        assert due is not None
        self.due[place] = due


def _poisson(chance: random.Random, expected: float) -> int:
    if expected > 30:
        return max(0, round(chance.gauss(expected, math.sqrt(expected))))
    limit, count, product = math.exp(-expected), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


@dataclass
class Day:
    """What happened on one day."""

    late: list[float] = field(default_factory=list)  # seconds after the planned time, of each poll
    claims: int = 0
    empty: int = 0  # claims
    early: int = 0  # polls before the planned time
    lost: int = 0  # polls whose lease another had taken
    statements: int = 0
    began: float = field(default_factory=time.process_time)
    served: float = 0.0  # processor seconds of the database server before

    def count(self, _statement: str, parameters: object) -> None:
        """Count a statement; one with many rows counts as many."""
        self.statements += len(parameters) if isinstance(parameters, list) else 1


class Simulation:
    """The leader's tick and the lanes of the poll tasks, at simulated times."""

    def __init__(self, db: Database, source: Source, lanes: int) -> None:
        self._db, self._source = db, source
        self._idle = list(range(lanes))
        self._running: list[tuple[datetime, int, claims.ClaimedFeeds]] = []
        self.day = Day()

    def run(self, begin: datetime, end: datetime) -> None:
        """Advance from one instant to another."""
        now = begin
        while now < end:
            while self._running and self._running[0][0] <= now:
                at, lane, claimed = heapq.heappop(self._running)
                self._save(at, lane, claimed)
                if claimed.more:
                    self._claim(at, lane)
                else:
                    self._idle.append(lane)
            due = count_due(self._db, now, limit=MOST_POLLS * POLL_BATCH)
            for _ in range(min(len(self._idle), -(-due // POLL_BATCH))):
                self._claim(now, self._idle.pop())
            now += TICK

    def _claim(self, now: datetime, lane: int) -> None:
        claimed = claims.claim_due(self._db, now, f"worker-{lane}", POLL_LEASE, POLL_BATCH, Manners())
        self.day.claims += 1
        if not claimed.feeds:
            self.day.empty += 1
            self._idle.append(lane)
            return
        seconds = max(self._source.chance.lognormvariate(-0.7, 0.7) for _ in claimed.feeds)  # half a second each
        heapq.heappush(self._running, (now + timedelta(seconds=min(seconds, 20)), lane, claimed))

    def _save(self, at: datetime, lane: int, claimed: claims.ClaimedFeeds) -> None:
        """Write what the polls of these feeds write, and free their hosts."""
        source = self._source
        ids = [one.id for one in claimed.feeds]
        for place in (key - 1 for key in ids):
            late = (at - source.due[place]).total_seconds()
            self.day.late.append(late)
            self.day.early += late < 0
            source.poll(place, at)
        values: dict[str, Any] = {
            "now": micros(at),
            "holder": f"worker-{lane}",
            "ids": ids,
            "nexts": [micros(source.due[key - 1]) for key in ids],
            "rates": [source.smoothed[key - 1] for key in ids],
            "failures": [source.failures[key - 1] for key in ids],
        }
        with self._db.write(durable=False) as connection:
            self.day.lost += len(ids) - connection.execute(_SAVE, values).rowcount
            connection.execute(_HISTORY, {"now": values["now"], "ids": ids})
        claims.release_hosts(self._db, claimed, at)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each day."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--feeds", type=int, default=100_000)
    options.add_argument("--days", type=int, default=7)
    options.add_argument("--lanes", type=int, default=8)
    given = options.parse_args(arguments)
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    with private_cluster(binaries) as server, fresh_database(server) as url:
        db = Database.open(url)
        db.migrate()
        _set_autovacuum(db)
        source = Source(random.Random(1))
        for number in range(given.feeds):
            source.add(number)
        _insert(db, source)
        _print_tables(db)
        print(f"blocks of one claim: {_blocks(db, START + timedelta(hours=1))}", flush=True)
        simulation = Simulation(db, source, given.lanes)
        for number in range(given.days):
            day = simulation.day = Day(served=_served(db))
            with listening(db, day.count):
                simulation.run(START + timedelta(days=number), START + timedelta(days=number + 1))
            _print_day(number + 1, day, _served(db) - day.served)
            _print_tables(db)
        end = START + timedelta(days=given.days)
        overdue = sum(end - due > LATE for due in source.due)
        print(f"feeds overdue by more than a minute at the end: {overdue}")
        print(f"blocks of one claim: {_blocks(db, end + timedelta(hours=1))}")
        db.close()


def _set_autovacuum(db: Database) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def _insert(db: Database, source: Source) -> None:
    rows = [
        {"url": url, "added": micros(START), "due": micros(due)}
        for url, due in zip(source.urls, source.due, strict=True)
    ]
    with db.write() as connection:
        connection.exec_driver_sql(_NEW_FEED, rows)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _blocks(db: Database, at: datetime) -> int:
    return cost(db, at)[1]


def _served(db: Database) -> float:
    """Return the processor seconds of the database server and its sessions."""
    folder = Path(str(db.engine.url.query["host"])) / "data"
    return processor_seconds(int((folder / "postmaster.pid").read_text().split()[0]))


def _print_day(number: int, day: Day, served: float) -> None:
    late = sorted(day.late)
    polls = len(late)
    per_cent = 100 * sum(one > LATE.total_seconds() for one in late) / polls
    print(
        f"day {number}: {polls:,} polls, late by {statistics.median(late):.1f} s (median), "
        f"{late[int(polls * 0.99)]:.0f} s (99 %), {late[-1]:.0f} s (most), {per_cent:.2f} % more than a minute; "
        f"{day.early} early, {day.lost} lost; {day.claims:,} claims, {day.empty:,} of them empty; "
        f"{day.statements / polls:.2f} statements a poll; processor time {time.process_time() - day.began:.0f} s here "
        f"and {served:.0f} s in the server",
        flush=True,
    )


def _print_tables(db: Database) -> None:
    with db.read() as connection:
        for name in TABLES:
            row = connection.execute(_SIZES, {"name": name}).one()
            sizes = f"{row.data / 1e6:8.1f} MB, indexes {row.indexes / 1e6:7.1f} MB"
            print(f"    {name:9} {sizes}, {row.n_live_tup:,} rows, {row.n_dead_tup:,} dead, {row.vacuums} vacuums")


if __name__ == "__main__":
    main()
