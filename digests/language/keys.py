"""Keys under which a name meets itself in other alphabets and spellings."""

from __future__ import annotations

import re
from functools import lru_cache

KEY = 5  # letters of the beginning of a key: enough to tell words apart, few enough to meet their cognates

_FOLDS = (
    ("dzh", "j"), ("tch", "c"), ("sch", "s"), ("tsch", "c"), ("kh", "h"), ("zh", "j"), ("ch", "c"), ("sh", "s"),
    ("ph", "f"), ("th", "t"), ("ts", "s"), ("ck", "k"), ("qu", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("z", "s"),
    ("q", "k"),
)  # fmt: skip
_POSSESSIVE = re.compile(r"['’]s?$")
_DOUBLE = re.compile(r"(.)\1+")
_NO_LETTER = re.compile(r"[^a-z]")


@lru_cache(maxsize=100_000)
def name_key(word: str) -> str:
    """Return a key that a name keeps across alphabets and spellings: Джокович and Djokovic both give `jokovic`."""
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
