"""Counts how common words are in news, by language: the background of the engine's term weights.

python -m tests.benchmarks.count_words OUT.txt DOCS.jsonl[.gz] ... Keeps only how often a stem occurs, in steps of a
factor of two: `en 7: said ...` are the stems that stand in one text of 2**7. Reads title, text, text1 and text2 of each
row, and its language.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from math import log2
from pathlib import Path
from typing import Any

from digests.language import tokens
from digests.language.detect import detect
from tests.benchmarks.lines import read

KEPT = {"en": 3000}  # stems a language, others 700
RAREST = 11  # one text of 2**11


def texts(row: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return the texts of a row, each with its declared language."""
    if "text1" in row:
        return [(row["text1"], row.get("lang1")), (row["text2"], row.get("lang2"))]
    return [(f"{row.get('title') or ''}\n{row.get('text') or ''}", row.get("lang"))]


def count(paths: list[str]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Return how many texts each language has, and in how many each stem is."""
    seen: Counter[str] = Counter()
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for path in paths:
        for row in read(path):
            for text, declared in texts(row):
                code = detect(text[:400], declared)
                seen[code] += 1
                held[code].update(set(tokens.terms(text[:600], code)))
    return seen, held


def table(seen: Counter[str], held: dict[str, Counter[str]]) -> list[str]:
    """Return the lines of the data file."""
    lines = []
    for code in sorted(held):
        bins: dict[int, list[str]] = defaultdict(list)
        best = [(t, n) for t, n in held[code].most_common(KEPT.get(code, 700)) if n >= 4 and not t[0].isdigit()]
        for term, n in best:
            bins[round(log2(seen[code] / n))].append(term)
        lines += [f"{code} {step}: {' '.join(sorted(bins[step]))}" for step in sorted(bins) if step <= RAREST]
    return lines


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("\n".join(table(*count(sys.argv[2:]))) + "\n", "utf-8")
