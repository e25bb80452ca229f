"""What single words of the news mean, whatever their language: one small dictionary of concepts, and countries by CLDR.

A sense is the first English word of a line of `senses.txt`, or a country's two-letter code. Finer than the glossary, which
places a text in a section: here `gold` and `silver` are two. Two tellings of one event share senses where they share no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from aggregator.stories import tokens
from aggregator.stories.glossary import head_of
from aggregator.stories.language import stop_words

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "ru", "uk", "nl", "pl", "sl", "tr", "ar", "zh", "ja")

_COMPOUNDING = ("de", "nl")
_ELIDING = ("fr", "it")
_INFLECTED = ("uk", "pl", "sl", "tr")  # no stemmer, or one that leaves too many endings
_UNSPACED = ("zh", "ja")
_SHARED = 4  # letters that an inflected word has in common with a known one at the least
_ENDING = 3  # letters that may be left over on either side
_SEEN = 50_000  # words remembered with what became of them
_NO_COUNTRY = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")
_ELISION = re.compile(r"^[^\W\d_]{1,5}['’](?=[^\W\d_]{2})")
_PREFIX = re.compile("^(?:[وف]?(?:ال|بال|كال|لل)|[وفبل])")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", **dict.fromkeys("ًٌٍَُِّْـ")})
_MARKS: Mapping[str, Mapping[int, str | int | None]] = {
    "ar": _ARABIC,
    "ru": str.maketrans("ё", "е"),
    "tr": {ord("ı"): "i", ord("\u0307"): None},
}  # I and İ in lower case
_KANA = re.compile("[\u30a1-\u30ff]")


class Said(NamedTuple):
    """A sense and the words of the text that say it."""

    sense: str
    written: str


class _Read(NamedTuple):
    """What is known of one word by itself: its sense, whether it is more than a function word, whether it may open a pair."""

    sense: str
    carries: bool
    opens: bool


@dataclass
class _Words:
    """The known words of one language, by the keys that a text's words are looked up with."""

    language: str
    stems: dict[str, str] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)  # only those that their stem would lead astray
    capitals: dict[str, str] = field(default_factory=dict)  # abbreviations, told from words by how they are written
    by_start: dict[str, list[str]] = field(default_factory=dict)
    opening: set[str] = field(default_factory=set)  # the first words of pairs
    longest: int = 0  # of a script without spaces, in characters

    def add(self, word: str, sense: str) -> None:
        if len(word) > 1 and word.isupper() and word.lower() != word:
            self.capitals.setdefault(word, sense)
            return
        key = _key(word, self.language)
        if self.stems.setdefault(key, sense) != sense:
            self.exact.setdefault(_plain(word, self.language), sense)
        if " " in key:
            self.opening.add(key.partition(" ")[0])
        elif self.language in _INFLECTED and len(key) >= _SHARED:
            self.by_start.setdefault(key[:_SHARED], []).append(key)
        self.longest = max(self.longest, len(key))

    def find(self, word: str) -> str:
        """Return the sense of a word that `_plain` returned."""
        forms = _without_prefix(word) if self.language == "ar" else (word,)
        keys = [_key(form, self.language) for form in forms]
        if known := next((self.exact[form] for form in forms if form in self.exact), ""):
            return known
        if known := next((self.stems[key] for key in keys if key in self.stems), ""):
            return known
        if self.language in _COMPOUNDING:
            return self.stems.get(head_of(keys[0], self.stems), "")
        return self.stems.get(self._inflected(word), "") if self.language in _INFLECTED else ""

    def _inflected(self, word: str) -> str:
        """Return the known word that shares most of its letters from the first on, when only endings differ."""
        best, most = "", (0, 0)
        for known in self.by_start.get(word[:_SHARED], ()):
            shared = _common(word, known)
            left = (len(word) - shared, len(known) - shared)
            # Four letters in common and six that differ are two words.
            if max(left) <= _ENDING and sum(left) <= shared and (shared, -sum(left)) > most:
                best, most = known, (shared, -sum(left))
        return best


def sense(word: str, language: str) -> str:
    """Return what a word of `language` (ISO 639-1) means, or an empty string: not known, or a function word.

    A name of two words (`South Korea`, `États-Unis`) may be given whole.
    """
    said = next(senses_in(word, language), None)
    if said is None:
        return ""
    whole = "".join(part for part in tokens.raw(word) if _read(part, language).carries)
    return said.sense if said.written.replace(" ", "") == whole else ""


def senses_in(text: str, language: str) -> Iterator[Said]:
    """Yield the senses of a text in order, with repeats, each with the words that say it.

    Chinese and Japanese are read by the longest known word from each place on; other languages word by word, and by pairs
    for names of countries that take two.
    """
    if language not in LANGUAGES:
        return
    words = tokens.raw(text)
    read = [_read(word, language) for word in words]
    following = dict(pairwise(at for at, each in enumerate(read) if each.carries))
    at = 0
    while at < len(words):
        word, then = words[at], following.get(at)
        if tokens.unspaced(word):
            yield from _in_run(word, language)
        elif then and read[at].opens and (pair := _pair(word, words[then], language)):
            yield Said(pair, f"{word} {words[then]}")
            at = then
        elif found := read[at].sense:
            yield Said(found, word)
        at += 1


