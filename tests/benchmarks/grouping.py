"""Stories as the product groups them.

python -m tests.benchmarks.grouping DOCS.jsonl[.gz] --predictions OUT.jsonl [--embeddings PATH] Lines in stream order:
id, title, text?, time?, lang?, source?. Writes {"id", "cluster"} as each is decided, and again with "again": true when
it moves later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.services.encoder import open_encoder
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document
from tests.benchmarks.lines import arguments, document, read, run

TIDY = 50  # documents between two tidyings, as a tick of the daemon would


def place(rows: Iterable[dict[str, Any]], grouper: Grouper) -> Iterator[dict[str, Any]]:
    """Decide each document before looking at the next."""
    ids: list[str] = []
    home: dict[int, int] = {}  # entry to article
    story: dict[int, str] = {}  # article to story
    last: Document | None = None
    for number, row in enumerate(rows):
        last = document(row, number)
        ids.append(row["id"])
        decision = grouper.add(last)
        home[number] = decision.article
        changed = [a for a, s in story.items() if s in decision.merged] if decision.merged else []
        story[decision.article] = decision.story
        story.update(dict.fromkeys(changed, decision.story))
        yield {"id": row["id"], "cluster": decision.story}
        if number % TIDY == TIDY - 1:
            grouper.forget(last.arrived)
            moves = grouper.tidy(last.arrived)
            story.update({m.article: m.to_story for m in moves})
            changed += [m.article for m in moves]
        if changed:
            moved = set(changed)
            yield from ({"id": ids[e], "cluster": story[a], "again": True} for e, a in home.items() if a in moved)
    if last is not None:
        final = {m.article: m.to_story for m in grouper.tidy(last.arrived)}
        yield from ({"id": ids[e], "cluster": final[a], "again": True} for e, a in home.items() if a in final)


if __name__ == "__main__":
    parser = arguments(__doc__, "docs")
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder with its tokenizer.json")
    args = parser.parse_args()
    encoder = open_encoder(args.embeddings) if args.embeddings else None
    run(args.predictions, place(read(args.docs), Grouper(encoder=encoder)))
