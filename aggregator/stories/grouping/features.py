"""Extracts the terms of a document that are compared: words, names, numbers, and what each number counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from aggregator.stories.grouping.index import Flags
from aggregator.stories.grouping.terms import (
    BODY,
    COUNTED,
    KEYED,
    LEAD,
    LINK,
    NAME,
    NUMBER,
    PHRASE,
    SENSE,
    SUBJECT,
    TITLE,
    UNIT,
    count_term,
    link_term,
    name_term,
    number_term,
    pair_term,
    sense_term,
    start_term,
    unit_term,
)
from aggregator.stories.model import Document
from digests.language import detect as languages
from digests.language import tokens
from digests.language.names import name_places, title_name_places
from digests.language.numbers import is_scale
from digests.language.senses import senses_in
from digests.language.stems import KEY_LENGTH, name_key
from digests.language.tokens import Passage

BODY_CHARS = 2400  # of a text that are compared: news puts the event first
LINKS = 20  # of a text that are followed: more are a list
LEAD_CHARS = 320  # of a text that say what it is about
_OUTLET = re.compile(r"\s+[-–—|»•:]+\s+[^-–—|»•:]{2,40}$")
_SENTENCE = re.compile(r".{20,}?[.!?…。！？](?=\s|$)|.+", re.DOTALL)
_SCORE = re.compile(r"(?<![\w.,–-])(\d{1,3})\s?[-–:]\s?(\d{1,3})(?![\w–-]|[.,:]\d)")
_HYPHENS = ("-", "‑")
_JOINED = 3  # more parts of a word with hyphens than these are not shown
_BLANKS = (" ", "\u00a0")
_MONEY = "$€£¥₹₽"
# A clock time in Chinese, Japanese or Korean, such as `12時30分`; `時間` and `시간` are durations, `시민` are citizens.
_EAST_ASIAN = frozenset({"zh", "ja", "ko"})
_CLOCK_TOKENS = 4  # before and after a number, among which the rest of the time is
_CLOCK = re.compile(
    r"(?:\d{1,2}\s?(?:[時时](?![間间])|시(?![간도민장즌]))|\d{1,2}[点點](?=\d{1,2}分|[半钟鐘整]))"
    r"(?:\s?\d{1,2}[分분])?(?:\s?\d{1,2}[秒초])?"
)


@dataclass(frozen=True, slots=True)
class Features:
    """The terms of a document.

    `terms` (see `grouping.terms`) are in order of first use, each with its roles: words of title, lead and body;
    neighbouring words of the title; names; numbers and what they count; senses of the words of title and lead; the URL
    of the document and its links. `shown` is how a term is written. Without a title the first sentence is used.
    """

    language: str
    terms: dict[str, int]
    shown: dict[str, str]

    @property
    def flags(self) -> Flags:
        """The roles of the terms as an array."""
        return np.fromiter(self.terms.values(), np.uint16, len(self.terms))


@dataclass(slots=True)
class _Reader:
    """One reading of one document."""

    code: str
    terms: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    def note(self, term: str, flags: int, written: str) -> None:
        self.terms[term] = self.terms.get(term, 0) | flags
        self.shown.setdefault(term, written)


def extract(document: Document, allowed: tuple[str, ...] = ()) -> Features:
    """Read a document once. Never raises: an empty or odd text gives no terms."""
    title, text = document.title[:2000], document.text[:BODY_CHARS]
    code = languages.detect(f"{title}\n{text}", document.language, allowed)
    title = headline(title) or _first_sentence(text)
    reader = _Reader(code)
    head, body = tokens.passage(title, code), tokens.passage(text, code)
    # Cut where the lead ends, in a word if need be: a word that the cut goes through begins in the lead.
    lead = body.written if len(text) <= LEAD_CHARS else tokens.raw(text[:LEAD_CHARS])
    _title(reader, head)
    _words(reader, lead, LEAD | BODY)
    _words(reader, tokens.raw(text[LEAD_CHARS:]), BODY)
    _names(reader, head, body, len(lead))
    _numbers(reader, _joined(head, body))
    _senses(reader, f"{title}\n{text[:LEAD_CHARS]}")
    _links(reader, document)
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


def _title(reader: _Reader, head: Passage) -> None:
    known = tokens.lexicon(reader.code)
    for token in dict.fromkeys(head.written):
        for stem, written in known[token].content:
            reader.note(stem, TITLE | LEAD, written)
            if written[0].isalpha() and not tokens.unspaced(written) and len(key := name_key(written)) > 2:
                reader.note(start_term(key[:KEY_LENGTH]), KEYED, written)
    for first, second in pairwise(stem for word in head.words for stem, _ in word.content):
        pair = pair_term(first, second)
        reader.note(pair, PHRASE, pair)


def _words(reader: _Reader, written: Iterable[str], flags: int) -> None:
    # The lexicon leaves out words that only label a piece, such as `Analysis`: they are not about the event.
    known = tokens.lexicon(reader.code)
    for token in dict.fromkeys(written):
        for stem, word in known[token].content:
            reader.note(stem, flags, word)


def _names(reader: _Reader, head: Passage, body: Passage, lead: int) -> None:
    for place in title_name_places(head, reader.code):
        _note_name(reader, head.written[place], SUBJECT)
    for place in name_places(body, reader.code):
        _note_name(reader, body.written[place], SUBJECT if place < lead else 0)


def _senses(reader: _Reader, text: str) -> None:
    for said in senses_in(text, reader.code):
        reader.note(sense_term(said.sense), SENSE, said.written)


def _links(reader: _Reader, document: Document) -> None:
    """Note the URL of the document and its links: a document and one that links to it share that term."""
    for address in (document.url, *document.links[:LINKS]):
        if address:
            reader.note(link_term(address), LINK, address)


def _note_name(reader: _Reader, word: str, flags: int) -> None:
    key = name_key(word)
    if len(key) > 2:
        written = tokens.without_possessive(word)
        reader.note(name_term(key), NAME, written)
        reader.note(start_term(key[:KEY_LENGTH]), KEYED | flags, written)


def name_stems(title: str, text: str, code: str) -> frozenset[str]:
    """Return the stems of the words that are names in `title` or `text`."""
    head, body = tokens.passage(title, code), tokens.passage(text[:4000], code)
    found = [(head, k) for k in title_name_places(head, code)] + [(body, k) for k in name_places(body, code)]
    return frozenset(stem for said, k in found if len(name_key(said.written[k])) > 2 for stem, _ in said.words[k].terms)


def named(text: str, code: str) -> Counter[str]:
    """Count the names in `text` as they are written, each under its most usual form."""
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    said = tokens.passage(text[:4000], code)
    for word in (said.written[k] for k in name_places(said, code)):
        if len(key := name_key(word)) > 2:
            counts[shown.setdefault(key, tokens.without_possessive(word))] += 1
    return counts


def _joined(head: Passage, body: Passage) -> Passage:
    """Return two passages as one with a line break between them."""
    gaps = [*head.gaps[:-1], f"{head.gaps[-1]}\n{body.gaps[0]}", *body.gaps[1:]]
    return Passage(head.written + body.written, head.words + body.words, gaps)


def _numbers(reader: _Reader, said: Passage) -> None:
    found = {
        place: word.number
        for place, word in enumerate(said.words)
        if word.number is not None and not _is_part_of_name(said, place)
    }
    if reader.code in _EAST_ASIAN:
        found = {place: number for place, number in found.items() if not _is_part_of_clock(said, place)}
    for place, number in found.items():
        if len(number) == 4 and number[:2] in ("19", "20"):
            continue  # a year distinguishes little
        written = said.written[place]
        if written[0].isdigit():
            reader.note(number_term(number), NUMBER, written)
            if len(number) > 1:
                reader.note(start_term(number), KEYED, written)
        for unit, phrase in _units(said, place):
            _count(reader, unit, number, phrase)
    if any(said.gaps[place].strip() in ("-", "–", ":") for place in found):
        for match in _SCORE.finditer(said.text()):
            _count(reader, "-", "-".join(match.groups()), "".join(match.group().split()))


def _is_part_of_name(said: Passage, place: int) -> bool:
    """Whether a number is part of a name, as in `Covid-19`: it counts nothing."""
    return place > 0 and said.gaps[place] in _HYPHENS and said.written[place - 1][-1].isalpha()


def _is_part_of_clock(said: Passage, place: int) -> bool:
    """Whether a number is an hour, minute or second, as in `12時30分`: times of day are no numbers of the event."""
    first, last = max(0, place - _CLOCK_TOKENS), min(len(said.words) - 1, place + _CLOCK_TOKENS)
    at = len(said.text(first, place)) - len(said.written[place])
    return any(clock.start() <= at < clock.end() for clock in _CLOCK.finditer(said.text(first, last)))


def _count(reader: _Reader, unit: str, number: str, written: str) -> None:
    reader.note(unit_term(unit), UNIT, unit)
    reader.note(count_term(unit, number), COUNTED, written)


def _units(said: Passage, place: int) -> Iterator[tuple[str, str]]:
    """Yield what a number may count, and the two as written: a sign at it, and the content words on both sides."""
    before, after = said.gaps[place], said.gaps[place + 1]
    if after.startswith("%"):
        yield "%", f"{said.written[place]}%"
        return
    if before and before[-1] in _MONEY:
        yield before[-1], before[-1] + said.text(place, _scaled(said, place))
        return
    for near, gap in ((place + 1, after), (place - 1, before)):
        if not 0 <= near < len(said.words) or len(gap) > 2 or "." in gap or "\n" in gap:
            continue
        if said.written[near][0].isalpha():
            for stem, _ in said.words[near].terms[:1]:
                yield stem, _phrase(said, place, near, stem)


def _phrase(said: Passage, place: int, near: int, unit: str) -> str:
    """Return a number with the word beside it; in a script without spaces only the compared part."""
    if tokens.unspaced(said.written[near]):
        return f"{said.written[place]} {unit}"
    if near < place:
        return said.text(near, place)
    end = _whose(said, near) if is_scale(said.written[near]) else near
    while end + 1 < len(said.words) and end - near < _JOINED and said.gaps[end + 1] in _HYPHENS:
        end += 1  # the whole of `71-year-old`
    return said.text(place, end)


def _whose(said: Passage, scale: int) -> int:
    """Return the place of `euros` in `6 million euros` and `6 millones de euros`, else the place of the scale."""
    place = scale + 1
    if place < len(said.words) and said.written[place] in ("de", "di"):
        place += 1
    joined = place < len(said.words) and all(gap in _BLANKS for gap in said.gaps[scale + 1 : place + 1])
    return place if joined and said.words[place].terms else scale


def _scaled(said: Passage, place: int) -> int:
    """Return the place of `million` in `$6 million`, else the place of the number."""
    near = place + 1
    follows = near < len(said.words) and said.gaps[near] in _BLANKS and is_scale(said.written[near])
    return near if follows else place
