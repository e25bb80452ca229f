"""How alike two texts are, as the product scores them.

python -m tests.benchmarks.likeness PAIRS.jsonl[.gz] --predictions OUT.jsonl [--embeddings PATH]
PAIRS: {"id", "text1", "text2"}, optionally "lang1", "lang2". Writes {"id", "score"} from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from aggregator.services.encoder import open_encoder
from aggregator.stories.encoder import Encoder
from aggregator.stories.profile.likeness import likeness
from tests.benchmarks.lines import arguments, read, run


def scores(rows: Iterable[dict[str, Any]], encoder: Encoder | None = None) -> Iterator[dict[str, Any]]:
    """Score each pair by itself."""
    for row in rows:
        score = likeness(row["text1"], row["text2"], row.get("lang1"), row.get("lang2"), encoder)
        yield {"id": row["id"], "score": round(score, 6)}


if __name__ == "__main__":
    parser = arguments(__doc__, "pairs")
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder with its tokenizer.json")
    args = parser.parse_args()
    encoder = open_encoder(args.embeddings) if args.embeddings else None
    run(args.predictions, scores(read(args.pairs), encoder), "pairs")
