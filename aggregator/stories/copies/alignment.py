"""Compares two texts word by word: what is equal, and what differs in the same place.

Two reports made from one template differ in a few places only, such as a name, a number or a place name: they report
two events. Two versions of one article differ in what a publisher adds, cuts or rewords, and agree on every name and
number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from digests.language import frequencies as common
from digests.language import tokens
from digests.language.stems import name_key
from feeds.text.phrases import AGENCIES

WORDS = 1200  # the first words of a text that are aligned
SLOT = 8  # words: a longer replacement is another sentence, not another value in the same place
CROSSED = 3  # words: an equal run this short between an insertion and a deletion is equal by chance
CHANCE = 3  # an equal run is by chance if the differences on both sides are this many times as long
EDGE = 60  # words at the beginning of a text in which every difference counts
RARE = 1 / 1500  # share of news below which a capitalized word is a name anywhere in a sentence
PLAIN, WORD, NAME, NUMBER = range(4)  # the kind of a word, by how much a difference in it means

_GAP = 64  # words between two anchors that are aligned one by one
_DATELINE = re.compile(
    r"\A\s*(?:[^\W\d_][^\n.!?:;()\[\]–—]{1,60}?)?\s*[(\[][^()\[\]\n]{2,40}[)\]]\s*[-–—:]+\s*"
    r"|\A\s*[^\W\d_][^\n!?:;–—a-zа-я]{1,40}\s[-–—]{1,2}\s+"
)
_AGENCY = re.compile(rf"(?<!\w)(?:{AGENCIES})(?:['’]s)?(?!\w)")
_OUTLETS = re.compile(r"\s+[-–—|»›·:]+\s+")
_UNIT = re.compile(r"(\d[\d.,]*)[^\W\d_]{1,3}")
_ENDS = re.compile(r"[.!?…:\"“”„«»\n(。！？]")


@dataclass(frozen=True, slots=True)
class Tokenized:
    """The words of a text: as they are compared, as they are written, and the kind of each."""

    keys: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    worth: list[int] = field(default_factory=list)
    starts: list[bool] = field(default_factory=list)  # whether a word begins a sentence

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in which two texts differ: the words of each, and what they are (`NUMBER`, `NAME` or `WORD`)."""

    mine: str
    theirs: str
    kind: int
    at: int  # position in the text in which it is earlier


@dataclass(frozen=True, slots=True)
class Aligned:
    """The alignment of two texts: how many words are equal, of how many, and the places in which they differ."""

    equal: int
    shorter: int
    longer: int
    slots: tuple[Slot, ...] = ()
    filled: float = 0.0  # share of the aligned part of either text that is equal or a short replacement

    turned: bool = False  # both have the same words in another order

    @property
    def share(self) -> float:
        """Return the share of the shorter text that is equal."""
        return self.equal / self.shorter if self.shorter else 0.0

    def of(self, *kinds: int) -> list[Slot]:
        """Return the slots of these kinds."""
        return [slot for slot in self.slots if slot.kind in kinds]


def aligned_words(text: str, language: str, outlets: Sequence[str] = (), most: int = WORDS) -> Tokenized:
    """Return the words of a text without its dateline and the names of agencies and of its own outlets."""
    return _aligned_words(text[: 12 * most], language, tuple(outlets), most)


@lru_cache(maxsize=512)
def _aligned_words(text: str, language: str, outlets: tuple[str, ...], most: int) -> Tokenized:
    text = _AGENCY.sub(" ", _DATELINE.sub("", text))
    for outlet in outlets:
        for name in (outlet, *_OUTLETS.split(outlet)[:1]):
            if len(name) > 3:
                text = text.replace(name, " ")
    passage = tokens.passage(text, language)
    capitals = sum(w[0].isupper() for w in passage.written)
    title_case = capitals > 0.6 * len(passage.written)  # a title in which every word is capitalized
    out = Tokenized()
    for position, (written, word) in enumerate(zip(passage.written, passage.words, strict=True)):
        if len(out) >= most:
            break
        begins = position == 0 or _ENDS.search(passage.gaps[position]) is not None
        if tokens.unspaced(written):
            for letter in written:
                content = letter.isalpha() and not "\u3041" <= letter <= "\u309f"
                worth = NUMBER if letter.isnumeric() else NAME if content else PLAIN
                _append(out, letter, letter, worth, begins=letter == written[0] and begins)
        elif word.number is not None or any(map(str.isdigit, written)):
            _append(out, _without_unit(word.number or written), written, NUMBER, begins=begins)
        else:
            kind = _kind(written, word, language, begins or title_case)
            _append(out, _folded(written), written, kind, begins=begins)
    return out


