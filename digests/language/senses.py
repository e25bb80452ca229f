"""Senses: concepts that single words name in fifteen languages, from a dictionary and the country names of CLDR.

A sense is the first English word of a line of `senses.txt`, or a country's two-letter code. Senses are finer than the
glossary: `gold` and `silver` are two. Articles about one event in two languages share senses where they share no word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern
from typing import NamedTuple

from digests.language import tokens
from digests.language.glossary import head_of
from digests.language.stems import stem
from digests.language.stopwords import stop_words

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "ru", "uk", "nl", "pl", "sl", "tr", "ar", "zh", "ja")

_COMPOUNDING = ("de", "nl")
_PLURALS = {  # endings that a form of the same word may have where its stem is too short to go by
    "en": ("s", "d", "es", "ed"),
    "de": ("e", "n", "s", "en", "er", "es", "ern"),
    "nl": ("e", "n", "s", "en"),
    "fr": ("s", "e", "es", "nt"),
    "es": ("s", "es", "n"),
    "pt": ("s", "es", "m"),
    "it": (),  # one vowel for another
}
_VOWELS = "aeio"
_SHORT = 5  # letters of a stem that other words are likely to share: French `coup` and `coupe`
_LISTED = {  # endings of the languages without a stemmer, or with one that leaves too many
    "uk": "а я о е є и і ї у ю ь й ий ій ої ою ею єю ам ям ах ях ами ями ом ем єм ів їв ев ого ому им их ими ній ня ні "
    "ним ти ла ло "
    "ли в ив ила или ав ала али ець ця цю цем ці цям ців к ка ку ком ки ків ок на не ня ню нь ей єй ією",
    "pl": "a ą e ę i y o u ie em om ami ach ów ego emu ej ym im ich ymi imi owi owie owa iem ia ię ią ii iu ć ł ła ło "
    "li ły ać ał ała "
    "ali ały ył yła yli ek ka ku kiem ki ków ec ca cy cą ców cem ce na ny ni",
    "sl": "a e i o u om em am ah ih ega emu im imi ami oma ema ov ev ja je jo ju jem jev ji ec ca cu cem ci ce cev cih "
    "l la lo li le "
    "ti t al ala alo ali il ila ilo ili el ela elo eli en ena eno eni ene ek ka ku kom ki ke kov",
    "tr": (
        "i u ü a e n in un ün nin nun da de ta te den dan ten tan ler lar lari si su sü yi yu yü ya ye li lu lü nda "
        "nde le la na ne"
    ),
}
_ENDINGS = {language: frozenset(["", *endings.split()]) for language, endings in _LISTED.items()}
_INFLECTED = tuple(_ENDINGS)
_UNSPACED = ("zh", "ja")
_SHARED = 4  # letters that an inflected word has in common with a known one at the least
_SEEN = 50_000  # words remembered with what became of them
_NO_COUNTRY = ("EU", "EZ", "JE", "QO", "UN", "XA", "XB", "ZZ")  # JE: a jersey is more often worn
_TURKISH_ENDING = re.compile(r"(?<=[^\W\d_]{2})['’].*$")  # endings of names follow an apostrophe
_PREFIX = re.compile("^(?:[وف]?(?:ال|بال|كال|لل)|[وفبل])")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", **dict.fromkeys("ًٌٍَُِّْـ")})
_MARKS: Mapping[str, Mapping[int, str | int | None]] = {
    "ar": _ARABIC,
    "de": str.maketrans("äöü", "aou"),  # as the stemmer does: a plural may have them where the singular has none
    "ru": str.maketrans("ё", "е"),
    "tr": {ord("ı"): "i", ord("\u0307"): None},  # what I and İ become in lower case
}
_KANA = re.compile("[\u30a1-\u30ff]")


class Said(NamedTuple):
    """A sense and the words of the text that express it."""

    sense: str
    written: str


class _Read(NamedTuple):
    """One word: its sense, whether it has a meaning (`carries`: no stop word), whether it may begin a known pair."""

    sense: str = ""
    carries: bool = False
    opens: bool = False
    unspaced: bool = False


@dataclass
class _Dictionary:
    """The known words of one language, by the keys under which the words of a text are looked up."""

    language: str
    strict: bool = False  # country names have few forms, so a shared stem is not enough to match one
    stems: dict[str, str] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)  # words whose stem is too short to match other words
    forms: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # of stems that have several senses
    capitals: dict[str, str] = field(
        default_factory=dict
    )  # abbreviations, which differ from words by their capital letters
    opening: set[str] = field(default_factory=set)  # the first words of pairs
    heads: frozenset[str] = frozenset()  # what a compound may end in
    by_start: dict[str, list[str]] = field(default_factory=dict)
    longest: int = 0  # of a script without spaces, in characters

    def add(self, word: str, sense: str) -> None:
        if len(word) > 1 and word.isupper() and word.lower() != word:
            self.capitals.setdefault(word, sense)
            return
        key = _key(word, self.language)
        self.forms[key] = (*self.forms.get(key, ()), (_plain(word, self.language), sense))
        if " " in key:
            self.opening.add(key.partition(" ")[0])
        elif self.language in _INFLECTED and len(key) >= _SHARED:
            self.by_start.setdefault(key[:_SHARED], []).append(key)
        self.longest = max(self.longest, len(key))

    def completed(self) -> _Dictionary:
        """Keep the written forms only of stems that have several senses or are too short."""
        if self.language in _COMPOUNDING:
            self.heads = frozenset(self.forms)
        several = {}
        for key, forms in self.forms.items():
            if self._guarded(key):
                self.exact.update(reversed(forms))
            elif len({sense for _, sense in forms}) == 1:
                self.stems[key] = forms[0][1]
            else:
                several[key] = forms
        self.forms = several  # a dictionary of its own: one that things were taken out of keeps its size
        return self

    def find(self, word: str) -> str:
        """Return the sense of a word that `_plain` returned."""
        for form in _without_prefix(word) if self.language == "ar" else (word,):
            if found := self._by_stem(_key(form, self.language), form):
                return found
        if self.language in _COMPOUNDING:
            key = _key(word, self.language)
            head = head_of(key, self.heads)
            return self._by_stem(head, word[len(key) - len(head) :]) if head else ""
        return self._by_stem(self._inflected(word), word) if self.language in _INFLECTED else ""

    def _by_stem(self, key: str, word: str) -> str:
        if known := self.stems.get(key):
            return known
        if self._guarded(key):
            return next((self.exact[form] for form in _forms(word, self.language) if form in self.exact), "")
        alike = [(_common(word, known), -len(known), sense) for known, sense in self.forms.get(key, ())]
        most, _, found = max(alike, default=(0, 0, ""))
        return found if most else ""

    def _guarded(self, key: str) -> bool:
        return self.language in _PLURALS and " " not in key and (self.strict or len(key) <= _SHORT)

    def _inflected(self, word: str) -> str:
        """Return the known word with the longest common beginning, if the two differ only in known endings."""
        best, most = "", (0, 0)
        for known in self.by_start.get(word[:_SHARED], ()):
            shared = _common(word, known)
            left = (len(word) - shared, len(known) - shared)
            # Four letters in common and six that differ are two words; so are two where what is left over is no ending.
            endings = {word[shared:], known[shared:]} <= _ENDINGS[self.language]
            if endings and sum(left) <= shared and (shared, -sum(left)) > most:
                best, most = known, (shared, -sum(left))
        return best


def sense(word: str, language: str) -> str:
    """Return what a word of `language` (ISO 639-1) means, or an empty string: unknown, or a stop word.

    A name of two words (`South Korea`, `États-Unis`) may be given whole.
    """
    said = next(senses_in(word, language), None)
    if said is None:
        return ""
    whole = "".join(part for part in tokens.raw(word) if _read(part, language).carries)
    return said.sense if said.written.replace(" ", "") == whole else ""


def senses_in(text: str, language: str) -> Iterator[Said]:
    """Yield the senses of a text in order, with repeats, each with the words that express it.

    Chinese and Japanese are read by the longest known word from each place on; other languages word by word, and by
    pairs for names of countries that take two.
    """
    if language not in LANGUAGES:
        return
    words = tokens.raw(text)
    read = [_read(word, language) for word in words]
    after = 0  # what a pair has taken already
    for at, (word, known) in enumerate(zip(words, read, strict=True)):
        if at < after:
            continue
        if known.unspaced:
            yield from _in_run(word, language)
            continue
        then = next((k for k in range(at + 1, len(read)) if read[k].carries), 0) if known.opens else 0
        if then and (pair := _pair(word, words[then], language)):
            yield Said(pair, f"{word} {words[then]}")
            after = then + 1
        elif known.sense:
            yield Said(known.sense, word)


@lru_cache(maxsize=_SEEN)
def _read(word: str, language: str) -> _Read:
    if tokens.unspaced(word):
        return _Read(carries=_carries(word, language), unspaced=True)
    return _Read(_one(word, language), True, _opens_pair(word, language)) if _carries(word, language) else _Read()


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
    """Return the sense of an abbreviation in the language or in English (`NATO`, `COVID`); empty if there is none."""
    letters = tokens.without_possessive(word).replace(".", "")
    return _words(language).capitals.get(letters) or _words("en").capitals.get(letters, "")


def _carries(word: str, language: str) -> bool:
    """Whether a word is not a stop word: `us` is one, but the abbreviation `US` is not."""
    return tokens.fold(word) not in stop_words(language) or bool(_abbreviation(word, language))


def _opens_pair(word: str, language: str) -> bool:
    """Whether a word is the first of a known pair; checked first, so that few pairs are looked up."""
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
    """Whether a piece in katakana is a whole word: Thailand (タイ) also begins the word for title (タイトル)."""
    if not _KANA.match(run[start]):
        return True
    opens = start == 0 or not _KANA.match(run[start - 1])
    closes = end == len(run) or not _KANA.match(run[end])
    return opens and (closes or end - start > 3)


def _plain(word: str, language: str) -> str:
    """Return a word as it is looked up: folded, without an elided article, a Turkish ending or Arabic marks."""
    lower = tokens.fold(word)
    lower = tokens.without_elision(lower, language)
    if language == "tr":
        lower = _TURKISH_ENDING.sub("", lower)
    return lower.translate(_MARKS.get(language, {}))


def _without_prefix(word: str) -> tuple[str, ...]:
    """Return an Arabic word, and if it has a prefix (article, `and`, `so`, `in`, `for`) also the word without it."""
    bare = _PREFIX.sub("", word)
    return (word, bare) if bare != word and len(bare) > 2 else (word,)


def _key(words: str, language: str, *, part: bool = False) -> str:
    """Return the lookup key that a word or pair of words (`part`: one of a pair) shares with its inflected forms."""
    if language in _UNSPACED:
        return words
    plain = [_plain(word, language) for word in words.split(" ")]
    if language in _INFLECTED:  # of a pair only the starts are kept: there is no list of endings to go by
        return " ".join(word[:_SHARED] if part or len(plain) > 1 else word for word in plain)
    if language == "ar" and (part or len(plain) > 1):
        plain = [_without_prefix(word)[-1] for word in plain]
    return " ".join(stem(word, language) for word in plain)


def _forms(word: str, language: str) -> Iterator[str]:
    """Yield a word and the words of which it may be an inflected form."""
    yield word
    if language == "it" and word[-1:] in _VOWELS:
        yield from (word[:-1] + vowel for vowel in _VOWELS if vowel != word[-1])
    for ending in _PLURALS[language]:
        known = word.removesuffix(ending)
        # French `plane` is no form of `plan`.
        if known != word and (language != "fr" or ending[0] != "e" or len(known) > _SHORT or known.endswith("é")):
            yield known


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def entries(language: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each sense of the dictionary with its words in one language; a pair of words has a space between."""
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
        yield intern(name.removeprefix("@")), [word.replace("_", " ") for word in words]


@cache
def _words(language: str) -> _Dictionary:
    out = _Dictionary(language)
    for name, words in entries(language):
        for word in words:
            out.add(word, name)
    return out.completed()


@cache
def _countries(language: str) -> _Dictionary:
    """Return the countries whose CLDR name has one or two words; babel is loaded only for this."""
    from babel import Locale

    out = _Dictionary(language, strict=True)
    for code, name in Locale.parse(language).territories.items():
        if len(code) != 2 or code in _NO_COUNTRY or not code.isalpha():
            continue
        parts = [word for word in tokens.raw(name) if tokens.fold(word) not in stop_words(language)]
        # A single word that is left of a longer name is not the name: San Salvador is no country.
        if len(parts) == 2 or parts == tokens.raw(name):
            out.add(" ".join(parts).lower(), code)
    return out.completed()
