"""Compares one document with many articles in several views, such as title, text and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.features import Features
from aggregator.stories.grouping.index import Flags, Floats, Index, Ints
from aggregator.stories.grouping.terms import (
    BODY,
    COUNTED,
    KEYED,
    LEAD,
    LINK,
    NAME,
    NUMBER,
    PHRASE,
    SENSE,
    SUBJECT,
    TITLE,
    UNIT,
    usual_share,
)
from aggregator.stories.grouping.vocabulary import forms_of
from aggregator.stories.meanings import Meant
from aggregator.stories.packing import microseconds, run_starts

LEAST_BODY = 6  # terms that the title has not: fewer are no text of its own
TEXT = TITLE | BODY
SOUGHT = TEXT | KEYED | LINK  # terms by which an article is found; senses are too common for that
ABROAD = KEYED | LINK | SENSE  # terms by which an article in another language is found
POSTED = SOUGHT | ABROAD  # terms that the index keeps postings of
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
    "senses": SENSE,
    "links": LINK,
}
# One view of the document's terms against another of the article's, and the other way round.
CROSSED: dict[str, tuple[str, str]] = {"title": ("title", "text"), "subjects": ("subjects", "keys")}
PLACE = {view: k for k, view in enumerate(VIEWS)}  # of a view in `VIEWS`
_CROSSINGS = [(PLACE[a], PLACE[b]) for a, b in CROSSED.values()]
_MASKS = np.array(list(VIEWS.values()), np.uint16)[:, None]
_HALF = 6  # bits
_LOW = np.uint16((1 << _HALF) - 1)
# By lower half of the flags, then by upper half: whether a term is in a view. No view needs both.
_HALVES = np.concatenate([np.arange(1 << _HALF), np.arange(1 << _HALF) << _HALF]).astype(np.uint16)
_IN_VIEW = ((_HALVES[:, None] & _MASKS.T) != 0).astype(np.float64)
NO_KEYS = np.empty(0, np.uint16)
Truths = NDArray[np.bool_]


@dataclass(slots=True)
class IndexedArticle:
    """An article of the window, as compact as its comparison allows."""

    entry: int
    slot: int
    arrived: datetime
    published: datetime  # see `moment`
    source: str
    language: str
    terms: Ints
    flags: Flags  # what each term is to the article
    words: int  # of title and text
    has_body: bool  # whether there is a text that says more than the title
    story: str = ""
    vector: Vector | None = None
    own: str = ""  # see `interned`
    head: str = ""  # see `lookalikes.head`
    title_keys: Flags = field(default_factory=lambda: NO_KEYS)  # see `lookalikes.title_keys`; without a text none
    dated: bool = True  # whether `published` is known, and not only when it was fetched

    @property
    def meant(self) -> Meant:
        """Return the meaning of the article."""
        return Meant(self.vector, {self.language: 1})


@dataclass(frozen=True, slots=True)
class Several:
    """Several articles as columns, one article after another, to be compared with a document at once.

    Most are compared only as columns: an article as an object, with all that is kept of it, costs many times that.
    """

    slots: Sequence[int]
    sources: Sequence[str]
    languages: Sequence[str]
    published: NDArray[np.int64]  # microseconds from 1970
    dated: Truths
    words: Ints
    has_body: Truths
    terms: Ints
    flags: Flags
    sizes: Ints  # how many terms each has
    keys: Flags  # see `title_keys`
    keyed: Ints  # how many keys each has
    vectors: Vector  # a row each: zeros where it has none, and after its end
    meant: Truths  # whether it has a vector
    article: Callable[[int], IndexedArticle]  # by place

    def __len__(self) -> int:
        """Return how many articles there are."""
        return len(self.slots)

    @classmethod
    def of(cls, articles: Sequence[IndexedArticle]) -> Several:
        """Return these articles as columns."""
        wide = [0 if a.vector is None else len(a.vector) for a in articles]
        vectors = np.zeros((len(articles), max(wide)), np.float32)
        for row, one, width in zip(vectors, articles, wide, strict=True):
            if one.vector is not None:
                row[:width] = one.vector
        return cls(
            slots=[a.slot for a in articles],
            sources=[a.source for a in articles],
            languages=[a.language for a in articles],
            published=np.array([microseconds(a.published) for a in articles]),
            dated=np.array([a.dated for a in articles]),
            words=np.array([a.words for a in articles], np.int32),
            has_body=np.array([a.has_body for a in articles]),
            terms=np.concatenate([a.terms for a in articles]),
            flags=np.concatenate([a.flags for a in articles]),
            sizes=np.array([len(a.terms) for a in articles], np.int32),
            keys=np.concatenate([a.title_keys for a in articles]),
            keyed=np.array([len(a.title_keys) for a in articles], np.int32),
            vectors=vectors,
            meant=np.array(wide) > 0,
            article=articles.__getitem__,
        )

    def from_source(self, source: str) -> Truths:
        """Whether each article is from this outlet; of an unknown outlet none is."""
        return np.array([bool(source) and one == source for one in self.sources])

    def in_language(self, language: str) -> Truths:
        """Whether each article is in this language."""
        return np.array([one == language for one in self.languages])


def interned(read: Sequence[Features], index: Index) -> list[tuple[Ints, Flags, str]]:
    """Return the terms of each document as numbers, their roles in the document, and its own words.

    Own words are how the document writes the terms that the index has in another form, as lines of number and word. The
    index keeps the form of the first article with a term, often in another language. Few terms differ, so this string
    is short.
    """
    terms = [term for one in read for term in one.terms]
    written = [word for one in read for word in one.shown.values()]
    languages = [one.language for one in read for _ in one.terms]
    ends = np.cumsum([len(one.terms) for one in read])
    numbers = index.intern(terms, written, lambda place: usual_share(terms[place], languages[place]))
    own: list[list[str]] = [[] for _ in read]
    other = np.flatnonzero(index.words.forms(numbers) != forms_of(written))
    for place, document in zip(other.tolist(), np.searchsorted(ends, other, side="right").tolist(), strict=True):
        own[document].append(f"{numbers[place]} {written[place]}")
    parts = np.split(numbers, ends[:-1])
    return [(part, one.flags, "\n".join(lines)) for part, one, lines in zip(parts, read, own, strict=True)]


class WrittenTerms:
    """How an article writes its terms: those of its own form, else the form of the index."""

    __slots__ = ("_own", "_words")

    def __init__(self, article: IndexedArticle, index: Index) -> None:
        lines = (line.partition(" ") for line in article.own.split("\n") if line)
        self._own = {int(term): word for term, _, word in lines}
        self._words = index.words

    def __getitem__(self, term: int) -> str:
        return self._own.get(term) or self._words.written(term)

    def among(self, terms: Ints, word: str) -> bool:
        """Whether the article writes one of its `terms` like `word`, whatever the case."""
        folded = word.casefold()
        alike = terms[self._words.forms(terms) == forms_of([word])].tolist()  # few: only these are read
        return any(self[term].casefold() == folded for term in (*alike, *self._own))


def named(article: IndexedArticle, index: Index) -> Features:
    """Return the terms of an article as strings: the reverse of `interned`."""
    words, numbers = WrittenTerms(article, index), article.terms.tolist()
    terms = [index.words.term(n) for n in numbers]
    flags = dict(zip(terms, article.flags.tolist(), strict=True))
    return Features(article.language, flags, dict(zip(terms, (words[n] for n in numbers), strict=True)))


def words(flags: Flags) -> int:
    """Return how many words title and text have."""
    return int(((flags & TEXT) > 0).sum())


def has_body(flags: Flags) -> bool:
    """Whether the text has at least `LEAST_BODY` words that the title does not have."""
    return int(((flags & (TITLE | BODY)) == BODY).sum()) >= LEAST_BODY


@dataclass(frozen=True, slots=True)
class Compared:
    """What one document and each of several articles share. Weights are squared and summed.

    By view and by crossing there is a row each, in the order of `VIEWS` and `CROSSED`; columns are articles.
    """

    shared: Floats
    mine: Floats  # of all of the document's terms: one value a view
    theirs: Floats  # of all of each article's terms
    cosines: Floats  # 0 to 1
    given: Floats  # of the document's terms that the article has anywhere: see `CROSSED`
    taken: Floats  # of the article's terms that the document has anywhere
    strongest: Floats  # weight of the rarest shared word, not squared
    count: Floats  # words of title or body shared


@dataclass(frozen=True, slots=True)
class Met:
    """The terms of several articles, one article after another, and what each is in a document compared with them."""

    terms: Ints
    flags: Flags  # in the article
    mine: Flags  # in the document; 0 where it does not have the term
    starts: NDArray[np.intp]  # place of the first term of each article
    sizes: Ints


def meet(document: IndexedArticle, articles: Several, index: Index) -> Met:
    """Look for the terms of each article in a document; each article needs a term."""
    mine = index.overlap(document.terms, document.flags, articles.terms)
    starts = np.cumsum(articles.sizes) - articles.sizes
    return Met(articles.terms, articles.flags, mine, starts, articles.sizes)


def compare(document: IndexedArticle, articles: Several, index: Index, met: Met | None = None) -> Compared:
    """Compare a document with each article in every view; `met` is what `meet` gives.

    Arrays follow the order of `articles`; each needs a term.
    """
    met = met or meet(document, articles, index)
    flags, in_mine = met.flags, met.mine
    square = index.weights(met.terms) ** 2
    theirs = _totals(flags, square, met.sizes)
    mine = ((document.flags & _MASKS) != 0) @ (index.weights_of(document.terms) ** 2)
    # Few terms are shared: all that follows reads those alone.
    both = np.flatnonzero(in_mine)
    owners = np.searchsorted(met.starts, both, side="right") - 1
    sums, strongest, count = _shares(in_mine[both], flags[both], square[both], owners, len(articles))
    n, c = len(VIEWS), len(CROSSED)
    shared = sums[:n]
    cosines = shared / np.sqrt(np.maximum(theirs * mine[:, None], 1e-9))
    return Compared(shared, mine, theirs, cosines, sums[n : n + c], sums[n + c :], strongest, count)


def _totals(flags: Flags, square: Floats, sizes: Ints) -> Floats:
    """Return the weight of the terms of several articles by view.

    The terms of an article are first added up by half of their flags: there are few such halves.
    """
    articles = np.repeat(np.arange(len(sizes)) << _HALF, sizes)
    sums = [
        np.bincount(articles + half, square, len(sizes) << _HALF).reshape(len(sizes), -1)
        for half in (flags & _LOW, flags >> _HALF)
    ]
    return np.asarray((np.concatenate(sums, axis=1) @ _IN_VIEW).T, np.float64)


def _shares(
    mine: Flags, theirs: Flags, square: Floats, owners: NDArray[np.intp], many: int
) -> tuple[Floats, Floats, Floats]:
    """Return, for each article, the weight of the shared terms by view and crossing, and two figures on shared words.

    These are the weight of the rarest word of title and text that is shared, and how many such words are.
    """
    sums = np.zeros((len(VIEWS) + 2 * len(CROSSED), many))
    strongest, count = np.zeros(many), np.zeros(many)
    if len(owners):
        mine_has, theirs_has = (mine & _MASKS) != 0, (theirs & _MASKS) != 0
        both = mine_has & theirs_has
        crossed = [
            *(mine_has[a] & theirs_has[b] for a, b in _CROSSINGS),
            *(mine_has[b] & theirs_has[a] for a, b in _CROSSINGS),
        ]
        first = run_starts(owners)
        some, words = owners[first], both[PLACE["text"]]
        sums[:, some] = np.add.reduceat(np.concatenate([both, crossed]) * square, first, axis=1)
        strongest[some] = np.sqrt(np.maximum.reduceat(words * square, first))
        count[some] = np.add.reduceat(words.astype(np.float64), first)
    return sums, strongest, count
