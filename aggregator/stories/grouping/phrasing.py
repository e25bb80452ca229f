"""Finds the words that two articles share and in which they differ, each in the form of its article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aggregator.stories.grouping.counting import Counts, plain_number
from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.terms import KEYED, SUBJECT, TermKind, kind_of
from aggregator.stories.grouping.views import VIEWS, IndexedArticle, WrittenTerms
from aggregator.stories.model import Values
from digests.language.names import is_part
from digests.language.stopwords import all_stop_words

_NAMED = ("names", "keys")  # views of names
_FEW = 3  # names of one side that are shown
_LONG = 60  # characters of an address that are shown


class Pair:
    """Two articles that were compared: the new one and a known one."""

    def __init__(self, one: IndexedArticle, other: IndexedArticle, index: Index) -> None:
        self._one, self._other, self._index = one, other, index
        self._mine, self._theirs = WrittenTerms(one, index), WrittenTerms(other, index)
        self._foreign = one.language != other.language
        self._counts = Counts(one, other, index)

    def shared(self, wanted: Sequence[str]) -> dict[str, list[str]]:
        """Return the shared words by view, the rarest first: in one form if both write it alike, else in both."""
        one, other, index = self._one, self._other, self._index
        flags = one.flags & index.overlap(other.terms, other.flags, one.terms)
        met = np.flatnonzero(flags)
        met = met[np.argsort(-index.weights(one.terms[met]), kind="stable")]
        both = [(t, f, self._said(t)) for t, f in zip(one.terms[met].tolist(), flags[met].tolist(), strict=True)]
        out = {}
        for view in wanted:
            mine = [
                (term, said) for term, has, said in both if has & VIEWS[view] and not self._says_nothing(said, view)
            ]
            out[view] = list(dict.fromkeys(said for _, said in mine if said)) or self._numbers([t for t, _ in mine])
        return out

    def _says_nothing(self, said: str, view: str) -> bool:
        """Whether a shared word explains nothing: a stop word, or an office where names are listed."""
        language = self._one.language
        stops = all_stop_words(language)
        return said.lower().replace("’", "'") in stops or (view in _NAMED and is_part(said, language))

    def differing(self) -> dict[str, Values]:
        """Return by column of `weights.PAIR` what differs: the first article's, then the other's."""
        found: dict[str, Values] = {"other counts": self._counts.of_the_same(), "other numbers": self._counts.of_any()}
        if not self._foreign:  # two languages may write one name so that no key meets
            mine = self._only(self._one, self._mine, self._other, self._theirs)
            theirs = self._only(self._other, self._theirs, self._one, self._mine)
            found["other subjects"] = (tuple(mine), tuple(theirs)) if mine and theirs else ()
        return {column: sides for column, sides in found.items() if sides}

    def _said(self, term: int) -> str:
        """Return a term in words; a number with what it counts, or nothing."""
        name = self._index.words.term(term)
        if digits := plain_number(name):
            return self._counts.both(digits)
        kind = kind_of(name)
        if kind is TermKind.LINK:
            return _short(self._mine[term])
        return self._forms(self._mine[term], self._theirs[term], plain=kind is TermKind.WORD and name[0].isalpha())

    def _forms(self, mine: str, theirs: str, *, plain: bool) -> str:
        """Return one form if one begins with the other, or both are forms of one word; else both."""
        if mine == theirs:
            return mine
        short, long = sorted((mine, theirs), key=len)
        if long.casefold().startswith(short.casefold()):
            return short
        return mine if plain and not self._foreign else f"{mine} / {theirs}"

    def _numbers(self, terms: Sequence[int]) -> list[str]:
        """Return the numbers with what they count; if no text says that, the numbers alone."""
        digits = {found: self._mine[term] for term in terms if (found := plain_number(self._index.words.term(term)))}
        said = [phrase for found in digits if (phrase := self._counts.both(found, sure=False))]
        return said or list(digits.values())[:_FEW]

    def _only(self, one: IndexedArticle, words: WrittenTerms, other: IndexedArticle, theirs: WrittenTerms) -> list[str]:
        """Return some of the names that one is about and the other lacks, the rarest first.

        A word that begins a sentence of the other is not recognized as a name, so all of its words are searched.
        """
        keys = set(other.terms[(other.flags & KEYED) > 0].tolist())
        own = one.terms[(one.flags & SUBJECT) > 0]
        own = own[np.argsort(-self._index.weights(own), kind="stable")]
        names = [
            name
            for name in dict.fromkeys(words[t] for t in own.tolist() if t not in keys)
            if not is_part(name, one.language) and _is_surely_name(name, one.head)
        ]
        return [name for name in names if not theirs.among(other.terms, name)][:_FEW]


def _is_surely_name(word: str, head: str) -> bool:
    """Whether a capital shows that a word is a name: not where most words of a title have one and the lead lacks it."""
    title, _, lead = head.partition("\n")
    words = [w for w in title.split() if w[0].isalpha()]
    return not lead or word not in title or word in lead or 2 * sum(w[0].isupper() for w in words) <= len(words)


def _short(address: str) -> str:
    bare = address.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= _LONG else bare[: _LONG - 1] + "…"
