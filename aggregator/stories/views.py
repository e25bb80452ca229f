"""How alike two articles are, seen from several sides at once. Vectorized: one document against many articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np

from aggregator.stories import common, counting
from aggregator.stories.features import (
    BODY,
    COUNTED,
    KEYED,
    LEAD,
    NAME,
    NUMBER,
    PHRASE,
    SUBJECT,
    TITLE,
    UNIT,
    Features,
)
from aggregator.stories.index import Flags, Floats, Index, Ints
from aggregator.stories.meaning import Vector

LEAST_BODY = 6  # terms that the title has not: fewer are no text of its own
TEXT = TITLE | BODY
SOUGHT = TEXT | KEYED  # terms by which an article is found
VIEWS: dict[str, int] = {
    "title": TITLE,
    "lead": LEAD,
    "body": BODY,
    "text": TEXT,
    "phrases": PHRASE,
    "names": NAME,
    "keys": KEYED,
    "numbers": NUMBER,
    "counts": COUNTED,
    "units": UNIT,
    "subjects": SUBJECT,
}
# One view of the document's terms against another of the article's, and the other way round.
CROSSED: dict[str, tuple[str, str]] = {"title": ("title", "text"), "subjects": ("subjects", "keys")}
_PLACE = {view: k for k, view in enumerate(VIEWS)}
_CROSSINGS = [(_PLACE[a], _PLACE[b]) for a, b in CROSSED.values()]
_MASKS = np.array(list(VIEWS.values()), np.uint16)[:, None]


@dataclass(slots=True)
class Article:
    """An article of the window, as compact as its comparison allows."""

    entry: int
    slot: int
    arrived: datetime
    source: str
    language: str
    terms: Ints
    flags: Flags  # what each term is to the article
    has_body: bool  # whether there is a text that says more than the title
    url: str | None = None
    links: tuple[str, ...] = ()
    story: str = ""
    carriers: list[tuple[int, datetime]] = field(default_factory=list)
    vector: Vector | None = None


def interned(features: Features, index: Index) -> tuple[Ints, Flags]:
    """Return a document's terms as numbers, and what each is to it."""
    usual = partial(common.share, language=features.language)
    terms = index.intern(features.terms, features.shown, usual)
    return terms, np.fromiter(features.terms.values(), np.uint16, len(features.terms))


def named(article: Article, index: Index) -> Features:
    """Return the terms of an article of the window as words again: what `interned` took in."""
    numbers = article.terms.tolist()
    terms = dict(zip((index.names[n] for n in numbers), article.flags.tolist(), strict=True))
    return Features(article.language, terms, {index.names[n]: index.shown[n] for n in numbers})


def has_body(flags: Flags) -> bool:
    """Whether there is a text that says more than the title."""
    return int(((flags & (TITLE | BODY)) == BODY).sum()) >= LEAST_BODY


@dataclass(frozen=True, slots=True)
class Compared:
    """What one document and each of several articles share, by view. Weights are squared and summed."""

    shared: dict[str, Floats]
    mine: dict[str, float]  # of all of the document's terms
    theirs: dict[str, Floats]  # of all of each article's terms
    given: dict[str, Floats]  # of the document's terms that the article has anywhere: see `CROSSED`
    taken: dict[str, Floats]  # of the article's terms that the document has anywhere
    strongest: Floats  # weight of the most telling word shared, not squared
    count: Floats  # words of title or body shared

    def cosine(self, view: str) -> Floats:
        """Return the cosine in one view, 0 to 1."""
        return self.shared[view] / np.sqrt(np.maximum(self.theirs[view] * self.mine[view], 1e-9))


def compare(document: Article, articles: list[Article], index: Index) -> Compared:
    """Compare in every view. Arrays follow the order of `articles`, none of which may be without terms."""
    flat = np.concatenate([a.terms for a in articles])
    flags = np.concatenate([a.flags for a in articles])
    starts = np.cumsum([0, *(len(a.terms) for a in articles[:-1])])
    square = index.weights(flat) ** 2
    own = index.weights(document.terms) ** 2
    mine = index.overlap(document.terms, document.flags, flat)
    theirs_has = (flags & _MASKS) != 0
    mine_has = (mine & _MASKS) != 0
    both = theirs_has & mine_has
    crossed = [
        *(mine_has[a] & theirs_has[b] for a, b in _CROSSINGS),
        *(mine_has[b] & theirs_has[a] for a, b in _CROSSINGS),
    ]
    sums = np.add.reduceat(np.concatenate([theirs_has, both, crossed]) * square, starts, axis=1)
    n, c = len(VIEWS), len(CROSSED)
    words = both[_PLACE["text"]]
    totals = ((document.flags & _MASKS) != 0) @ own
    return Compared(
        shared=dict(zip(VIEWS, sums[n : 2 * n], strict=True)),
        mine=dict(zip(VIEWS, totals.tolist(), strict=True)),
        theirs=dict(zip(VIEWS, sums[:n], strict=True)),
        given=dict(zip(CROSSED, sums[2 * n : 2 * n + c], strict=True)),
        taken=dict(zip(CROSSED, sums[2 * n + c :], strict=True)),
        strongest=np.sqrt(np.maximum.reduceat(words * square, starts)),
        count=np.add.reduceat(words.astype(np.float64), starts),
    )


def told(one: Article, other: Article, index: Index, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return by view the words that two articles share, as they are written, the most telling first."""
    flags = one.flags & index.overlap(other.terms, other.flags, one.terms)
    met = np.flatnonzero(flags)
    met = met[np.argsort(-index.weights(one.terms[met]), kind="stable")]
    both = list(zip(one.terms[met].tolist(), flags[met].tolist(), strict=True))
    counts = counting.Counts(one, other, index)
    return {v: counts.said([t for t, f in both if f & VIEWS[v]]) for v in wanted}
