"""How long a successor of the writer takes to load the window of open stories from PostgreSQL.

    python -m tests.benchmarks.takeover DOCS.jsonl[.gz] [ARTICLES]

Stores the documents as articles of a story each, again and again with other words, with what the grouping engine has
read of them; 100,000 unless given. Then another writer groups one new entry. Prints seconds by the clock and of
processor time, of this process alone, and its memory. The bar is 30 seconds. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage
from aggregator.store import Database
from aggregator.store.stories import readings, stories
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document, GroupingSettings, Placed
from aggregator.stories.profile.topics import Classifier
from tests.benchmarks.grouping_growth import renamed
from tests.benchmarks.lines import document, read
from tests.support.postgres import find_binaries, fresh_database, private_cluster
from tests.support.stored import NOW, entry, opened, publish

BATCH = 1000
FEEDS = 100


def main(docs: str, articles: int = 100_000) -> None:
    """Print the figures."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    with private_cluster(binaries) as server, fresh_database(server) as url:
        db = Database.open(url)
        db.migrate()
        fill(db, [document(row, number) for number, row in enumerate(read(docs))], articles)
        publish(db, [entry("new", title="A ferry is late", text="It waits for the fog to lift.")], now=NOW)
        settings = GroupingSettings(articles=articles + 1)
        successor = GroupingStage(db, Describer(Classifier()), partial(Grouper, settings), "successor")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, processor = time.monotonic(), time.process_time()
        grouped = successor.run(NOW)
        seconds, processor = time.monotonic() - began, time.process_time() - processor
        held = len(readings.placed(db, NOW - timedelta(days=1)))
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        print(
            f"{held - 1:,} articles; a new entry is grouped ({grouped.entries}) after {seconds:.1f} s by the clock, "
            f"{processor:.1f} s of processor time; bar 30 s; {more} MB more memory"
        )
        db.close()


def fill(db: Database, rows: list[Document], articles: int) -> None:
    """Store articles with their readings, each in a story of its own."""
    for start in range(0, articles, BATCH):
        documents = [
            renamed(rows[number % len(rows)], number, number // len(rows)) for number in range(start, start + BATCH)
        ]
        new = [
            entry(str(one.entry), title=one.title, text=one.text, link=one.url, language=one.language)
            for one in documents
        ]
        feed = start // BATCH % FEEDS
        ids = publish(db, new, url=f"https://outlet{feed}.example/feed", now=NOW - timedelta(hours=1))
        stories.save_grouping(db, opened(ids), now=NOW)
        reader = Grouper()
        reader.restore(
            Placed(replace(one, entry=key), key, f"s{key}", None) for key, one in zip(ids, documents, strict=True)
        )
        readings.save(db, reader.form, reader.readings(ids))
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE entry SET grouped = true, indexed = true")
        connection.exec_driver_sql("UPDATE story SET title = 'described'")


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
