"""What a story says as a whole: how many of its articles hold each term, for comparing a document with all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregator.stories.features import BODY, KEYED, NAME, TITLE
from aggregator.stories.index import Floats, Index, Ints
from aggregator.stories.views import Article

SIDES: dict[str, int] = {"title": TITLE, "text": TITLE | BODY, "names": NAME, "keys": KEYED}
_ANY = TITLE | BODY | KEYED | NAME


class Profile:
    """The terms of a story, sorted by number, and by side how many of its articles hold each."""

    __slots__ = ("counts", "terms")

    def __init__(self) -> None:
        self.terms: Ints = np.empty(0, np.int32)
        self.counts: Floats = np.empty((len(SIDES), 0))

    def add(self, article: Article, sign: float = 1.0) -> None:
        """Count an article in, or with -1 out."""
        some = (article.flags & _ANY) > 0
        terms, flags = article.terms[some], article.flags[some]
        merged = np.union1d(self.terms, terms)
        if len(merged) > len(self.terms):
            wider = np.zeros((len(SIDES), len(merged)))
            wider[:, np.searchsorted(merged, self.terms)] = self.counts
            self.terms, self.counts = merged, wider
        self.counts[:, np.searchsorted(self.terms, terms)] += sign * np.array([(flags & m) > 0 for m in SIDES.values()])
        if sign < 0:
            held = self.counts.any(axis=0)
            self.terms, self.counts = self.terms[held], self.counts[:, held]


def closeness(document: Article, profiles: Sequence[Profile], index: Index) -> Floats:
    """Return the cosine of a document with each of several stories, one row a story, one column a side."""
    flat = np.concatenate([p.terms for p in profiles])
    counts = np.concatenate([p.counts for p in profiles], axis=1)
    starts = np.cumsum([0, *(len(p.terms) for p in profiles[:-1])])
    square = index.weights(flat) ** 2
    own = index.weights(document.terms) ** 2
    mine = index.overlap(document.terms, document.flags, flat)
    sides = SIDES.values()
    held = np.array([(mine & mask) > 0 for mask in sides])
    both = np.add.reduceat(counts * held * square, starts, axis=1)
    norms = np.add.reduceat(counts**2 * square, starts, axis=1)
    total = np.array([own[(document.flags & mask) > 0].sum() for mask in sides])
    return np.asarray((both / np.sqrt(np.maximum(norms * total[:, None], 1e-9))).T, np.float64)
