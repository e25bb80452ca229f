"""How alike two articles are, seen from several sides at once. Vectorized: one document against many articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np

from aggregator.stories import common
from aggregator.stories.features import Features
from aggregator.stories.index import Floats, Index, Ints

SEGMENTS = 7  # title and body, title only, body only, phrases, names, keys, numbers
BOTH, HEAD, BODY, PHRASES, NAMES, KEYS, NUMBERS = range(SEGMENTS)
LEAST_BODY = 6  # terms that the title has not: fewer are no text of its own
VIEWS: dict[str, tuple[int, ...]] = {
    "title": (BOTH, HEAD),
    "body": (BOTH, BODY),
    "text": (BOTH, HEAD, BODY),
    "phrases": (PHRASES,),
    "names": (NAMES,),
    "keys": (KEYS,),
    "numbers": (NUMBERS,),
}


@dataclass(slots=True)
class Article:
    """An article of the window, as compact as its comparison allows."""

    entry: int
    slot: int
    arrived: datetime
    source: str
    language: str
    terms: Ints  # all segments, one after the other
    ends: tuple[int, ...]  # where each segment ends
    title: str = ""
    url: str | None = None
    links: tuple[str, ...] = ()
    story: str = ""
    carriers: list[tuple[int, datetime]] = field(default_factory=list)
    vector: Floats | None = None

    @property
    def has_body(self) -> bool:
        """Whether there is a text that says more than the title."""
        return self.ends[BODY] - self.ends[HEAD] >= LEAST_BODY

    def segment(self, number: int) -> Ints:
        """Return the terms of one segment."""
        return self.terms[self.ends[number - 1] if number else 0 : self.ends[number]]


def segments(features: Features, index: Index) -> tuple[Ints, tuple[int, ...]]:
    """Lay a document's terms out in segments, each term interned."""
    head, body = set(features.title), set(features.body)
    parts = (
        [t for t in features.title if t in body],
        [t for t in features.title if t not in body],
        [t for t in features.body if t not in head],
        sorted(features.phrases),
        sorted(f"@{n}" for n in features.names),
        sorted(f"={k}" for k in features.keys),
        sorted(f"#{n}" for n in features.numbers),
    )
    arrays = [index.intern(part, partial(common.share, language=features.language)) for part in parts]
    ends = np.cumsum([len(a) for a in arrays]).tolist()
    return np.concatenate(arrays).astype(np.int32), tuple(ends)


@dataclass(frozen=True, slots=True)
class Compared:
    """Cosines of one document with each of several articles, by view, and what they weigh in common."""

    cosine: dict[str, Floats]
    shared: dict[str, Floats]  # summed squared weight of the shared terms
    mine: dict[str, float]  # summed squared weight of the document's terms
    theirs: dict[str, Floats]
    strongest: Floats  # weight of the most telling term shared
    count: Floats  # terms of title or body shared


def compare(document: Article, articles: list[Article], index: Index) -> Compared:
    """Compare in every view. Arrays follow the order of `articles`, which must not be empty."""
    flat = np.concatenate([a.terms for a in articles])
    lengths = np.array([[e - s for s, e in zip((0, *a.ends[:-1]), a.ends, strict=True)] for a in articles])
    weight = index.weights(flat) ** 2
    own = index.weights(document.terms)
    common = np.zeros(len(flat))
    # A term may stand in another segment here than there, so each view asks for its own segments together.
    where = np.repeat(np.tile(np.arange(SEGMENTS), len(articles)), lengths.ravel())
    row = np.repeat(np.arange(len(articles)), lengths.sum(axis=1))
    cosine: dict[str, Floats] = {}
    shared: dict[str, Floats] = {}
    theirs: dict[str, Floats] = {}
    mine: dict[str, float] = {}
    n = len(articles)
    for view, parts in VIEWS.items():
        terms = np.concatenate([document.segment(p) for p in parts])
        w = np.concatenate([own[(document.ends[p - 1] if p else 0) : document.ends[p]] for p in parts])
        inside = np.isin(where, parts)
        common = index.overlap(terms, w, flat[inside]) ** 2
        shared[view] = np.bincount(row[inside], common, n).astype(np.float64)
        theirs[view] = np.bincount(row[inside], weight[inside], n).astype(np.float64)
        mine[view] = float((w**2).sum())
        cosine[view] = shared[view] / np.sqrt(np.maximum(theirs[view] * mine[view], 1e-9))
        if view == "text":
            strongest = np.zeros(n)
            np.maximum.at(strongest, row[inside], common)
            count = np.bincount(row[inside], common > 0, n).astype(np.float64)
    return Compared(cosine, shared, mine, theirs, np.sqrt(strongest), count)