def _append(out: Tokenized, key: str, written: str, worth: int, *, begins: bool) -> None:
    out.keys.append(key)
    out.written.append(written)
    out.worth.append(worth)
    out.starts.append(begins)


def _without_unit(number: str) -> str:
    unit = _UNIT.fullmatch(number)
    return (unit[1] if unit else number).casefold()


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    key = tokens.fold(word)
    if key.isascii():
        return key
    return "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))


def _kind(written: str, word: tokens.Word, language: str, begins: bool) -> int:
    """Return the kind of a word: `NAME`, `WORD` or `PLAIN`.

    A capitalized word is a name if it is rare in news, or is not German and not `begins`: the first word of a sentence
    or a word in title case. In a script without capitals every word with terms counts as a name.
    """
    if not word.terms:
        return PLAIN
    first = written[0]
    if first.lower() == first.upper():
        return NAME
    if not first.isupper():
        return WORD
    rare = common.share(word.terms[0][0], language) < RARE
    return NAME if rare or (not begins and language != "de") else WORD


def align(mine: Tokenized, theirs: Tokenized) -> Aligned:
    """Align two texts, starting from runs of words that occur once in each. The cost is bounded by the length."""
    equal = replaced = 0
    slots: list[Slot] = []
    blocks = _without_chance(list(_blocks(mine.keys, theirs.keys)))
    for n, (i, j, size) in enumerate(blocks):
        equal += size
        before = blocks[n - 1] if n else (0, 0, 0)
        i0, j0 = before[0] + before[2], before[1] + before[2]
        if i0 < i and j0 < j and max(i - i0, j - j0) <= SLOT and (size > 0 or before[2] > 0):
            slots += _slots(mine, theirs, (i0, i), (j0, j))
            if size:
                replaced += min(i - i0, j - j0)
    shorter, longer = sorted((len(mine), len(theirs)))
    last = blocks[-2] if len(blocks) > 1 else (0, 0, 0)
    reach = max(last[0], last[1]) + last[2]
    turned = sorted(mine.keys) == sorted(theirs.keys)
    return Aligned(equal, shorter, longer, tuple(slots), (equal + replaced) / reach if reach else 0.0, turned)


