"""What a document says, as sets that can be compared: terms, names, numbers and when."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from aggregator.stories import language as languages
from aggregator.stories import tokens
from aggregator.stories.model import Document

BODY_TERMS = 160  # distinct terms kept of a body: news puts the event first
_NUMBER = re.compile(r"(?<![\w.])[$€£¥]?\d+(?:[.,  ]\d+)*(?:st|nd|rd|th|m|bn|b|k|%)?(?![\w])", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\"“”„«»]\s+|\n)\W*$")


@dataclass(frozen=True, slots=True)
class Features:
    """The comparable side of a document.

    `title` and `body` are distinct stems in order of first use. `names` are transliterated keys of capitalized words,
    so that one name in two scripts meets; `keys` are the same of every word
    of the title, for meeting other languages. `numbers` are normalized digits; `years` stand apart, as they tell little.
    """

    language: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    names: frozenset[str]
    keys: frozenset[str]
    numbers: frozenset[str]
    years: frozenset[str]
    shown: dict[str, str]  # how a name key or stem is written, for explanations


def extract(document: Document, allowed: tuple[str, ...] = ()) -> Features:
    """Read a document once. Never raises: an empty or odd text gives empty sets."""
    title, text = document.title[:2000], document.text[: tokens.MAX_CHARS]
    code = languages.detect(f"{title}\n{text}", document.language, allowed)
    head = tuple(dict.fromkeys(tokens.terms(title, code)))
    body = tuple(dict.fromkeys(tokens.terms(text, code)))[:BODY_TERMS]
    shown: dict[str, str] = {}
    names = frozenset(_names(title, code, shown, title=True)) | frozenset(_names(text, code, shown))
    numbers, years = _numbers(f"{title}\n{text}")
    return Features(code, head, body, names, frozenset(_keys(title or text[:200], code)) | names, numbers, years, shown)


_FOLDS = (
    ("dzh", "j"), ("tch", "c"), ("sch", "s"), ("tsch", "c"), ("kh", "h"), ("zh", "j"), ("ch", "c"), ("sh", "s"),
    ("ph", "f"), ("th", "t"), ("ts", "s"), ("ck", "k"), ("qu", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("z", "s"),
    ("q", "k"),
)  # fmt: skip
_DOUBLE = re.compile(r"(.)\1+")
_ENDING = re.compile(r"[aeiou]+$")


@lru_cache(maxsize=100_000)
def name_key(word: str) -> str:
    """Return a key that a name keeps across alphabets and spellings: Джокович and Djokovic both give `jokovic`."""
    from anyascii import anyascii

    key = re.sub(r"[^a-z]", "", anyascii(tokens.fold(word)).lower())
    key = re.sub(r"^dj", "j", key)
    for old, new in _FOLDS:
        key = key.replace(old, new)
    key = _DOUBLE.sub(r"\1", key).replace("c", "k") if len(key) > 2 else key
    return _ENDING.sub("", key) if len(key) > 4 else key


def _names(text: str, code: str, shown: dict[str, str], *, title: bool = False) -> list[str]:
    """Collect the keys of capitalized words that do not merely begin a sentence."""
    words = [m for m in tokens._TOKEN.finditer(text) if m.group()[0].isalpha()]
    upper = [m for m in words if m.group()[0].isupper()]
    stops = languages.stop_words(code)
    if title and len(words) > 3 and len(upper) > 0.6 * len(words):
        return []  # Title Case: every word is capitalized, so capitals tell nothing
    out: list[str] = []
    for match in upper:
        word = match.group()
        lower = tokens.fold(word)
        if len(lower) < 3 or lower in stops:
            continue
        if _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()]):
            continue
        key = name_key(word)
        if len(key) > 2:
            out.append(key)
            shown.setdefault(key, word)
    return out


def _keys(text: str, code: str) -> list[str]:
    stops = languages.stop_words(code)
    words = [w for w in tokens.raw(text) if w[0].isalpha() and len(w) > 2 and tokens.fold(w) not in stops]
    return [key for key in map(name_key, words) if len(key) > 2]


def name_stems(title: str, text: str, code: str) -> frozenset[str]:
    """Return the stems of the words that are names in `title` or `text`."""
    shown: dict[str, str] = {}
    _names(title, code, shown, title=True)
    _names(text, code, shown)
    return frozenset(stem for word in shown.values() for stem in tokens.terms(word, code))


def named(text: str, code: str) -> Counter[str]:
    """Count the names in `text` as they are written, each under its most usual form."""
    shown: dict[str, str] = {}
    keys = Counter(_names(text, code, shown))
    return Counter({tokens.clean(shown[key]): n for key, n in keys.items()})


def _numbers(text: str) -> tuple[frozenset[str], frozenset[str]]:
    numbers: set[str] = set()
    years: set[str] = set()
    for match in _NUMBER.finditer(text[:4000]):
        plain = re.sub(r"[^\d.,]", "", match.group())
        plain = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", plain).replace(",", ".").strip(".")
        if len(plain) == 4 and plain[:2] in ("19", "20"):
            years.add(plain)
        elif plain:
            numbers.add(plain)
    return frozenset(numbers), frozenset(years)
