"""Finds what the numbers of two articles count, in the articles' own words: `98 wounded` instead of `98`."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.terms import COUNTED, count_parts, figure
from aggregator.stories.grouping.views import IndexedArticle, WrittenTerms
from aggregator.stories.model import Values
from digests.language.counts.counted import thing
from digests.language.numbers import is_scale

_THOUSANDS = re.compile(r"[.,](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PAUSE = re.compile(r"[,;:(] ")
_PIECES = re.compile(r"[\s-]+")
_REST = "000"  # of a number that is written with blanks: of `20 000 homes`
_FEW = 2  # things counted that are named where two articles differ


class Counts:
    """The numbers of two articles, by what is beside them."""

    def __init__(self, one: IndexedArticle, other: IndexedArticle, index: Index) -> None:
        self._mine, self._theirs = _phrases(one, index), _phrases(other, index)
        self._by_number = _by_number(self._mine), _by_number(self._theirs)
        self._languages = one.language, other.language

    def both(self, number: str, *, sure: bool = True) -> str:
        """Return what both say of a number, else each in its own words; empty where neither does.

        With `sure`, if only one says what it counts, that must be a thing that news counts: any word may be beside a
        number.
        """
        mine, theirs = (found.get(number, {}) for found in self._by_number)
        same = [phrase for term, phrase in mine.items() if term in theirs]
        if same:
            return _best(same, self._languages[0])
        sides = zip((mine, theirs), self._languages, strict=True)
        own = [_best(found.values(), language) if found else "" for found, language in sides]
        needed = all if sure and not any(map(_counted, own, self._languages)) else any
        return " / ".join(phrase or number for phrase in own) if needed(own) else ""

    def of_the_same(self) -> Values:
        """Return the phrases of each side for things that both count with different numbers."""
        mine, theirs = (_by_unit(found) for found in (self._mine, self._theirs))
        units = [unit for unit in mine if unit in theirs][:_FEW]
        return tuple(tuple(side[unit][:_FEW]) for unit in units for side in (mine, theirs))

    def of_any(self) -> Values:
        """Return some phrases of each side, for articles without a common number; empty if one counts nothing."""
        mine, theirs = (
            _sure(found, language) for found, language in zip((self._mine, self._theirs), self._languages, strict=True)
        )
        return (tuple(mine), tuple(theirs)) if mine and theirs else ()


def _phrases(article: IndexedArticle, index: Index) -> dict[str, str]:
    """Return the terms that say what a number counts, each as the article writes it."""
    words = WrittenTerms(article, index)
    counted = article.terms[np.flatnonzero(article.flags & COUNTED)].tolist()
    return {index.words.term(term): words[term] for term in counted if _names(words[term], article.language)}


def _sure(phrases: dict[str, str], language: str) -> list[str]:
    """Return the first certain counts, one of a number: things that news counts, sums and shares."""
    found: dict[str, str] = {}
    for term, phrase in phrases.items():
        unit, digits = count_parts(term)
        if not unit[:1].isalnum() or _counted(phrase, language) or any(map(is_scale, _PIECES.split(phrase))):
            found.setdefault(digits, phrase)
    return list(found.values())[:_FEW]


def _by_number(phrases: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the phrases by number; a score is under both of its numbers."""
    found: dict[str, dict[str, str]] = {}
    for term, phrase in phrases.items():
        for number in count_parts(term)[1].split("-"):
            found.setdefault(number, {})[term] = phrase
    return found


def _by_unit(phrases: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for term, phrase in phrases.items():
        found.setdefault(count_parts(term)[0], []).append(phrase)
    return found


def _names(phrase: str, language: str) -> bool:
    """Whether the word beside a number can be what it counts: in the same clause and, before it, no verb."""
    if _PAUSE.search(phrase) or phrase.startswith(_REST):
        return False
    return not phrase[0].islower() or _counted(phrase, language)


def _counted(phrase: str, language: str) -> bool:
    return any(thing(word, language) for word in _PIECES.split(phrase))


def _best(phrases: Iterable[str], language: str) -> str:
    """Return a phrase with a thing that news counts (`magnitude 5.8`), else one with the word after the number."""

    def rank(phrase: str) -> tuple[bool, bool]:
        return _counted(phrase, language), phrase[0].isdigit()

    return max(phrases, key=rank)


def plain_number(term: str) -> str | None:
    """Return the plain digits of a term that is a number; None for a year and for other terms."""
    digits = figure(term)
    if digits is None or _YEAR.fullmatch(term):
        return None
    return _THOUSANDS.sub("", digits).replace(",", ".")
