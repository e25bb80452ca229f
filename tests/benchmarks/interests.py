"""Rankings by likeness to examples, as the product makes them.

python -m tests.benchmarks.interests EXAMPLES.jsonl[.gz] DOCS.jsonl[.gz] --predictions OUT.jsonl [--embeddings PATH]
EXAMPLES: {"query", "examples": [ids of DOCS]}. Writes {"query", "ranking": [100 ids, best first]} over the documents of
the examples' split that are not examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aggregator.services.encoder import open_encoder
from aggregator.stories.encoder import Encoder
from aggregator.stories.model import Interest
from aggregator.stories.profile.interests import DocumentIndex, InterestProfile
from tests.benchmarks.lines import arguments, read, run


def rankings(
    queries: list[dict[str, Any]], rows: list[dict[str, Any]], encoder: Encoder | None = None
) -> Iterator[dict[str, Any]]:
    """Rank every document of the queries' split for each query."""
    by_id = {row["id"]: row for row in rows}
    splits = {by_id[i].get("split") for q in queries for i in q["examples"] if i in by_id}
    pool = [row for row in rows if row.get("split") in splits]
    index = DocumentIndex(
        ((row["id"], row.get("title") or "", row.get("text") or "", row.get("lang")) for row in pool), encoder
    )
    for query in queries:
        examples = tuple(text(by_id[i]) for i in query["examples"])
        profile = InterestProfile.build(Interest(str(query["query"]), examples=examples), encoder)
        ranked = index.rank(profile, 100 + len(examples))
        taken = set(query["examples"])
        yield {"query": query["query"], "ranking": [i for i, _ in ranked if i not in taken][:100]}


def text(row: dict[str, Any]) -> str:
    """Return a document as an example text: title, then body."""
    return f"{row.get('title') or ''}\n{row.get('text') or ''}".strip()


if __name__ == "__main__":
    parser = arguments(__doc__, "examples", "docs")
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder with its tokenizer.json")
    args = parser.parse_args()
    encoder = open_encoder(args.embeddings) if args.embeddings else None
    run(args.predictions, rankings(list(read(args.examples)), list(read(args.docs)), encoder), "queries")
