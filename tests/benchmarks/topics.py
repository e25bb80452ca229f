"""Topics as the product gives them.

python -m tests.benchmarks.topics DOCS.jsonl[.gz] --predictions OUT.jsonl
Writes {"id", "topic", "ranked": [[topic, confidence], …]}: the default topics, likeliest first. Incidents is left out,
because the labelled collections have no such class: the topic that it replaced comes next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.stories.builtin import INCIDENTS
from aggregator.stories.profile.topics import Classifier
from tests.benchmarks.lines import arguments, read, run


def place(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rank the topics of each document."""
    classifier = Classifier()
    for row in rows:
        scored = classifier.rank(row.get("title") or "", row.get("text") or "", row.get("lang"))
        ranked = [s for s in scored if s.name != INCIDENTS]
        yield {"id": row["id"], "topic": ranked[0].name, "ranked": [[s.name, round(s.score, 4)] for s in ranked]}


if __name__ == "__main__":
    args = arguments(__doc__, "docs").parse_args()
    run(args.predictions, place(read(args.docs)))
