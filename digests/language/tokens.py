"""Text as words: the one tokenizer, and what each word is in its language."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from digests.language.detect import language_code
from digests.language.numbers import digits_of
from digests.language.stems import stem
from digests.language.stopwords import all_stop_words, labels, stop_words

MAX_CHARS = 20_000  # characters of a text that are read; more say nothing new about its event

_SEEN = 100_000  # words remembered, of all languages together
_LANGUAGES = 32  # languages whose words are remembered
# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces. Hiragana only spells endings.
_HIRAGANA = "\u3041-\u309f"
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(r"(\d+(?:[.,]\d+)+|[^\W_]+(?:['’.][^\W_]+)*)")
_UNSPACED = re.compile(f"[{_HIRAGANA}{_NO_SPACES}]+")
_CONTENT = re.compile(f"[{_NO_SPACES}]+")
# For a text that has such a script: its runs are tokens apart from the numbers and Latin words between them.
_LETTER = rf"[^\W_{_HIRAGANA}{_NO_SPACES}]"
_TOKEN_UNSPACED = re.compile(rf"(\d+(?:[.,]\d+)+|[{_HIRAGANA}{_NO_SPACES}]+|{_LETTER}+(?:['’.]{_LETTER}+)*)")
_POSSESSIVE = re.compile(r"['’]s?$")
_ELIDING = ("fr", "it", "ca")
_ELISION = re.compile(r"^[^\W\d_]{1,5}['’](?=[^\W\d_]{2})")


class Word(NamedTuple):
    """What a word as written is in its language.

    `terms` are pairs of its stem and of the word as it is shown. A stop word has none. Of a script without spaces
    they are overlapping pairs of characters, which need no dictionary. `content` is the same, but empty for a word
    that only names the kind of an article. `capital` says whether it is written as a name is. `number` is what
    `digits_of` returns.
    """

    terms: tuple[tuple[str, str], ...]
    content: tuple[tuple[str, str], ...]
    capital: bool
    number: str | None


class Passage(NamedTuple):
    """A text split into words and the gaps between them: `gaps[k]` precedes word `k`, the last gap ends the text."""

    written: list[str]
    words: list[Word]
    gaps: list[str]

    def text(self, first: int = 0, last: int | None = None) -> str:
        """Return the text from word `first` to word `last`, inclusive; without arguments the whole text."""
        if last is None:
            return "".join(chain.from_iterable(zip(self.gaps, [*self.written, ""], strict=True)))
        between = range(first + 1, last + 1)
        return self.written[first] + "".join(self.gaps[place] + self.written[place] for place in between)


class Lexicon(dict[str, Word]):
    """The words of one language by their written form, each analysed when it is first met.

    Bounded: each language has its share of `_SEEN`, and one that has used it up starts again.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, token: str) -> Word:
        """Analyse a word that is not remembered."""
        if len(self) * lexicon.cache_info().currsize >= _SEEN:
            self.clear()
        word = self[token] = _analysed(token, self._language)
        return word


@lru_cache(maxsize=_LANGUAGES)
def lexicon(language: str) -> Lexicon:
    """Return the words of a language."""
    return Lexicon(language)


def _token_pattern(text: str) -> re.Pattern[str]:
    return _TOKEN if text.isascii() or not _UNSPACED.search(text) else _TOKEN_UNSPACED


def passage(text: str, language: str) -> Passage:
    """Split a text of a language into words and gaps."""
    text = text[:MAX_CHARS]
    pieces = _token_pattern(text).split(text)  # gaps and words in turn
    written = pieces[1::2]
    return Passage(written, list(map(lexicon(language).__getitem__, written)), pieces[::2])


def raw(text: str) -> list[str]:
    """Return the words of a text as written, in order; a run of a script without spaces is one word."""
    text = text[:MAX_CHARS]
    return _token_pattern(text).findall(text)


def word_count(text: str) -> int:
    """Return the length of a text in words; two characters of a script without spaces count as one word."""
    return sum((len(token) + 1) // 2 if unspaced(token) else 1 for token in raw(text))


def fold(word: str) -> str:
    """Return the lower-case form without a possessive ending or the dots of an abbreviation (`U.S.` is `us`)."""
    if word.isalpha():
        return word.lower()
    lower = _POSSESSIVE.sub("", word.lower())
    return lower.replace(".", "") if "." in lower and not lower[0].isdigit() else lower


def without_possessive(word: str) -> str:
    """Return a word as written, without a possessive ending."""
    return word if word.isalpha() else _POSSESSIVE.sub("", word)


def without_elision(word: str, language: str) -> str:
    """Return a word without an article or preposition that its language joins to it: `l'armée` is `armée`."""
    return _ELISION.sub("", word) if language in _ELIDING else word


def terms(text: str, language: str) -> list[str]:
    """Return the stems of the words of a text that are no stop words, in order, with repeats."""
    known = lexicon(language)
    return [term for token in raw(text) for term, _ in known[token].terms]


def sentence_terms(text: str, language: str | None) -> list[str]:
    """Return the terms by which single sentences are compared.

    They are the `terms` of the text without the further stop words and without elided articles. `language` may be any
    language tag, or None where it is unknown.
    """
    code = language_code(language)
    known, stops = lexicon(code), all_stop_words(code)
    words = (without_elision(token, code) for token in raw(text))
    return [term for word in words if fold(word) not in stops for term, _ in known[word].terms]


@lru_cache(maxsize=4096)
def sentence_term_set(text: str, language: str | None) -> frozenset[str]:
    """Return the distinct `sentence_terms` of a text."""
    return frozenset(sentence_terms(text, language))


def _analysed(token: str, language: str) -> Word:
    if _UNSPACED.match(token):
        pairs = tuple((pair, pair) for pair in _pairs(token))
        return Word(pairs, pairs, token[0].isupper(), digits_of(token, language))
    word, stops = fold(token), stop_words(language)
    capital = len(token) > 2 and token[0].isupper() and word not in stops
    if word in stops or (len(word) == 1 and not word.isdigit()):
        return Word((), (), capital, digits_of(token, language))
    term = word.replace(",", "") if word[:1].isdigit() else stem(word, language)
    terms = ((term, without_possessive(token)),)
    return Word(terms, () if word in labels(language) else terms, capital, digits_of(token, language))


def unspaced(word: str) -> bool:
    """Whether a word is of a script without spaces, and so part of a longer run."""
    return _UNSPACED.match(word) is not None


def _pairs(token: str) -> list[str]:
    out: list[str] = []
    for run in _CONTENT.findall(token):
        out.extend([run] if len(run) < 3 else [run[i : i + 2] for i in range(len(run) - 1)])
    return out
