"""How well the gate distinguishes faithful summaries from edited ones.

    python -m tests.benchmarks.gate EXAMPLES.jsonl[.gz] DOCS.jsonl[.gz] --predictions OUT.jsonl

EXAMPLES: lines with `id`, `doc` and `summary`; DOCS: lines with `id` and `text`. Each line of OUT has `id` and `score`:
the support of the summary from 0 to 1. Prints the time an example takes and how often each kind of finding was made.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from pathlib import Path

from digests.language import sentences
from digests.summarize.model import gate
from tests.benchmarks.summaries import read


def main() -> None:
    """Score, write, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--predictions", type=Path, required=True)
    arguments = parser.parse_args()
    texts = {d["id"]: d["text"] for d in read(arguments.docs)}
    seconds: list[float] = []
    kinds: Counter[str] = Counter()
    with arguments.predictions.open("w", encoding="utf-8") as out:
        for example in read(arguments.examples):
            text, language = texts[example["doc"]], example.get("lang", "en")
            began = time.perf_counter()
            score = gate.support(example["summary"], [text], language)
            seconds.append(time.perf_counter() - began)
            evidence = gate.SourceTexts([text], language)
            kinds.update(
                f.what for s in sentences.split(example["summary"], language) for f in gate.judge(s, evidence).findings
            )
            out.write(json.dumps({"id": example["id"], "score": round(score, 6)}) + "\n")
    print(
        f"examples {len(seconds)}, milliseconds each: mean {1000 * statistics.mean(seconds):.2f}, worst "
        f"{1000 * max(seconds):.1f}"
    )
    print("findings: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()))


if __name__ == "__main__":
    main()
