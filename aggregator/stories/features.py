"""What a document says, as sets that can be compared: terms, names, numbers and when."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from aggregator.stories import common, tokens
from aggregator.stories import language as languages
from aggregator.stories.model import Document

KEY = 5  # letters of a key: enough to tell words apart, few enough to meet their cognates
NAME_SHARE = 1 / 1500  # in a Title Case title a word rarer than this is taken for a name
BODY_TERMS = 120  # distinct terms kept of a body: news puts the event first
_NUMBER = re.compile(r"(?<![\w.])[$€£¥]?\d+(?:[.,  ]\d+)*(?:st|nd|rd|th|m|bn|b|k|%)?(?![\w])", re.IGNORECASE)
_OUTLET = re.compile(r"\s+[-–—|»•:]+\s+[^-–—|»•:]{2,40}$")
_SENTENCE = re.compile(r".{20,}?[.!?…。！？](?=\s|$)|.+", re.DOTALL)
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\"“”„«»]\s+|\n)\W*$")


@dataclass(frozen=True, slots=True)
class Features:
    """The comparable side of a document.

    `title` and `body` are distinct stems in order of first use; a text without a title lends its first sentence.
    `phrases` are neighbouring pairs of stems of the title. `names` are transliterated keys of capitalized words, so that
    one name in two scripts meets; `keys` are beginnings of the same of every word of the title, for meeting other
    languages. `numbers` are normalized digits; `years` stand apart, as they tell little.
    """

    language: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    phrases: frozenset[str]
    names: frozenset[str]
    keys: frozenset[str]
    numbers: frozenset[str]
    years: frozenset[str]
    shown: dict[str, str]  # how a name key or stem is written, for explanations


def extract(document: Document, allowed: tuple[str, ...] = ()) -> Features:
    """Read a document once. Never raises: an empty or odd text gives empty sets."""
    title, text = document.title[:2000], document.text[: tokens.MAX_CHARS]
    code = languages.detect(f"{title}\n{text}", document.language, allowed)
    title = headline(title) or _first_sentence(text)
    stems = tokens.terms(title, code, title=True)
    body = tuple(dict.fromkeys(tokens.terms(text[: BODY_TERMS * 20], code)))[:BODY_TERMS]
    shown: dict[str, str] = {}
    names = frozenset(_title_names(title, code, shown)) | frozenset(_names(text, code, shown))
    numbers, years = _numbers(f"{title}\n{text}")
    return Features(
        language=code,
        title=tuple(dict.fromkeys(stems)),
        body=body,
        phrases=frozenset(f"{a} {b}" for a, b in pairwise(stems)),
        names=names,
        keys=frozenset(_keys(title, code)) | {name[:KEY] for name in names} | {n for n in numbers if len(n) > 1},
        numbers=numbers,
        years=years,
        shown=shown,
    )


def headline(title: str) -> str:
    """Return a title without the outlet's name behind a dash or a bar."""
    found = _OUTLET.search(title)
    while found is not None and len(title[: found.start()].split()) >= 4:
        title = title[: found.start()]
        found = _OUTLET.search(title)
    return title.strip(" .…")


def _first_sentence(text: str) -> str:
    found = _SENTENCE.match(text.strip()[:400])
    return found.group() if found else text[:200]


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


def _title_names(title: str, code: str, shown: dict[str, str]) -> list[str]:
    """In a Title Case title every word is capitalized; those that are rare in news are taken for names."""
    words = [w for w in tokens.raw(title) if w[0].isalpha()]
    upper = [w for w in words if w[0].isupper()]
    if len(words) < 4 or len(upper) <= 0.6 * len(words):
        return _names(title, code, shown)
    out: list[str] = []
    for word in upper:
        terms = tokens.terms(word, code)
        if terms and len(word) > 2 and common.share(terms[0], code) < NAME_SHARE:
            key = name_key(word)
            out.append(key)
            shown.setdefault(key, word)
    return [key for key in out if len(key) > 2]


def _names(text: str, code: str, shown: dict[str, str]) -> list[str]:
    """Collect the keys of capitalized words that do not merely begin a sentence."""
    stops = languages.stop_words(code)
    out: list[str] = []
    for match in tokens.spans(text[:4000]):
        word = match.group()
        if not word[0].isupper():
            continue
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
    return [key[:KEY] for key in map(name_key, words) if len(key) > 2]


def name_stems(title: str, text: str, code: str) -> frozenset[str]:
    """Return the stems of the words that are names in `title` or `text`."""
    shown: dict[str, str] = {}
    _title_names(title, code, shown)
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
