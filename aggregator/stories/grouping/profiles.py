"""Counts how many articles of a story have each term, to compare a document with the whole story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.index import Flags, Floats, Index, Ints
from aggregator.stories.grouping.terms import BODY, KEYED, NAME, SENSE, TITLE
from aggregator.stories.grouping.views import IndexedArticle
from aggregator.stories.meanings import Meanings, Meant
from aggregator.stories.packing import run_starts

SIDES: dict[str, int] = {"title": TITLE, "text": TITLE | BODY, "names": NAME, "keys": KEYED, "senses": SENSE}
_MASKS = np.array(list(SIDES.values()), np.uint16)[:, None]
Counts = NDArray[np.unsignedinteger]
_SMALL = 255  # articles that a byte can count
_ANY = TITLE | BODY | KEYED | NAME | SENSE


class Counted(Protocol):
    """The parts of an article that a profile counts."""

    @property
    def language(self) -> str:
        """The language of the article."""

    @property
    def terms(self) -> Ints:
        """Its terms."""

    @property
    def flags(self) -> Flags:
        """What each term is to the article."""

    @property
    def vector(self) -> Vector | None:
        """What the article means."""


class StoryProfile:
    """The terms of a story, sorted by number, and by side how many of its articles hold each."""

    __slots__ = ("_articles", "counts", "languages", "terms", "vector")

    def __init__(self) -> None:
        self.vector: Floats | None = None  # sum of the articles' own, exact: it does not depend on their order
        self.languages: Counter[str] = Counter()  # of the articles that have a vector
        self.terms: Ints = np.empty(0, np.int32)
        self.counts: Counts = np.empty((len(SIDES), 0), np.uint8)
        self._articles = 0

    @classmethod
    def of(cls, articles: Sequence[Counted]) -> StoryProfile:
        """Return the profile of a story of these articles: the same as adding them one by one."""
        new = cls()
        new._articles = len(articles)
        terms, sides = _sides(articles)
        order = np.argsort(terms)
        new.terms = terms[order]
        new.counts = sides[:, order].astype(np.uint8 if len(articles) <= _SMALL else np.uint32)
        if len(articles) > 1:
            first = run_starts(new.terms)
            new.terms = new.terms[first]
            new.counts = np.add.reduceat(new.counts, first, axis=1, dtype=new.counts.dtype)
        for article in articles:
            new._add_meaning(article)
        return new

    def copy(self) -> StoryProfile:
        """Return a copy that can be changed without changing this profile."""
        twin = StoryProfile()
        twin.terms, twin.counts = self.terms, self.counts.copy()
        twin.vector, twin.languages, twin._articles = self.vector, self.languages.copy(), self._articles
        return twin

    def add(self, article: Counted) -> None:
        """Count an article in."""
        self._articles += 1
        if self._articles > _SMALL and self.counts.dtype == np.uint8:
            self.counts = self.counts.astype(np.uint32)
        self._add_meaning(article)
        terms, sides = _sides([article])
        self._widen(terms)
        self.counts[:, np.searchsorted(self.terms, terms)] += sides

    def remove(self, article: Counted) -> None:
        """Count an article out, which was counted in."""
        self._articles -= 1
        if article.vector is not None and self.vector is not None:
            self.vector = _sum(self.vector, -article.vector)
            self.languages[article.language] -= 1
        terms, sides = _sides([article])
        self.counts[:, np.searchsorted(self.terms, terms)] -= sides
        held = self.counts.any(axis=0)
        self.terms, self.counts = self.terms[held], self.counts[:, held]

    @property
    def meant(self) -> Meant:
        """Return what the story means as a whole."""
        return Meant(self.vector, self.languages)

    def _add_meaning(self, article: Counted) -> None:
        if article.vector is not None:
            vector = article.vector.astype(np.float64)
            self.vector = vector if self.vector is None else _sum(self.vector, vector)
            self.languages[article.language] += 1

    def _widen(self, terms: Ints) -> None:
        """Add columns for terms that are new to the story."""
        fresh = np.sort(terms[~_among(terms, self.terms)])
        if not len(self.terms):
            self.terms, self.counts = fresh, np.zeros((len(SIDES), len(fresh)), self.counts.dtype)
        elif len(fresh):
            at = np.searchsorted(self.terms, fresh)
            self.terms = np.insert(self.terms, at, fresh)
            self.counts = np.insert(self.counts, at, 0, axis=1)


def _sum(one: Floats, other: Vector | Floats) -> Floats:
    """Return the sum of two vectors, of which one is shorter if its encoder did not respond."""
    if len(one) == len(other):
        return one + other
    out = np.zeros(max(len(one), len(other)))
    out[: len(one)] += one
    out[: len(other)] += other
    return out


def _sides(articles: Sequence[Counted]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the terms of articles that a profile counts, and on which sides each is."""
    terms, flags = articles[0].terms, articles[0].flags
    if len(articles) > 1:
        terms, flags = np.concatenate([a.terms for a in articles]), np.concatenate([a.flags for a in articles])
    some = (flags & _ANY) > 0
    return terms[some], (flags[some] & _MASKS) != 0


def _among(sought: Ints, held: Ints) -> NDArray[np.bool_]:
    """Whether each of `sought` is in `held`, which is sorted."""
    if not len(held):
        return np.zeros(len(sought), np.bool_)
    return np.asarray(held[np.minimum(np.searchsorted(held, sought), len(held) - 1)] == sought)


def closeness(document: IndexedArticle, profiles: Sequence[StoryProfile], index: Index, meanings: Meanings) -> Floats:
    """Return the cosine of a document with each of several stories, one row a story: the sides, then the meaning."""
    flat = np.concatenate([p.terms for p in profiles])
    counts = np.concatenate([p.counts for p in profiles], axis=1).astype(np.float64)
    starts = np.cumsum([0, *(len(p.terms) for p in profiles[:-1])])
    square = index.weights(flat) ** 2
    own = index.weights_of(document.terms) ** 2
    mine = index.overlap(document.terms, document.flags, flat)
    both = np.add.reduceat(counts * ((mine & _MASKS) != 0) * square, starts, axis=1)
    norms = np.add.reduceat(counts**2 * square, starts, axis=1)
    total = ((document.flags & _MASKS) != 0) @ own
    cosines = (both / np.sqrt(np.maximum(norms * total[:, None], 1e-9))).T
    return np.concatenate([cosines, meanings.cosines(document.meant, [p.meant for p in profiles])], axis=1)


def likeness(one: StoryProfile, other: StoryProfile, index: Index, meanings: Meanings) -> Floats:
    """Return the cosines of two stories: the sides, then the meaning."""
    a = np.flatnonzero(_among(one.terms, other.terms))
    b = np.searchsorted(other.terms, one.terms[a])
    squares = [index.weights(p.terms) ** 2 for p in (one, other)]
    counts = [p.counts.astype(np.float64) for p in (one, other)]
    norms = [np.einsum("ij,ij,j->i", c, c, s) for c, s in zip(counts, squares, strict=True)]
    both = (counts[0][:, a] * counts[1][:, b]) @ squares[0][a]
    cosines = both / np.sqrt(np.maximum(norms[0] * norms[1], 1e-9))
    return np.concatenate([cosines, meanings.cosines(one.meant, [other.meant])[0]])


def share(like: Floats) -> float:
    """Return the similarity of two stories from 0 to 1, for a person to read."""
    return float(like[list(SIDES).index("text")])
