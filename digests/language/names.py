"""Names in text: runs of capitalised words, compared in a folded form that joins spellings and scripts."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from digests.language import abbreviations
from digests.language.stopwords import base, stopwords

_CAPITAL = r"[^\W\d_a-zà-öø-ÿа-яёіїєґα-ω]"
_NAME = re.compile(
    rf"{_CAPITAL}[\w'’.&-]*(?:\s+(?:(?:of|the|de|der|van|von|den|di|da|al|el|bin|ben|la|du|des)\s+)?{_CAPITAL}[\w'’.&-]*)*"
)
_NOT_NAMES_WORDS = """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december jan feb mar apr jun jul aug sep sept oct nov dec mr mrs ms dr prof sir
    president minister prime chancellor king queen senator governor mayor judge police government officials state
    national international people news update live video photo photos breaking exclusive analysis opinion i god mon
    tue wed thu fri sat sun am pm reuters ap afp dpa tass upi efe ansa bbc cnn"""
_NOT_NAMES = frozenset(_NOT_NAMES_WORDS.split())


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """One spelling of a name: plain Latin letters, small, without marks. `Zelenskyy` and `Зеленский` come close."""
    return re.sub(r"[^a-z0-9 ]+", "", anyascii(name).lower().removesuffix("'s")).strip()


def find(text: str, language: str | None = None) -> list[str]:
    """Names of a text as written, in order.

    A single capitalised word that opens a sentence is left out; in German, where nouns are capitalised, so is every single
    word that is no acronym.
    """
    code = base(language)
    found: list[str] = []
    for match in _NAME.finditer(text):
        opening = _opens(text, match.start())
        for words in _runs(match.group().split()):
            name = _name(words, code, opening=opening)
            opening = True
            if name:
                found.append(name)
    return found


def _runs(words: list[str]) -> list[list[str]]:
    """Cut a run of capitalised words where a sentence ends inside it: after a full stop that no initial or title has."""
    runs: list[list[str]] = [[]]
    for word in words:
        runs[-1].append(word)
        plain = word.rstrip(".").lower()
        title = plain in abbreviations.titles("") and plain not in abbreviations.NUMBERED
        if word.endswith(".") and len(plain) > 1 and "." not in plain and not title:
            runs.append([])
    return [run for run in runs if run]


def _name(words: list[str], code: str, *, opening: bool) -> str:
    while words and (_ordinary(words[0], code) or (opening and words[0].lower() in abbreviations.starters(code))):
        words, opening = words[1:], False
    while words and _ordinary(words[-1], code):
        words = words[:-1]
    if not words or (len(words) == 1 and (opening or code == "de") and not words[0].isupper()):
        return ""
    name = " ".join(words).rstrip(".,'’-")
    return name if len(name) > 1 else ""


def _opens(text: str, at: int) -> bool:
    before = text[max(0, at - 3) : at].rstrip(" \"'“«„(")
    return before == "" or before[-1] in ".!?:\n"


def _ordinary(word: str, language: str) -> bool:
    low = word.lower().rstrip(".,'’")
    return low in _NOT_NAMES or low in stopwords(language) or len(low) < 2


def keys(text: str, language: str | None = None) -> frozenset[str]:
    """Folded last words of the names in a text: `Olaf Scholz` and `Scholz` are one."""
    return frozenset(key for name in find(text, language) if len(key := fold(name).rpartition(" ")[2]) > 1)
