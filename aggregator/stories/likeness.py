"""How alike two texts are: shared terms, names and numbers, each by how telling it is."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

from aggregator.stories import features, tokens
from aggregator.stories.language import detect


def weights(text: str, language: str | None = None) -> dict[str, float]:
    """Return the terms of a text with their weights: how often they stand in it, and whether they are names."""
    code = detect(text, language)
    named = features.name_stems("", text, code)
    counts = Counter(tokens.terms(text, code))
    return {t: (1.0 + log(n)) * (1.6 if t in named else 1.0) for t, n in counts.items()}


def likeness(one: str, other: str, language: str | None = None, other_language: str | None = None) -> float:
    """Return how alike two texts are, from 0 to 1."""
    return cosine(weights(one, language), weights(other, other_language))


def cosine(a: dict[str, float], b: dict[str, float]) -> float:
    """Return the cosine of two weighted sets; 0 when either is empty."""
    dot = sum(w * b[t] for t, w in a.items() if t in b)
    norms = sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return dot / norms if norms else 0.0
