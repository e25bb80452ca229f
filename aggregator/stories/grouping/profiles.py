"""What a story says as a whole: how many of its articles hold each term, for comparing a document with all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.index import Floats, Index, Ints
from aggregator.stories.grouping.terms import BODY, KEYED, NAME, SENSE, TITLE
from aggregator.stories.grouping.views import IndexedArticle

SIDES: dict[str, int] = {"title": TITLE, "text": TITLE | BODY, "names": NAME, "keys": KEYED, "senses": SENSE}
_MASKS = np.array(list(SIDES.values()), np.uint16)[:, None]
Counts = NDArray[np.float32]  # exact up to 16 million articles, in half the memory of the window's largest part
_ANY = TITLE | BODY | KEYED | NAME | SENSE


class StoryProfile:
    """The terms of a story, sorted by number, and by side how many of its articles hold each."""

    __slots__ = ("counts", "terms", "vector")

    def __init__(self) -> None:
        self.vector: Vector | None = None  # sum of the articles' own
        self.terms: Ints = np.empty(0, np.int32)
        self.counts: Counts = np.empty((len(SIDES), 0), np.float32)

    def copy(self) -> StoryProfile:
        """Return another that changes on its own."""
        twin = StoryProfile()
        twin.terms, twin.counts = self.terms, self.counts.copy()
        twin.vector = self.vector
        return twin

    def add(self, article: IndexedArticle, sign: float = 1.0) -> None:
        """Count an article in, or with -1 out."""
        if article.vector is not None:
            self.vector = (0.0 if self.vector is None else self.vector) + np.float32(sign) * article.vector
        some = (article.flags & _ANY) > 0
        terms, flags = article.terms[some], article.flags[some]
        self._widen(terms)
        self.counts[:, np.searchsorted(self.terms, terms)] += np.float32(sign) * ((flags & _MASKS) != 0)
        if sign < 0:
            held = self.counts.any(axis=0)
            self.terms, self.counts = self.terms[held], self.counts[:, held]

    def _widen(self, terms: Ints) -> None:
        """Make room for terms that the story has not told before."""
        fresh = np.sort(terms[~_among(terms, self.terms)])
        if not len(self.terms):
            self.terms, self.counts = fresh, np.zeros((len(SIDES), len(fresh)), np.float32)
        elif len(fresh):
            at = np.searchsorted(self.terms, fresh)
            self.terms = np.insert(self.terms, at, fresh)
            self.counts = np.insert(self.counts, at, 0.0, axis=1)


def _among(sought: Ints, held: Ints) -> NDArray[np.bool_]:
    """Whether each of `sought` is in `held`, which is sorted."""
    if not len(held):
        return np.zeros(len(sought), np.bool_)
    return np.asarray(held[np.minimum(np.searchsorted(held, sought), len(held) - 1)] == sought)


def closeness(document: IndexedArticle, profiles: Sequence[StoryProfile], index: Index) -> Floats:
    """Return the cosine of a document with each of several stories, one row a story: the sides, then `meant`."""
    flat = np.concatenate([p.terms for p in profiles])
    counts = np.concatenate([p.counts for p in profiles], axis=1)
    starts = np.cumsum([0, *(len(p.terms) for p in profiles[:-1])])
    square = index.weights(flat) ** 2
    own = index.weights(document.terms) ** 2
    mine = index.overlap(document.terms, document.flags, flat)
    both = np.add.reduceat(counts * ((mine & _MASKS) != 0) * square, starts, axis=1)
    norms = np.add.reduceat(counts**2 * square, starts, axis=1)
    total = ((document.flags & _MASKS) != 0) @ own
    cosines = (both / np.sqrt(np.maximum(norms * total[:, None], 1e-9))).T
    return np.concatenate([cosines, meant(document.vector, [p.vector for p in profiles])], axis=1)


def meant(one: Vector | None, others: Sequence[Vector | None]) -> Floats:
    """Return the cosine of one vector with each of several, and whether there is one at all; zeros where a vector lacks."""
    out = np.zeros((len(others), 2))
    known = [k for k, other in enumerate(others) if other is not None] if one is not None else []
    if one is None or not known:
        return out
    rows = np.array([others[k] for k in known])
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows) * float(one @ one))
    out[known, 0] = rows @ one / np.maximum(norms, 1e-9)
    out[known, 1] = 1.0
    return out


def likeness(one: StoryProfile, other: StoryProfile, index: Index) -> Floats:
    """Return the cosines of two stories: the sides, then `meant`."""
    a = np.flatnonzero(_among(one.terms, other.terms))
    b = np.searchsorted(other.terms, one.terms[a])
    squares = [index.weights(p.terms) ** 2 for p in (one, other)]
    norms = [np.einsum("ij,ij,j->i", p.counts, p.counts, s) for p, s in zip((one, other), squares, strict=True)]
    both = (one.counts[:, a] * other.counts[:, b]) @ squares[0][a]
    cosines = both / np.sqrt(np.maximum(norms[0] * norms[1], 1e-9))
    return np.concatenate([cosines, meant(one.vector, [other.vector])[0]])


def share(like: Floats) -> float:
    """Return how much two stories tell alike, from 0 to 1, for a person to read."""
    return float(like[list(SIDES).index("text")])
