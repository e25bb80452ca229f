"""Text into words: case folded, without function words, reduced to a stem, by the rules of its language."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple

from digests.language.detect import labels, number_words, stop_words

MAX_CHARS = 20_000  # of a text that are read; an event is told long before that

_SEEN = 100_000  # words remembered with what they are, of all languages: a text is mostly words that were seen before
_STEMS = 50_000  # words remembered with their stems
_LANGUAGES = 32  # of which words are remembered
_TOKEN = re.compile(r"(\d+(?:[.,]\d+)+|[^\W_]+(?:['’.][^\W_]+)*)")
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
    # Without its own memory of words, which costs more than the stems that it saves: `stem` remembers them.
    return Stemmer.Stemmer(name, 0) if name in Stemmer.algorithms() else None


class Word(NamedTuple):
    """What a word as written is in its language.

    `terms` are its stem, with the word as it is shown; none of a function word, and of a script without spaces overlapping
    pairs of characters: no dictionary, and good enough to match on. `told` are the same, none of a word that only labels the
    kind of piece. `capital` is whether it is written as a name is. `number` is as `number` tells.
    """

    terms: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, str], ...]
    capital: bool
    number: str | None


class Passage(NamedTuple):
    """A text taken apart: its words as written, what each of them is, and what stands between them.

    `gaps[k]` stands before the word `k`, and the last one after the last word.
    """

    written: list[str]
    words: list[Word]
    gaps: list[str]

    def text(self) -> str:
        """Return the text again."""
        return "".join(chain.from_iterable(zip(self.gaps, [*self.written, ""], strict=True)))


class Lexicon(dict[str, Word]):
    """The words of one language by how they are written, each looked at when it is first met.

    Bounded: each language has its part of `_SEEN`, and one that has used it up begins anew.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, token: str) -> Word:
        """Look at a word that is not remembered."""
        if len(self) * lexicon.cache_info().currsize >= _SEEN:
            self.clear()
        word = self[token] = _look(token, self._language)
        return word


@lru_cache(maxsize=_LANGUAGES)
def lexicon(language: str) -> Lexicon:
    """Return the words of a language."""
    return Lexicon(language)


def passage(text: str, language: str) -> Passage:
    """Take a text of a language apart."""
    pieces = _TOKEN.split(text[:MAX_CHARS])  # gaps and words in turn
    written = pieces[1::2]
    return Passage(written, list(map(lexicon(language).__getitem__, written)), pieces[::2])


@lru_cache(maxsize=_STEMS)
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


def fold(word: str) -> str:
    """Return the lower-case form without a possessive ending or the dots of an abbreviation (`U.S.` is `us`)."""
    if word.isalpha():
        return word.lower()
    lower = _POSSESSIVE.sub("", word.lower())
    return lower.replace(".", "") if "." in lower and not lower[0].isdigit() else lower


def clean(word: str) -> str:
    """Return a word as written, without a possessive ending."""
    return word if word.isalpha() else _POSSESSIVE.sub("", word)


def terms(text: str, language: str) -> list[str]:
    """Return the stems of the content words of `text` in order, with repeats."""
    known = lexicon(language)
    return [term for token in raw(text) for term, _ in known[token].terms]


def _look(token: str, language: str) -> Word:
    if _UNSPACED.match(token):
        both = tuple((pair, pair) for pair in _pairs(token))
        return Word(both, both, token[0].isupper(), number(token, language))
    word, stops = fold(token), stop_words(language)
    capital = len(token) > 2 and token[0].isupper() and word not in stops
    if word in stops or (len(word) == 1 and not word.isdigit()):
        return Word((), (), capital, number(token, language))
    term = word.replace(",", "") if word[:1].isdigit() else stem(word, language)
    both = ((term, clean(token)),)
    return Word(both, () if word in labels(language) else both, capital, number(token, language))


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