def _without_chance(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Leave out runs that are equal by chance: a word in two different sentences, or a name in another role.

    An example of the latter is `Vance beats Ricci` and `Moore beats Vance`.
    """
    out: list[tuple[int, int, int]] = []
    for n, (i, j, size) in enumerate(blocks[:-1]):
        before = out[-1] if out else (0, 0, 0)
        after = blocks[n + 1]
        lead = (i - before[0] - before[2], j - before[1] - before[2])
        rest = (after[0] - i - size, after[1] - j - size)
        crossed = (lead[1] - lead[0]) * (rest[1] - rest[0]) < 0 and 0 in (*lead, *rest)
        chance = CHANCE * size <= min(max(lead), max(rest))
        if not ((size <= CROSSED and crossed) or chance):
            out.append((i, j, size))
    return [*out, blocks[-1]]


def _slots(mine: Tokenized, theirs: Tokenized, here: tuple[int, int], there: tuple[int, int]) -> list[Slot]:
    """Return how a replaced passage differs: in numbers and names, or in other words if no name differs."""
    out: list[Slot] = []
    # Sentences at the end differ if one text was cut and the other ends with a line of its publisher's.
    last = here[1] == len(mine) and there[1] == len(theirs) and mine.starts[here[0]] and theirs.starts[there[0]]
    for kind in (NUMBER,) if last else (NUMBER, NAME, WORD):
        one, other = _own(mine, here, theirs, there, kind), _own(theirs, there, mine, here, kind)
        if one and other and not (kind != NUMBER and _variants(one, other)) and not (kind == WORD and _has(out, NAME)):
            out.append(Slot(" ".join(one), " ".join(other), kind, min(here[0], there[0])))
    return out


def _has(slots: Iterable[Slot], kind: int) -> bool:
    return any(slot.kind == kind for slot in slots)


def _own(mine: Tokenized, here: tuple[int, int], theirs: Tokenized, there: tuple[int, int], kind: int) -> list[str]:
    known = theirs.keys[slice(*there)]
    worth = (kind,) if kind != WORD else (WORD, NAME)
    return [mine.written[k] for k in range(*here) if mine.worth[k] in worth and mine.keys[k] not in known]


def _variants(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether two names are the same, spelled or inflected in two ways."""
    if len(mine) != len(theirs):
        return False
    return all(_variant(a, b) for a, b in zip(mine, theirs, strict=True))


def _variant(one: str, other: str) -> bool:
    a, b = name_key(one), name_key(other)
    if len(a) < 3 or len(b) < 3:
        return False
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    return len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 3


def _blocks(mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the equal runs in order, and an empty one at the end."""
    i = j = 0
    run = (0, 0, 0)
    for a, b in [*_anchors(mine, theirs), (len(mine), len(theirs))]:
        for x, y, size in _between(mine[i:a], theirs[j:b]):
            if run[0] + run[2] == i + x and run[1] + run[2] == j + y:
                run = (run[0], run[1], run[2] + size)
            else:
                if run[2]:
                    yield run
                run = (i + x, j + y, size)
        if a < len(mine):
            if run[0] + run[2] == a and run[1] + run[2] == b:
                run = (run[0], run[1], run[2] + 1)
            else:
                if run[2]:
                    yield run
                run = (a, b, 1)
        i, j = a + 1, b + 1
    if run[2]:
        yield run
    yield len(mine), len(theirs), 0


def _between(mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int]]:
    if not mine or not theirs:
        return
    if max(len(mine), len(theirs)) > 4 * _GAP:
        return
    # Equal words at both ends are found quickly and usually leave little to align.
    most = min(len(mine), len(theirs))
    start = end = 0
    while start < most and mine[start] == theirs[start]:
        start += 1
    while end < most - start and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    if start:
        yield 0, 0, start
    a, b = mine[start : len(mine) - end], theirs[start : len(theirs) - end]
    if a and b:
        for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
            if block.size:
                yield start + block.a, start + block.b, block.size
    if end:
        yield len(mine) - end, len(theirs) - end, end


def _anchors(mine: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    """Return the longest chain, in order, of three-word runs that occur once in each text: their first positions."""
    if max(len(mine), len(theirs)) <= _GAP:
        return []
    here, there = _once(mine), _once(theirs)
    places = sorted((here[run], there[run]) for run in here.keys() & there.keys())
    return _chain(places)


def _once(words: list[str]) -> dict[tuple[str, ...], int]:
    seen: dict[tuple[str, ...], int] = {}
    again: set[tuple[str, ...]] = set()
    for place in range(len(words) - 2):
        run = tuple(words[place : place + 3])
        if run in seen:
            again.add(run)
        seen[run] = place
    return {run: place for run, place in seen.items() if run not in again}


def _chain(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence that ascends on both sides (patience sorting)."""
    from bisect import bisect_left

    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for n, (_, b) in enumerate(places):
        at = bisect_left(tails, b)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [b]
        ends[at : at + 1] = [n]
    out: list[tuple[int, int]] = []
    n = ends[-1] if ends else -1
    while n >= 0:
        out.append(places[n])
        n = before[n]
    return out[::-1]
