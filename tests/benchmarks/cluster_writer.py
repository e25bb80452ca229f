"""What an entry costs the writer of a cluster, with and without readings by the workers that polled.

    python -m tests.benchmarks.cluster_writer DOCS.jsonl[.gz] [ENTRIES] [ROUNDS]

Stores the documents in PostgreSQL in batches of 100, as polls do, and groups each batch; both ways in turn. Prints the
processor time of the thread that groups and of the one that reads ahead, for each entry, and whether all decisions are
the same. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage, ReadingStage
from aggregator.store import Database
from aggregator.stories.builtin import DEFAULT_TOPICS
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document
from aggregator.stories.profile.topics import Classifier
from aggregator.system.hang import HangDetector
from tests.benchmarks.lines import document, read
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.stored import NOW, entry, publish

BATCH = 100


def main(docs: str, entries: int = 1500, rounds: int = 2) -> None:
    """Print a line for each run."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    documents = [document(row, number) for number, row in zip(range(entries), read(docs), strict=False)]
    found = set()
    with private_cluster(binaries) as server:
        for ahead in (False, True) * rounds:
            with fresh_database(server) as url:
                written, reading, decisions = measure(url, documents, ahead)
            found.add(decisions)
            name = "read ahead" if ahead else "read by the writer"
            print(f"{name}: writer {written:.2f} ms an entry, reading ahead {reading:.2f} ms", flush=True)
    print("all decisions are the same" if len(found) == 1 else "DECISIONS DIFFER")


def measure(url: str, documents: Sequence[Document], ahead: bool) -> tuple[float, float, str]:
    """Return the milliseconds an entry of writer and reader, and all decisions."""
    db = Database.open(url)
    db.migrate()
    reader = ReadingStage(db, Grouper, HangDetector())
    writer = GroupingStage(db, Describer(Classifier(DEFAULT_TOPICS)), Grouper, "writer", keeps_lease=True)
    written = reading = 0.0
    for start in range(0, len(documents), BATCH):
        now = NOW + timedelta(minutes=start)
        part = documents[start : start + BATCH]
        new = [entry(str(d.entry), title=d.title, text=d.text, link=d.url, language=d.language) for d in part]
        known = publish(db, new, url=f"https://outlet{start % 7}.example/feed", now=now)
        began = time.thread_time()
        if ahead:
            reader.run(known)
        reading += time.thread_time() - began
        began = time.thread_time()
        writer.run(now)
        written += time.thread_time() - began
    with db.read() as connection:
        query = "SELECT story_id, what, entry_id, article_id, score, evidence FROM story_event ORDER BY id"
        decisions = repr(connection.execute(text(query)).all())
    db.close()
    each = 1000 / len(documents)
    return written * each, reading * each, decisions


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