@lru_cache(maxsize=_SEEN)
def _read(word: str, language: str) -> _Read:
    carries = _carries(word, language)
    return _Read(_one(word, language), carries, carries and _opens_pair(word, language))


def _one(word: str, language: str) -> str:
    language = "en" if language in _UNSPACED else language
    if found := _abbreviation(word, language):
        return found
    plain = _plain(word, language)
    if len(plain) < 2 or plain in stop_words(language) or plain[0].isdigit():
        return ""
    if found := _words(language).find(plain):
        return found
    return _countries(language).find(plain) if _may_be_name(word, language) else ""


def _abbreviation(word: str, language: str) -> str:
    """Return the sense of an abbreviation of the language or of English, which all use (`NATO`, `COVID`)."""
    letters = tokens.clean(word).replace(".", "")
    return _words(language).capitals.get(letters) or _words("en").capitals.get(letters, "")


def _carries(word: str, language: str) -> bool:
    """Whether a word is more than a function word; `US` is, though `us` is not."""
    return tokens.fold(word) not in stop_words(language) or bool(_abbreviation(word, language))


def _opens_pair(word: str, language: str) -> bool:
    """Whether a word is the first of two that say something together: so pairs, of which there are many, are seldom looked up."""
    key = _key(word, language, part=True)
    return key in _words(language).opening or (_may_be_name(word, language) and key in _countries(language).opening)


def _pair(first: str, second: str, language: str) -> str:
    key = _key(f"{first} {second}", language)
    found = _words(language).stems.get(key, "")
    return found or (_countries(language).stems.get(key, "") if _may_be_name(first, language) else "")


def _may_be_name(word: str, language: str) -> bool:
    return word[0].isupper() or language == "ar"


def _in_run(run: str, language: str) -> Iterator[Said]:
    if language not in _UNSPACED:
        return
    words, countries = _words(language), _countries(language)
    start, longest = 0, max(words.longest, countries.longest)
    while start < len(run) - 1:
        for end in range(min(len(run), start + longest), start + 1, -1):
            piece = run[start:end]
            if (found := words.stems.get(piece) or countries.stems.get(piece)) and _whole(run, start, end):
                yield Said(found, piece)
                start = end
                break
        else:
            start += 1


def _whole(run: str, start: int, end: int) -> bool:
    """Whether a piece in katakana is a word of its own: Thailand (タイ) is also the first half of a title (タイトル)."""
    if not _KANA.match(run[start]):
        return True
    opens = start == 0 or not _KANA.match(run[start - 1])
    closes = end == len(run) or not _KANA.match(run[end])
    return opens and (closes or end - start > 3)


def _plain(word: str, language: str) -> str:
    """Return a word as it is looked up: folded, without an elided article, an Arabic one without its marks."""
    lower = tokens.fold(word)
    if language in _ELIDING:
        lower = _ELISION.sub("", lower)
    return lower.translate(_MARKS.get(language, {}))


def _without_prefix(word: str) -> tuple[str, ...]:
    """Return an Arabic word as it is and without its article, `and`, `so`, `in` or `for`."""
    bare = _PREFIX.sub("", word)
    return (word, bare) if bare != word and len(bare) > 2 else (word,)


def _key(words: str, language: str, *, part: bool = False) -> str:
    """Return what a known word, or a pair of them (`part`: one of a pair), and its inflected forms have in common."""
    if language in _UNSPACED:
        return words
    plain = [_plain(word, language) for word in words.split(" ")]
    if language in _INFLECTED:  # of a pair only the starts are kept: there is no list of endings to go by
        return " ".join(word[:_SHARED] if part or len(plain) > 1 else word for word in plain)
    if language == "ar" and (part or len(plain) > 1):
        plain = [_without_prefix(word)[-1] for word in plain]
    return " ".join(tokens.stem(word, language) for word in plain)


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def entries(language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each sense of the dictionary with the words of one language for it; a pair of words with a space between."""
    place = LANGUAGES.index(language)
    for line in (files(__package__) / "data" / "senses.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        english, _, others = line.partition(":")
        name, *words = english.split()
        if place:
            words = [word for word in others.split("|")[place - 1].split() if word != "-"]
        elif not name.startswith("@"):
            words.append(name)
        yield name.removeprefix("@"), [word.replace("_", " ") for word in words]


@cache
def _words(language: str) -> _Words:
    out = _Words(language)
    for name, words in entries(language):
        for word in words:
            out.add(word, name)
    return out


@cache
def _countries(language: str) -> _Words:
    """Return the countries as CLDR names them, where one word or two do; babel is loaded only for this."""
    from babel import Locale

    out = _Words(language)
    for code, name in Locale.parse(language).territories.items():
        if len(code) != 2 or code in _NO_COUNTRY or not code.isalpha():
            continue
        parts = [word for word in tokens.raw(name) if tokens.fold(word) not in stop_words(language)]
        if len(parts) <= 2 and len("".join(parts)) > 1:
            out.add(" ".join(parts).lower(), code)
    return out
