"""Words reduced to what their written forms share: stems within a language, keys across alphabets."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

KEY_LENGTH = 5  # first letters of a name key that are compared across languages: related words often share them

_STEMS = 50_000  # words remembered with their stems
_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian",
    "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "ru": "russian", "fi": "finnish",
    "hu": "hungarian", "ro": "romanian", "tr": "turkish", "ar": "arabic", "el": "greek", "pl": "polish",
    "cs": "czech", "ca": "catalan", "id": "indonesian", "sr": "serbian", "hi": "hindi", "lt": "lithuanian",
}  # fmt: skip
_CUT = frozenset({"uk", "bg", "sl", "hr", "sk", "be", "mk"})  # Slavic languages without a Snowball stemmer
_FOLDS = (
    ("dzh", "j"), ("tch", "c"), ("sch", "s"), ("tsch", "c"), ("kh", "h"), ("zh", "j"), ("ch", "c"), ("sh", "s"),
    ("ph", "f"), ("th", "t"), ("ts", "s"), ("ck", "k"), ("qu", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("z", "s"),
    ("q", "k"),
)  # fmt: skip
_POSSESSIVE = re.compile(r"['’]s?$")
_DOUBLE = re.compile(r"(.)\1+")
_NO_LETTER = re.compile(r"[^a-z]")
_NOT_PLAIN = re.compile(r"[^a-z0-9 ]+")
_local = threading.local()


def _stemmer(language: str) -> Any:
    """Return this thread's stemmer of a language, or None. A stemmer object must not be shared between threads."""
    known: dict[str, Any] = _local.__dict__.setdefault("stemmers", {})
    if language not in known:
        import Stemmer

        name = _SNOWBALL.get(language)
        # Without Snowball's own cache, which is slower than stemming: `stem` has one.
        known[language] = Stemmer.Stemmer(name, 0) if name in Stemmer.algorithms() else None
    return known[language]


@lru_cache(maxsize=_STEMS)
def stem(word: str, language: str) -> str:
    """Return the stem of a lower-case word; the word itself where the language has no stemmer."""
    stemmer = _stemmer(language)
    if stemmer is None:
        # The endings of Slavic languages carry the case: six letters keep the word and lose most endings.
        return word[:6] if language in _CUT and len(word) > 7 else word
    return str(stemmer.stemWord(word))


def stems(word: str) -> frozenset[str]:
    """Return the stems of a lower-case word in all languages that have a stemmer."""
    return frozenset(stem(word, language) for language in (*_SNOWBALL, *_CUT))


@lru_cache(maxsize=8192)
def latin(name: str) -> str:
    """Return a name in lower-case Latin letters without accents or a possessive ending: `Зеленский` is `zelenskiy`."""
    from anyascii import anyascii

    return _NOT_PLAIN.sub("", anyascii(name).lower().removesuffix("'s")).strip()


@lru_cache(maxsize=100_000)
def name_key(word: str) -> str:
    """Return a key that a name has in every alphabet and spelling: Джокович and Djokovic both give `jokovik`."""
    key = _POSSESSIVE.sub("", word.lower())
    if not key.isascii():
        from anyascii import anyascii

        key = anyascii(key).lower()
    key = _NO_LETTER.sub("", key)
    if key.startswith("dj"):
        key = key[1:]
    for old, new in _FOLDS:
        if old in key:
            key = key.replace(old, new)
    key = _DOUBLE.sub(r"\1", key).replace("c", "k") if len(key) > 2 else key
    return key.rstrip("aeiou") if len(key) > 4 else key
