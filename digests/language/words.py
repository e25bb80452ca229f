"""Words of a text as terms that can be compared: folded, stemmed, without those that carry no news."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

import Stemmer

from digests.language.stopwords import base, stopwords

_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish", "hi": "hindi", "el": "greek", "ca": "catalan",
}  # fmt: skip
# Scripts written without spaces: Han, kana, Thai, Lao, Khmer, Burmese. Their terms are pairs of letters.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]+|\d+(?:[.,:]\d+)*|[^\W\d_{_DENSE}][\w\u0300-\u036f]*(?:['’ʼ][^\W\d_]+)?")
_DENSE_START = re.compile(rf"[{_DENSE}]")
_local = threading.local()


def count(text: str) -> int:
    """Length of a text in words; in scripts without spaces two letters count as one word."""
    return sum((len(t) + 1) // 2 if _DENSE_START.match(t) else 1 for t in _TOKEN.findall(text))


def tokens(text: str) -> list[str]:
    """Words as written, in order. Runs of a script without spaces stay whole."""
    return _TOKEN.findall(text)


def _stemmer(language: str) -> Stemmer.Stemmer:
    """A stemmer object is not safe between threads, and making one costs: one a thread and language."""
    known: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in known:
        known[language] = Stemmer.Stemmer(_STEMMERS[language], 20000)
    return known[language]


def terms(text: str, language: str | None) -> list[str]:
    """Comparable terms of a text, in order: stems without stop words; pairs of letters where no spaces are written."""
    code, stop = base(language), stopwords(language)
    found: list[str] = []
    plain: list[str] = []
    for token in _TOKEN.findall(text):
        if _DENSE_START.match(token):
            found.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
            continue
        word = token.lower().replace("’", "'").replace("ʼ", "'")
        if word in stop:
            continue
        word = word.removesuffix("'s")
        # French and Italian elide the article: l'armée, dell'ordine.
        head, mark, tail = word.partition("'")
        word = tail if mark and len(head) <= 4 and len(tail) > 2 else word
        if word not in stop and (len(word) > 1 or word.isdigit()):
            plain.append(word)
    if code in _STEMMERS:
        plain = _stemmer(code).stemWords(plain)
    return found + plain


@lru_cache(maxsize=4096)
def term_set(text: str, language: str | None) -> frozenset[str]:
    """Return the distinct terms of a text."""
    return frozenset(terms(text, language))
