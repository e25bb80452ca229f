"""What the store costs: seconds and processor seconds of polls, stories, editions and commits.

    python -m tests.benchmarks.store [--url URL] [--feeds 500] [--entries 40]

Without `--url` a fresh SQLite file in a temporary folder is used. A server's database must be empty; it is filled.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.intake import feeds
from aggregator.store.records import FeedRecord
from aggregator.store.stories import search, stories
from tests.support.stored import DAY, HOUR, LEASE, NOW, edition, entry, item, opened, poll, readers, send, subscribe

T = TypeVar("T")
BATCH = 50  # polls in one transaction, as a busy daemon saves them


def timed(what: str, action: Callable[[], T], unit: str = "", count: int = 1) -> T:
    """Run and print a line: wall and processor seconds, and the wall time of one."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    each = f"  {wall / count * 1000:8.3f} ms wall, {cpu / count * 1000:.3f} ms cpu a {unit}" if unit else ""
    print(f"{what:48} {wall:7.2f} s  {cpu:7.2f} s cpu{each}")
    return result


def first_fetch(db: Database, records: Sequence[FeedRecord], entries: int) -> list[int]:
    """Save every feed's first poll."""
    ids: list[int] = []
    for start in range(0, len(records), BATCH):
        polls = [
            poll(record, [entry(f"{record.id}/{n}", text="A sentence of a news item. " * 50) for n in range(entries)])
            for record in records[start : start + BATCH]
        ]
        saved = feeds.save_polls(db, polls, "bench", NOW)
        ids += [key for keys in saved.new.values() for key in keys]
    return ids


def unchanged(db: Database, records: Sequence[FeedRecord], batch: int) -> None:
    """Save polls that found nothing new."""
    for start in range(0, len(records), batch):
        feeds.save_polls(db, [poll(record, now=NOW) for record in records[start : start + batch]], "bench", NOW)


def run(db: Database, count: int, entries: int) -> None:
    """All scenarios, one after the other, on one database."""
    timed("set up", db.migrate)
    subscribe(db, *(f"https://f{n}.example/feed" for n in range(count)))
    records = timed("claim", lambda: feeds.claim_due(db, NOW, "bench", LEASE, count), "feed", count)
    ids = timed(f"first fetch, {BATCH} feeds a transaction", lambda: first_fetch(db, records, entries), "feed", count)
    keys = [f"1/{n}" for n in range(entries)]
    timed("known entries", lambda: [feeds.known_entries(db, r.id, keys, keys, keys) for r in records], "feed", count)
    records = feeds.claim_due(db, NOW + DAY, "bench", LEASE, count)
    timed(f"nothing new, {BATCH} feeds a transaction", lambda: unchanged(db, records, BATCH), "feed", count)
    records = feeds.claim_due(db, NOW + DAY, "bench", LEASE, count)
    timed("nothing new, one feed a transaction", lambda: unchanged(db, records, 1), "feed", count)
    timed("place entries in stories", lambda: stories.save_grouping(db, opened(ids), now=NOW), "entry", len(ids))

    def index() -> None:
        while search.index_entries(db, 500):
            pass

    timed("index for search", index, "entry", len(ids))
    some = [f"s{key}" for key in ids[:1000]]
    timed("read stories", lambda: stories.stories(db, ids=some), "story", len(some))
    people = readers(db, *(f"r{n}@x.example" for n in range(100)))
    timed("candidates", lambda: editions.candidates(db, NOW - HOUR))
    timed("reported, 1000 stories, 100 recipients", lambda: editions.reported(db, people, some))
    made = edition([item(story) for story in some[:30]])
    timed("save an edition, 30 stories, 100 readers", lambda: send(db, made, people))
    timed("search", lambda: search.matching_entries(db, [["news"], ["item"], ["sentence"]], 50))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="database; default: a temporary SQLite file")
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--entries", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(chosen.url or str(Path(folder) / "bench.db"))
        run(db, chosen.feeds, chosen.entries)
        db.close()


if __name__ == "__main__":
    main()
