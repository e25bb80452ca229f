"""What the numbers that two articles share count there, in the articles' own words: `98` tells a reader nothing, `98 wounded` does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from aggregator.stories.features import COUNTED
from aggregator.stories.index import Flags, Index, Ints
from digests.summarize.counted import thing

UNNAMED = "the same numbers"  # what is said where none of them counts anything that has a name
_NUMBER = re.compile(r"[#=]?(?P<digits>\d+(?:[.,]\d+)*)")
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"(?:19|20)\d\d")
_PAUSE = re.compile(r"[,;:(] ")
_PIECES = re.compile(r"[\s-]+")


class Text(Protocol):
    """An article, as far as its numbers go: its terms, what each is to it, and its language."""

    terms: Ints
    flags: Flags
    language: str


class Counts:
    """The numbers of two articles, by what is beside them."""

    def __init__(self, one: Text, other: Text, index: Index) -> None:
        self._index = index
        self._mine, self._theirs = _phrases(one, index), _phrases(other, index)
        self._languages = one.language, other.language

    def said(self, terms: Iterable[int]) -> list[str]:
        """Terms as they are written, a number with what it counts; one that counts nothing with a name is left out."""
        said: dict[str, None] = {}
        numbers = False
        for term in terms:
            number = _number(self._index.names[term])
            if number is None:
                said[self._index.shown[term]] = None
                continue
            numbers = True
            if phrase := self._phrase(number):
                said[phrase] = None
        return list(said) or ([UNNAMED] if numbers else [])

    def _phrase(self, number: str) -> str:
        """What both say of a number, else each in its own words; empty where neither says anything."""
        mine, theirs = self._mine.get(number, {}), self._theirs.get(number, {})
        both = [phrase for term, phrase in mine.items() if term in theirs]
        if both:
            return _best(both, self._languages[0])
        own = [
            _best(found.values(), language)
            for found, language in zip((mine, theirs), self._languages, strict=True)
            if found
        ]
        return " / ".join(own)


def _phrases(article: Text, index: Index) -> dict[str, dict[int, str]]:
    """By number, the terms that say what it counts, each as it is written. A score stands under both its numbers."""
    found: dict[str, dict[int, str]] = {}
    for term in article.terms[np.flatnonzero(article.flags & COUNTED)].tolist():
        phrase = index.shown[term]
        if _names(phrase, article.language):
            for number in index.names[term].rpartition(" ")[2].split("-"):
                found.setdefault(number, {})[term] = phrase
    return found


def _names(phrase: str, language: str) -> bool:
    """Whether a number's neighbour can be what it counts: no other part of the sentence, and before the number no verb of any kind."""
    if _PAUSE.search(phrase):
        return False
    return not phrase[0].islower() or _counted(phrase, language)


def _counted(phrase: str, language: str) -> bool:
    return any(thing(word, language) for word in _PIECES.split(phrase))


def _best(phrases: Iterable[str], language: str) -> str:
    """The phrase that names a thing news counts (`magnitude 5.8`), else one whose word follows the number (`41 passengers`)."""

    def rank(phrase: str) -> tuple[bool, bool]:
        return _counted(phrase, language), phrase[0].isdigit()

    return max(phrases, key=rank)


def _number(term: str) -> str | None:
    """The plain digits of a term that is a number; a year says what it is by itself."""
    found = _NUMBER.fullmatch(term)
    if found is None or _YEAR.fullmatch(term):
        return None
    return _THOUSANDS.sub("", found["digits"]).replace(",", ".")
