"""What a document says, as terms that can be compared: words, names, numbers, and what each number counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from aggregator.stories import common, tokens
from aggregator.stories import language as languages
from aggregator.stories.keys import KEY, name_key
from aggregator.stories.model import Document

NAME_SHARE = 1 / 1500  # where every noun is capitalized, a word rarer than this is taken for a name
BODY_CHARS = 2400  # of a text that are compared: news puts the event first
LEAD_CHARS = 320  # of a text that say what it is about
_OUTLET = re.compile(r"\s+[-–—|»•:]+\s+[^-–—|»•:]{2,40}$")
_SENTENCE = re.compile(r".{20,}?[.!?…。！？](?=\s|$)|.+", re.DOTALL)
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\"“”„«»]\s+|\n)\W*$")
_SCORE = re.compile(r"(?<![\w.,–-])(\d{1,3})\s?[-–:]\s?(\d{1,3})(?![\w–-]|[.,:]\d)")
_MONEY = "$€£¥₹₽"

# What a term is to its document. A term may be several of these at once.
TITLE, LEAD, BODY, PHRASE, NAME, KEYED, SUBJECT, NUMBER, UNIT, COUNTED = (1 << k for k in range(10))


@dataclass(frozen=True, slots=True)
class Features:
    """The comparable side of a document.

    `terms` are in order of first use, each with what it is: stems of title, lead and body; neighbouring pairs of stems
    of the title; `@` and the transliterated key of a name; `=` and the beginning of such a key, for meeting other
    languages; `#` and a number; `%` and what a number counts, alone and with the number. `shown` says how a term is
    written. A text without a title lends its first sentence.
    """

    language: str
    terms: dict[str, int]
    shown: dict[str, str]


@dataclass(slots=True)
class _Reader:
    """One reading of one document."""

    code: str
    terms: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    def note(self, term: str, flags: int, written: str) -> None:
        if term in self.terms:
            self.terms[term] |= flags
        else:
            self.terms[term] = flags
            self.shown[term] = written


def extract(document: Document, allowed: tuple[str, ...] = ()) -> Features:
    """Read a document once. Never raises: an empty or odd text gives no terms."""
    title, text = document.title[:2000], document.text[:BODY_CHARS]
    code = languages.detect(f"{title}\n{text}", document.language, allowed)
    title = headline(title) or _first_sentence(text)
    reader = _Reader(code)
    _words(reader, title, TITLE | LEAD)
    for first, second in pairwise(tokens.terms(title, code, title=True)):
        reader.note(f"{first} {second}", PHRASE, f"{first} {second}")
    _words(reader, text[:LEAD_CHARS], LEAD | BODY)
    _words(reader, text[LEAD_CHARS:], BODY)
    _names(reader, title, text)
    _numbers(reader, f"{title}\n{text}")
    return Features(code, reader.terms, reader.shown)


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


def _words(reader: _Reader, text: str, flags: int) -> None:
    # Words that only label a piece tell nothing of the event, wherever they stand.
    for stem, written in tokens.distinct_stems(text, reader.code, title=True):
        reader.note(stem, flags, written)
        if not flags & TITLE or not written[0].isalpha() or tokens.unspaced(written):
            continue
        if len(key := name_key(written)) > 2:
            reader.note(f"={key[:KEY]}", KEYED, written)


def _names(reader: _Reader, title: str, text: str) -> None:
    for word in title_names(title, reader.code):
        _note_name(reader, word, SUBJECT)
    for word, start in names(text, reader.code):
        _note_name(reader, word, SUBJECT if start < LEAD_CHARS else 0)


def _note_name(reader: _Reader, word: str, flags: int) -> None:
    key = name_key(word)
    if len(key) > 2:
        written = tokens.clean(word)
        reader.note(f"@{key}", NAME, written)
        reader.note(f"={key[:KEY]}", KEYED | flags, written)


def title_names(title: str, code: str) -> Iterator[str]:
    """Yield the names of a title. Where every word is capitalized, those that are rare in news are taken for names."""
    words = [w for w in tokens.raw(title) if w[0].isalpha()]
    upper = [w for w in words if w[0].isupper()]
    if len(words) < 4 or len(upper) <= 0.6 * len(words):
        yield from (word for word, _ in names(title, code))
    else:
        yield from (word for word in upper if len(word) > 2 and _rare(word, code))


def _rare(word: str, code: str) -> bool:
    found = tokens.terms(word, code)
    return bool(found) and common.share(found[0], code) < NAME_SHARE


def names(text: str, code: str) -> Iterator[tuple[str, int]]:
    """Yield the capitalized words that do not merely begin a sentence, each with its place."""
    stops = languages.stop_words(code)
    for match in tokens.spans(text[: tokens.MAX_CHARS]):
        word = match.group()
        if not word[0].isupper() or len(word) < 3 or tokens.fold(word) in stops:
            continue
        if _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()]):
            continue
        if code != "de" or _rare(word, code):
            yield word, match.start()


def name_stems(title: str, text: str, code: str) -> frozenset[str]:
    """Return the stems of the words that are names in `title` or `text`."""
    found = [*title_names(title, code), *(word for word, _ in names(text[:4000], code))]
    return frozenset(stem for word in found if len(name_key(word)) > 2 for stem in tokens.terms(word, code))


def named(text: str, code: str) -> Counter[str]:
    """Count the names in `text` as they are written, each under its most usual form."""
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for word, _ in names(text[:4000], code):
        if len(key := name_key(word)) > 2:
            counts[shown.setdefault(key, tokens.clean(word))] += 1
    return counts


def _numbers(reader: _Reader, text: str) -> None:
    found = list(tokens.spans(text))
    for place, match in enumerate(found):
        number = tokens.number(match.group(), reader.code)
        if number is None or (len(number) == 4 and number[:2] in ("19", "20")):
            continue  # a year tells little
        if match.group()[0].isdigit():
            reader.note(f"#{number}", NUMBER, match.group())
            if len(number) > 1:
                reader.note(f"={number}", KEYED, match.group())
        for unit in _units(reader.code, text, found, place):
            _count(reader, unit, number, match.group())
    for match in _SCORE.finditer(text):
        _count(reader, "-", "-".join(match.groups()), match.group())


def _count(reader: _Reader, unit: str, number: str, written: str) -> None:
    reader.note(f"%{unit}", UNIT, unit)
    reader.note(f"%{unit} {number}", COUNTED, f"{written} {unit}" if unit.isalpha() else written)


def _units(code: str, text: str, found: Sequence[re.Match[str]], place: int) -> Iterator[str]:
    """Yield what a number may count: a sign at it, and the content words on both sides."""
    match = found[place]
    if text[match.end() : match.end() + 1] == "%":
        yield "%"
        return
    if match.start() and text[match.start() - 1] in _MONEY:
        yield text[match.start() - 1]
        return
    for near in (place + 1, place - 1):
        if 0 <= near < len(found):
            gap = text[match.end() : found[near].start()] if near > place else text[found[near].end() : match.start()]
            if len(gap) <= 2 and "." not in gap and "\n" not in gap and found[near].group()[0].isalpha():
                yield from tokens.terms(found[near].group(), code)[:1]
