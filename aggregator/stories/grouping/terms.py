"""The terms of the grouping engine: their kinds, and the roles they play in a document.

A term is one string and its roles are bits of one integer, because a window has some hundred thousand terms. Terms as
tuples of kind and text were measured and cost more (docs/measurements.md, "Speed"). Only this module knows the
encoding: a word is its stem, and every other kind begins with a mark that no word begins with.
"""

from __future__ import annotations

import re
from enum import Enum

from digests.language import frequencies

_NAME, _START, _NUMBER, _COUNT, _SENSE, _LINK = "@=#%~>"  # the marks


class TermKind(Enum):
    """What a term is."""

    WORD = ""  # the stem of a word, or two stems that stand side by side in a title
    NAME = _NAME  # the transliterated key of a name
    START = _START  # the beginning of such a key, or a number: for meeting other languages
    NUMBER = _NUMBER
    COUNT = _COUNT  # what a number counts, alone or with the number
    SENSE = _SENSE  # what a word means in any language
    LINK = _LINK  # the address of the document, or of what it links to


_KINDS = {kind.value: kind for kind in TermKind}
_FIGURE = re.compile(rf"[{_NUMBER}{_START}]?(?P<digits>\d+(?:[.,]\d+)*)")

# The roles of a term in its document, one bit each. A term may have several.
TITLE, LEAD, BODY, PHRASE, NAME, KEYED, SUBJECT, NUMBER, UNIT, COUNTED, SENSE, LINK = (1 << k for k in range(12))


def pair_term(first: str, second: str) -> str:
    """Return the term of two adjacent stems."""
    return f"{first} {second}"


def name_term(key: str) -> str:
    """Return the term of a name by its transliterated key."""
    return _NAME + key


def start_term(start: str) -> str:
    """Return the term of the beginning of a name's key, or of a number."""
    return _START + start


def number_term(digits: str) -> str:
    """Return the term of a number."""
    return _NUMBER + digits


def unit_term(unit: str) -> str:
    """Return the term of the thing or unit that a number counts."""
    return _COUNT + unit


def count_term(unit: str, digits: str) -> str:
    """Return the term of a number with what it counts; of a score `digits` are both, such as `3-1`."""
    return f"{_COUNT}{unit} {digits}"


def sense_term(sense: str) -> str:
    """Return the term of a meaning."""
    return _SENSE + sense


def link_term(address: str) -> str:
    """Return the term of an address."""
    return _LINK + address


def kind_of(term: str) -> TermKind:
    """Return the kind of a term."""
    return _KINDS.get(term[:1], TermKind.WORD)


def count_parts(term: str) -> tuple[str, str]:
    """Return what a `count_term` counts, and its digits."""
    unit, _, digits = term.removeprefix(_COUNT).rpartition(" ")
    return unit, digits


def figure(term: str) -> str | None:
    """Return the digits of a term that is a number in any form, as written; None of any other term."""
    found = _FIGURE.fullmatch(term)
    return found["digits"] if found else None


def usual_share(term: str, language: str) -> float:
    """Return the share of news texts that contain a term of a document in this language."""
    mark = term[0]
    if mark not in _KINDS:
        return frequencies.share(term, language)
    rest = term[1:]
    if mark in (_NAME, _START):
        return frequencies.key_share(rest)
    if mark == _COUNT:
        unit, _, digits = rest.partition(" ")
        return frequencies.count_share(unit, digits, language)
    if mark == _NUMBER:
        return frequencies.number_share(rest)
    return frequencies.SENSE if mark == _SENSE else frequencies.RARE
