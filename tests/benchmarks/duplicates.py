"""Near-duplicates as the product finds them.

python -m tests.benchmarks.duplicates DOCS.jsonl[.gz] --predictions OUT.jsonl Writes {"id", "duplicate_of"} in stream
order: the id of the article that a document repeats, or null; again for each\nfurther one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregator.stories.copies.copies import Copies, HeldTexts
from aggregator.stories.copies.near_duplicates import shingles_of
from aggregator.stories.record_store import MemoryRecords
from tests.benchmarks.lines import arguments, document, read, run


def links(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Decide each document before looking at the next."""
    index = Copies(HeldTexts(), MemoryRecords())
    for number, row in enumerate(rows):
        entry = document(row, number)
        known = shingles_of(entry)
        copies = index.find(entry, known)
        index.add(entry, known)
        first, *more = [rows[copy.article]["id"] for copy in copies] or [None]
        yield {"id": row["id"], "duplicate_of": first}
        yield from ({"id": row["id"], "duplicate_of": other, "again": True} for other in more)


if __name__ == "__main__":
    args = arguments(__doc__, "docs").parse_args()
    run(args.predictions, links(list(read(args.docs))))
