"""The meaning of texts in other languages, through a glossary of news words in English; names need no translation.

Coarse on purpose: good enough to find the topic of a text and related texts in other languages. It does not translate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from functools import cache
from importlib.resources import files

import numpy as np

from digests.language import tokens, vectors
from digests.language.detect import UNKNOWN
from digests.language.stems import latin, stem
from digests.language.stopwords import stop_words
from digests.language.vectors import Floats

LANGUAGES = ("de", "fr", "es", "pt", "it", "ru", "uk")
_COMPOUND = 5  # last letters of a German compound that are looked up, at least


def meaning(text: str, language: str | None) -> Floats | None:
    """Return the unit vector of a text in English or a language of the glossary; None if too few words are known."""
    if language in ("en", UNKNOWN, None):
        return vectors.vector(text, language)
    if language not in LANGUAGES:
        return None
    counts = Counter(known for word in tokens.raw(text[: vectors.MAX_CHARS]) if (known := english(word, language)))
    parts = [row * float(1.0 + np.log(n)) for meant, n in counts.items() if (row := _row(meant)) is not None]
    total: Floats = np.sum(parts, axis=0, dtype=np.float32)
    norm = float(np.sqrt(total @ total)) if parts else 0.0
    return total / norm if norm > 1e-6 else None


def english(word: str, language: str) -> str:
    """Return the English for a word of another language, or an empty string. A name known in English means itself."""
    lower = tokens.fold(word)
    if lower in stop_words(language) or len(lower) < 2:
        return ""
    known = _glossary(language)
    stemmed = stem(lower, language)
    if stemmed in known:
        return known[stemmed]
    if language == "de" and (head := head_of(stemmed, known)):
        return known[head]
    return _name(word) if word[:1].isupper() and language != "de" else ""


def head_of(word: str, known: Container[str]) -> str:
    """Return the longest known end of a compound, its head (`Waldbrand` is a `Brand`); empty if none is known."""
    if len(word) > 2 * _COMPOUND - 2:
        for start in range(3, len(word) - _COMPOUND + 1):
            if word[start:] in known:
                return word[start:]
    return ""


def _name(word: str) -> str:
    """Return a name in Latin letters if the English table has it as one word, else an empty string."""
    plain = latin(tokens.fold(word))
    return plain if len(plain) > 3 and len(vectors.table().pieces[plain]) == 1 else ""


@cache
def _row(english_words: str) -> Floats | None:
    return vectors.table().total(english_words)


@cache
def _glossary(language: str) -> dict[str, str]:
    """Return stems of one language with their meaning."""
    out: dict[str, str] = {}
    place = LANGUAGES.index(language)
    for line in (files(__package__) / "data" / "glossary.txt").read_text("utf-8").splitlines():
        meant, _, columns = line.partition(": ")
        if not line or line.startswith("#"):
            continue
        for word in columns.split(" | ")[place].split():
            out.setdefault(stem(tokens.fold(word), language), meant)
    return out
