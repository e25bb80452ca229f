"""What two articles share and where they differ, as a reader finds it in them: each in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from aggregator.stories.counting import Counts, number
from aggregator.stories.features import KEYED, SUBJECT
from aggregator.stories.index import Index
from aggregator.stories.views import VIEWS, Article, written

_FEW = 3  # names of one side that are shown
_LONG = 60  # characters of an address that are shown


def shared(one: Article, other: Article, index: Index, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return by view what two articles share, the most telling first: in one form where both write it alike, else in both."""
    flags = one.flags & index.overlap(other.terms, other.flags, one.terms)
    met = np.flatnonzero(flags)
    met = met[np.argsort(-index.weights(one.terms[met]), kind="stable")]
    both = list(zip(one.terms[met].tolist(), flags[met].tolist(), strict=True))
    pair = _Pair(one, other, index)
    return {view: pair.said([t for t, f in both if f & VIEWS[view]]) for view in wanted}


def differing(one: Article, other: Article, index: Index) -> dict[str, str]:
    """Return by column of `weights.PAIR` what speaks against the two: of the first as `here`, of the other as `there`."""
    counts = Counts(one, other, index)
    # Two languages may write one name so that no key meets.
    foreign = one.language != other.language
    mine, theirs = ([], []) if foreign else (_only(one, other, index), _only(other, one, index))
    names = f"{', '.join(mine)} here, {', '.join(theirs)} there" if mine and theirs else ""
    found = {"other counts": counts.of_the_same(), "other numbers": counts.of_any(), "other subjects": names}
    return {column: said for column, said in found.items() if said}


class _Pair:
    def __init__(self, one: Article, other: Article, index: Index) -> None:
        self._names = index.names
        self._mine, self._theirs = written(one, index), written(other, index)
        self._foreign = one.language != other.language
        self._counts = Counts(one, other, index)

    def said(self, terms: Sequence[int]) -> list[str]:
        """Terms in words, each once; a number with what it counts, or not at all."""
        said = [word for word in dict.fromkeys(self._words(terms)) if word]
        return said or self._numbers(terms)

    def _numbers(self, terms: Sequence[int]) -> list[str]:
        """Numbers of which not both say what they count; called numbers where neither does."""
        digits = {found: self._mine[term] for term in terms if (found := number(self._names[term]))}
        said = [phrase for found in digits if (phrase := self._counts.both(found, sure=False))]
        bare = list(digits.values())[:_FEW]
        return said or ([f"the number{'s' if len(bare) > 1 else ''} {' and '.join(bare)}"] if bare else [])

    def _words(self, terms: Iterable[int]) -> Iterator[str]:
        for term in terms:
            name = self._names[term]
            if digits := number(name):
                yield self._counts.both(digits)
            elif name.startswith(">"):
                yield _short(self._mine[term])
            else:
                yield self._forms(self._mine[term], self._theirs[term], plain=name[0].isalpha())

    def _forms(self, mine: str, theirs: str, *, plain: bool) -> str:
        """One form where the one begins as the other does, or where both are of one word of the language."""
        short, long = sorted((mine, theirs), key=len)
        if long.casefold().startswith(short.casefold()):
            return short
        return mine if plain and not self._foreign else f"{mine} / {theirs}"


def _only(one: Article, other: Article, index: Index) -> list[str]:
    """Some of the names that one is about and the other has nowhere, the most telling first.

    Nowhere at all: what begins a sentence there is not known for a name.
    """
    keys = set(other.terms[(other.flags & KEYED) > 0].tolist())
    there = {word.casefold() for word in written(other, index).values()}
    own = one.terms[(one.flags & SUBJECT) > 0]
    words = written(one, index)
    told = (t for t in own[np.argsort(-index.weights(own), kind="stable")].tolist() if t not in keys)
    return list(dict.fromkeys(words[t] for t in told if words[t].casefold() not in there))[:_FEW]


def _short(address: str) -> str:
    bare = address.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= _LONG else bare[: _LONG - 1] + "…"
