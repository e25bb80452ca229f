"""Names in text: which capitalised words are names, and where a name of several words begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digests.language import abbreviations
from digests.language.detect import language_code
from digests.language.frequencies import share
from digests.language.stems import latin
from digests.language.stopwords import all_stop_words
from digests.language.tokens import Passage, Word, passage, raw, without_possessive

_NAME_SHARE = 1 / 1500  # where every noun is capitalised, a word rarer in news than this is taken for a name
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\"“”„«»]\s+|\n)\W*$")
_JOINTS = frozenset({"-", "‑", "&"})
_INSIDE = frozenset({" ", "\u00a0", *_JOINTS})  # gaps between the words of one name
_AFTER_POINT = frozenset({".", ". ", ".-"})  # the same behind an initial or a title: `J. R. R.`, `Dr. Weber`
_PARTICLES = frozenset(
    ("of", "the", "de", "der", "van", "von", "den", "di", "da", "al", "el", "bin", "ben", "la", "du", "des")
)
_NOT_NAMES_WORDS = """monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec mr mrs ms dr prof
    sir president minister prime chancellor king queen senator governor mayor judge police government officials state
    national international people news update live video photo photos breaking exclusive analysis opinion i god mon
    tue wed thu fri sat sun am pm reuters ap afp dpa tass upi efe ansa bbc cnn"""
_NOT_NAMES = frozenset(_NOT_NAMES_WORDS.split())
# Words of names that name nobody by themselves: offices, institutions, directions.
_PARTS_WORDS = """
    secretary spokesman spokeswoman attorney general chief foreign federal former first new united states
    republic kingdom union department ministry committee commission council court house white senate
    congress parliament party university city county street north south east west northern southern eastern
    western central saint international world league cup office service agency association company group
    bank ministerin minister präsident präsidentin kanzler kanzlerin sprecher sprecherin vereinigte staaten
    ministre président présidente premier première ministère états unis conseil ministro ministra presidente
    presidenta secretario secretaria estados unidos consejo gobierno министр президент премьер глава сша
    министерство соединенные штаты міністр"""
# Places whose name begins with "New", which elsewhere begins no name: "New Apple phone".
_NEW_PLACES_WORDS = """york zealand delhi jersey mexico orleans hampshire england brunswick guinea caledonia haven
    mumbai westminster rochelle taipei kent"""
_NEW_PLACES = frozenset(_NEW_PLACES_WORDS.split())
_PARTS = _NOT_NAMES | frozenset(_PARTS_WORDS.split())


def name_places(said: Passage, code: str) -> Iterator[int]:
    """Yield the positions of capitalised words that do not only begin a sentence; in German, only of rare words."""
    for place, word in enumerate(said.words):
        if word.capital and (code != "de" or _is_rare(word, code)) and not _begins_sentence(said, place):
            yield place


def title_name_places(title: Passage, code: str) -> Iterator[int]:
    """Yield the places of names in a title. Where most words are capitalised, those that are rare in news are taken."""
    if _mostly_capitals(title.written):
        upper = (k for k, w in enumerate(title.written) if w[0].isupper())
        yield from (k for k in upper if len(title.written[k]) > 2 and _is_rare(title.words[k], code))
    else:
        yield from name_places(title, code)


def is_title_case(title: str) -> bool:
    """Whether most words of a title begin with a capital, so that capitals show no names."""
    return _mostly_capitals(raw(title))


def _mostly_capitals(written: Sequence[str]) -> bool:
    words = [w for w in written if w[0].isalpha()]
    return len(words) >= 4 and sum(w[0].isupper() for w in words) > 0.6 * len(words)


def _is_rare(word: Word, code: str) -> bool:
    return bool(word.terms) and share(word.terms[0][0], code) < _NAME_SHARE


def _begins_sentence(said: Passage, place: int) -> bool:
    """Whether a word begins a sentence, by the last characters of the gap before it; most words follow a blank."""
    gap = said.gaps[place]
    if gap == " " and place:
        return False
    return (
        _SENTENCE_START.search(f"x{gap}"[-4:] if place else gap[-4:]) is not None
    )  # the x is the end of the word before


def is_part(word: str, code: str) -> bool:
    """Whether a capitalised word names nobody by itself: a stop word, an office, `United`."""
    low = without_possessive(word).lower()
    return low in _PARTS or low in all_stop_words(code) or low in abbreviations.titles(code)


def names_in(text: str, language: str | None = None) -> list[str]:
    """Return the names in a text as written, in order; the words of one name stay together.

    A single capitalised word that begins a sentence is left out; in German, where all nouns are capitalised, so is
    every single word that is not all capitals.
    """
    code = language_code(language)
    said = passage(text, code)
    return [name for run in _runs(said) if (name := _name(said, run, code))]


def last_words(text: str, language: str | None = None) -> frozenset[str]:
    """Return the last word of each name in a text, in Latin letters: `Olaf Scholz` and `Scholz` give the same."""
    return frozenset(key for name in names_in(text, language) if len(key := latin(name).rpartition(" ")[2]) > 1)


def _runs(said: Passage) -> Iterator[list[int]]:
    """Yield the places of neighbouring capitalised words; one particle may separate two of them."""
    run: list[int] = []
    for place, word in enumerate(said.written):
        if not word[0].isupper():
            continue
        if run and not _belong_together(said, run[-1], place):
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _belong_together(said: Passage, before: int, place: int) -> bool:
    gap = said.gaps[before + 1]
    if place == before + 1:
        return gap in _INSIDE or (gap in _AFTER_POINT and _is_abbreviated(said.written[before]))
    between = said.written[before + 1] in _PARTICLES and said.gaps[place] in _INSIDE
    return place == before + 2 and between and gap in _INSIDE


def _is_abbreviated(word: str) -> bool:
    """Whether a word is an initial or a title, so that a full stop after it need not end the sentence."""
    low = word.lower()
    return len(low) == 1 or "." in low or (low in abbreviations.titles("") and low not in abbreviations.NUMBERED)


def _name(said: Passage, run: list[int], code: str) -> str:
    opening = _begins_sentence(said, run[0])
    while run and not _is_joined(said, run[0] + 1) and _is_no_beginning(said, run, code, opening=opening):
        run, opening = run[1:], False
    while run and not _is_joined(said, run[-1]) and _is_ordinary(said.written[run[-1]], code):
        run = run[:-1]
    if not run or (len(run) == 1 and (opening or code == "de") and not said.written[run[0]].isupper()):
        return ""
    last = run[-1]
    while last + 1 < len(said.written) and _is_joined(said, last + 1):
        last += 1  # the whole of `Covid-19`
    return without_possessive(" ".join(said.text(run[0], last).split()))


def _is_joined(said: Passage, place: int) -> bool:
    """Whether a word is part of the one before it: the last letter of `AT&T`."""
    return said.gaps[place] in _JOINTS


def _is_no_beginning(said: Passage, run: list[int], code: str, *, opening: bool) -> bool:
    word = said.written[run[0]]
    if word.lower() == "new" and len(run) > 1 and without_possessive(said.written[run[1]]).lower() in _NEW_PLACES:
        return False
    return _is_ordinary(word, code) or (opening and word.lower() in abbreviations.starters(code))


def _is_ordinary(word: str, code: str) -> bool:
    low = without_possessive(word.lower())
    return low in _NOT_NAMES or low in all_stop_words(code) or len(low) < 2
