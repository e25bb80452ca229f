"""Bonds between words: the word that a negation denies, the thing that a number counts.

A summary may have every word of its source and still be wrong: "have not launched" for "have launched", "found
evidence" for "found no evidence", "30 years ago" where 30 is somebody's age. Comparing bonds finds such errors;
comparing words does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from digests.language import numbers
from digests.language.negations import is_negation
from digests.language.tokens import raw, sentence_terms

_REACH = 3  # words after a negation among which the denied word is
_AROUND = 40  # characters after a number in which the counted thing begins


@dataclass(slots=True)
class Bonds:
    """The bonds of one or many texts.

    `denied` and `said` are terms with and without a negation before them; `counted` has the counted terms of each
    number.
    """

    denied: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    counted: dict[str, set[str]] = field(default_factory=dict)

    def add(self, text: str, language: str | None) -> None:
        """Add the bonds of one more sentence."""
        denied = set(_denied(text, language))
        self.denied |= denied
        self.said |= set(sentence_terms(text, language)) - denied
        for number in numbers.numbers_in(text, language):
            things = sentence_terms(" ".join(raw(text[number.end : number.end + _AROUND])[:1]), language)
            self.counted.setdefault(f"{number.value:.10g}", set()).update(things)


def bonds_of(texts: Iterable[str], language: str | None) -> Bonds:
    """Return the bonds of sentences."""
    bonds = Bonds()
    for text in texts:
        bonds.add(text, language)
    return bonds


def _denied(text: str, language: str | None) -> Iterator[str]:
    """Yield the first term after each negation."""
    words = raw(text)
    for place, word in enumerate(words):
        if is_negation(word, language):
            yield from sentence_terms(" ".join(words[place + 1 : place + 1 + _REACH]), language)[:1]


def wrongly_denied(claim: Bonds, source: Bonds) -> list[str]:
    """Return terms that the claim denies and the source only says."""
    return sorted((claim.denied & source.said) - source.denied)


def wrongly_affirmed(claim: Bonds, source: Bonds) -> list[str]:
    """Return terms that the claim affirms and the source only denies, as in "guilty" for "not guilty"."""
    return sorted((claim.said & source.denied) - source.said)


def miscounted(claim: Bonds, source: Bonds) -> list[str]:
    """Return numbers of the claim that the source has for other things: `30 year`."""
    found = []
    for value, things in claim.counted.items():
        known = source.counted.get(value)
        if known and things and not things & known:
            found.append(f"{value} {min(things)}")
    return found
