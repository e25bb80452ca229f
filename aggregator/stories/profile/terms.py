"""Returns the main terms of a text, for the ledger, for search and for choosing sentences."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

from aggregator.stories.grouping import features
from digests.language import tokens
from digests.language.detect import detect

KEPT = 40  # terms of a text


def main_terms(title: str, text: str, language: str | None = None) -> tuple[tuple[str, float], ...]:
    """Return the weightiest stems with their weights, heaviest first; the weights' squares add up to 1.

    Words of the title count double; a name counts half as much again.
    """
    code = detect(f"{title}\n{text}", language)
    counts = Counter(tokens.terms(text, code))
    for term in tokens.terms(title, code):
        counts[term] += 2
    named = features.name_stems(title, text, code)
    weights = {t: (1.0 + log(n)) * (1.5 if t in named else 1.0) for t, n in counts.items()}
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
    length = sqrt(sum(w * w for _, w in best)) or 1.0
    return tuple((t, round(w / length, 6)) for t, w in best)
