"""Near-duplicates as the product finds them.

python -m tests.benchmarks.duplicates DOCS.jsonl[.gz] --predictions OUT.jsonl
Writes {"id", "duplicate_of"} in stream order: the id of the article that a document repeats, or null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregator.stories.near_duplicates import NearDuplicates
from tests.benchmarks.lines import arguments, document, read, run


def links(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Decide each document before looking at the next."""
    index = NearDuplicates()
    for number, row in enumerate(rows):
        entry = document(row, number)
        copy = index.find(entry.title, entry.text, entry.source)
        index.add(number, entry.title, entry.text, entry.source)
        yield {"id": row["id"], "duplicate_of": rows[copy.article]["id"] if copy else None}


if __name__ == "__main__":
    args = arguments(__doc__, "docs").parse_args()
    run(args.predictions, links(list(read(args.docs))))
