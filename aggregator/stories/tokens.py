"""Text into words: case folded, without function words, reduced to a stem, by the rules of its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from aggregator.stories.language import labels, number_words, stop_words

MAX_CHARS = 20_000  # of a text that are read; an event is told long before that

_SEEN = 50_000  # words remembered with what became of them: a text is mostly words that were seen before
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’.][^\W_]+)*")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u1780-\u17ff\u1000-\u109f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_CONTENT = re.compile(
    "[\u0e00-\u0e7f\u1780-\u17ff\u1000-\u109f\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)  # no hiragana: it spells endings
_NOT_DIGIT = re.compile(r"[^\d.,]")
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?:\D|$))")
_POSSESSIVE = re.compile(r"['’]s?$")
_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian",
    "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "ru": "russian", "fi": "finnish",
    "hu": "hungarian", "ro": "romanian", "tr": "turkish", "ar": "arabic", "el": "greek", "pl": "polish",
    "cs": "czech", "ca": "catalan", "id": "indonesian", "sr": "serbian", "hi": "hindi", "lt": "lithuanian",
}  # fmt: skip


@cache
def _stemmer(language: str) -> Any:
    import Stemmer

    name = _SNOWBALL.get(language)
    return Stemmer.Stemmer(name) if name in Stemmer.algorithms() else None


@lru_cache(maxsize=_SEEN)
def stem(word: str, language: str) -> str:
    """Reduce a lower-case word to its stem; unchanged where the language has no stemmer."""
    stemmer = _stemmer(language)
    if stemmer is None:
        # Slavic and Baltic endings carry the case: five letters keep the word and lose most of them.
        return word[:6] if language in ("uk", "bg", "sl", "hr", "sk", "be", "mk") and len(word) > 7 else word
    return str(stemmer.stemWord(word))


def raw(text: str) -> list[str]:
    """Return the words of `text` as written, in order; runs of a script without spaces stay one piece."""
    return _TOKEN.findall(text[:MAX_CHARS])


def spans(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of `text` with their places."""
    return _TOKEN.finditer(text)


def fold(word: str) -> str:
    """Return the lower-case form without a possessive ending or the dots of an abbreviation (`U.S.` is `us`)."""
    lower = _POSSESSIVE.sub("", word.lower())
    return lower.replace(".", "") if "." in lower and not lower[0].isdigit() else lower


def clean(word: str) -> str:
    """Return a word as written, without a possessive ending."""
    return _POSSESSIVE.sub("", word)


def terms(text: str, language: str, *, title: bool = False) -> list[str]:
    """Return the stems of the content words of `text` in order, with repeats.

    In a title, words that only label the kind of piece go too. Scripts without spaces give overlapping pairs of characters: no dictionary, and good enough to match on.
    """
    return [term for term, _ in stems(text, language, title=title)]


def stems(text: str, language: str, *, title: bool = False) -> list[tuple[str, str]]:
    """Return the same terms, each with the word as it is written."""
    return [pair for token in raw(text) for pair in _said(token, language, title)]


def distinct_stems(text: str, language: str, *, title: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the same in the same order, each word as written once."""
    for token in dict.fromkeys(raw(text)):
        yield from _said(token, language, title)


@lru_cache(maxsize=_SEEN)
def _said(token: str, language: str, title: bool) -> tuple[tuple[str, str], ...]:
    """Return what one word as written adds to `stems`."""
    if _UNSPACED.match(token):
        return tuple((pair, pair) for pair in _pairs(token))
    word = fold(token)
    if word in (_unsaid(language) if title else stop_words(language)) or (len(word) == 1 and not word.isdigit()):
        return ()
    term = word.replace(",", "") if word[:1].isdigit() else stem(word, language)
    return ((term, clean(token)),)


@cache
def _unsaid(language: str) -> frozenset[str]:
    return stop_words(language) | labels(language)


@lru_cache(maxsize=_SEEN)
def number(token: str, language: str) -> str | None:
    """Return a number's plain digits, whether it is written in digits or as a small word; None for any other word."""
    if not token[0].isdigit():
        return number_words(language).get(token.lower())
    plain = _THOUSANDS.sub("", _NOT_DIGIT.sub("", token)).replace(",", ".").strip(".")
    return plain or None


def unspaced(word: str) -> bool:
    """Whether a word is of a script without spaces, and so a piece of a longer run."""
    return _UNSPACED.match(word) is not None


def _pairs(token: str) -> list[str]:
    out: list[str] = []
    for run in _CONTENT.findall(token):
        out.extend([run] if len(run) < 3 else [run[i : i + 2] for i in range(len(run) - 1)])
    return out
