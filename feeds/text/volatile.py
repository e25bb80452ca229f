"""Sentences of an entry that change at nearly every poll while the rest of its text stays. Pure.

Advertisements, clocks, unknown counters: they are no content, whatever their words. A sentence is known by the
sentences before and after it. It is volatile when it changed often enough in the polls since its first change: a few
times when old versions come back or numbers go up and down, more often when a number only grows or the words differ
each time, which may be the news of an incident page. The first sentence, and one that shares words with the title, is
news for much longer, and a growing number in it always.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from difflib import SequenceMatcher
from hashlib import blake2b
from itertools import pairwise

_SENTENCE = re.compile(r"[^\n]*?(?:[.!?…][\"'”’»)\]]{0,2}(?=\s)|[。！？]|(?=\n)|\Z)\s*", re.DOTALL)
_WORD, _NUMBER = re.compile(r"[^\W\d_]{5,}"), re.compile(r"\d+")
_EDGE = ""  # the place before the first and after the last sentence
_MAX_SENTENCES = 200  # of one entry; longer texts are not observed
_MAX_SLOTS = 8
_MAX_VERSIONS = 8
_MAX_REGION = 3  # sentences next to each other that change together
_OFTEN = 0.75  # changes by polls since the first change
_RETURNS, _UP_AND_DOWN, _OTHER_WORDS, _GROWS = 2, 3, 4, 5  # returns of old versions; changes
_LEAD_RETURNS, _LEAD_UP_AND_DOWN, _LEAD_OTHER_WORDS = 3, 4, 10  # the same for a sentence that may be the news
_GROWS_INLINE = 10  # changes of a number in the middle of a paragraph, where counters seldom are


@dataclass(frozen=True, slots=True)
class PlaceText:
    """One text of a place: hashes of the text and of the text without digits, and its numbers."""

    text: str
    shape: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangingPlace:
    """A place that changed: the hashes of its neighbours, the poll of its first change, and its last versions.

    `lead`: it may be the news of the entry. `inline`: it is not on lines of its own.
    """

    before: str
    after: str
    first: int
    changes: int
    lead: bool
    inline: bool
    versions: tuple[PlaceText, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """What is kept of an entry that changed: the hashes of its sentences at the last poll, and its changing places."""

    sentences: tuple[str, ...] = ()
    slots: tuple[ChangingPlace, ...] = ()
    volatile: tuple[tuple[str, str], ...] = ()  # places by their neighbours, found to be volatile


def observe(seen: Observed | None, title: str, before: str | None, text: str, poll: int) -> Observed:
    """Return what is known of an entry after a poll, number `poll` of its feed, gave it another text.

    `before` is the feed's text of the last poll where `seen` is None; None if it is not known any more.
    """
    parts = _sentences(text)
    hashes = tuple(map(_hash, parts))
    if len(hashes) > _MAX_SENTENCES:
        return replace(seen, sentences=()) if seen else Observed()
    known = seen or Observed(tuple(map(_hash, _sentences(before)))[:_MAX_SENTENCES] if before is not None else ())
    slots = {(slot.before, slot.after): slot for slot in known.slots}
    for key, old, start, end in _changed_places(known.sentences, hashes):
        slot = slots.pop(key, None) or _new_slot(key, old, poll)
        slots[key] = _changed(slot, parts, start, end, title)
    kept = tuple(slots.values())[-_MAX_SLOTS:]
    before_now = [_moved(place, known.sentences, hashes) for place in known.volatile]
    found = [(slot.before, slot.after) for slot in kept if _is_volatile(slot, poll)]
    volatile = tuple(dict.fromkeys((*before_now, *found)))[-_MAX_SLOTS:]
    return Observed(hashes, kept, volatile)


def without_volatile(seen: Observed, text: str) -> str:
    """Return a text without its volatile sentences."""
    if not seen.volatile:
        return text
    parts = _sentences(text)
    left = _left(seen, [_hash(part) for part in parts])
    return "".join(parts[at] for at in left).strip() if len(left) < len(parts) else text


def same_apart(seen: Observed, now: Observed) -> bool:
    """Whether the texts of two polls differ only in what is volatile."""
    old, new = seen.sentences, now.sentences
    return bool(old and new) and [old[at] for at in _left(now, old)] == [new[at] for at in _left(now, new)]


def to_json(seen: Observed) -> str:
    """Return it as JSON, to be stored."""
    return json.dumps([seen.sentences, [astuple(slot) for slot in seen.slots], seen.volatile], separators=(",", ":"))


def from_json(document: str) -> Observed:
    """Return what was stored by `to_json`."""
    sentences, slots, places = json.loads(document)
    read = [
        ChangingPlace(
            before,
            after,
            first,
            changes,
            lead,
            inline,
            tuple(PlaceText(text, shape, tuple(of)) for text, shape, of in versions),
        )
        for before, after, first, changes, lead, inline, versions in slots
    ]
    return Observed(tuple(sentences), tuple(read), tuple((before, after) for before, after in places))


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, each with the blanks after it."""
    return [part for part in _SENTENCE.findall(text) if part.strip()]


def _hash(text: str) -> str:
    folded = "".join(text.split()).casefold()
    return blake2b(folded.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _neighbours(hashes: Sequence[str], start: int, end: int) -> tuple[str, str]:
    return hashes[start - 1] if start else _EDGE, hashes[end] if end < len(hashes) else _EDGE


def _changed_places(old: Sequence[str], new: Sequence[str]) -> list[tuple[tuple[str, str], str, int, int]]:
    """Return the places where a few sentences changed: neighbours, hashes of the old sentences, and present position.

    None when less than half of the text is as before: it is then another text, and not the same one with a change.
    """
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if 2 * same < max(len(old), len(new)) - _MAX_REGION or not same:
        return []
    return [
        (_neighbours(new, j1, j2), "".join(old[i1:i2]), j1, j2)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal" and i2 - i1 <= _MAX_REGION and j2 - j1 <= _MAX_REGION
    ]


def _new_slot(key: tuple[str, str], old: str, poll: int) -> ChangingPlace:
    return ChangingPlace(*key, poll, 0, key[0] == _EDGE, False, (PlaceText(_shortened(old), ""),))


def _changed(slot: ChangingPlace, parts: Sequence[str], start: int, end: int, title: str) -> ChangingPlace:
    """Return a place with one more version: the sentences from `start` to `end`."""
    new = "".join(parts[start:end])
    own_lines = (not start or "\n" in parts[start - 1]) and (end == len(parts) or "\n" in new[len(new.rstrip()) :])
    return replace(
        slot,
        changes=slot.changes + 1,
        lead=slot.lead or not _words(title).isdisjoint(_words(new)),
        inline=slot.inline or not own_lines,
        versions=(*slot.versions, _version(new))[-_MAX_VERSIONS:],
    )


def _version(text: str) -> PlaceText:
    numbers = tuple(int(number[:12]) for number in _NUMBER.findall(text)[:6])
    return PlaceText(_shortened("".join(map(_hash, _sentences(text)))), _hash(_NUMBER.sub("", text)), numbers)


def _shortened(hashes: str) -> str:
    return blake2b(hashes.encode(), digest_size=6).hexdigest()


def _words(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text.casefold())}


def _is_volatile(slot: ChangingPlace, poll: int) -> bool:
    if slot.changes < _OFTEN * (poll - slot.first + 1):
        return False
    texts = [version.text for version in slot.versions]
    returns = sum(text in texts[:at] for at, text in enumerate(texts))
    if returns >= (_LEAD_RETURNS if slot.lead else _RETURNS):
        return True
    shaped = [version for version in slot.versions if version.shape]
    if len({version.shape for version in shaped}) > 1:
        return slot.changes >= (_LEAD_OTHER_WORDS if slot.lead else _OTHER_WORDS)
    if any(any(a > b for a, b in zip(one.numbers, two.numbers, strict=False)) for one, two in pairwise(shaped)):
        return slot.changes >= (_LEAD_UP_AND_DOWN if slot.lead else _UP_AND_DOWN)
    return not slot.lead and slot.changes >= (_GROWS_INLINE if slot.inline else _GROWS)


def _left(seen: Observed, hashes: Sequence[str]) -> list[int]:
    """Return the positions of the sentences that are not in a volatile place."""
    gone = {at for place in seen.volatile for start, end in _spans(place, hashes) for at in range(start, end)}
    return [at for at in range(len(hashes)) if at not in gone]


def _spans(place: tuple[str, str], hashes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield start and end of the sentences between two neighbours."""
    before, after = place
    starts = [0] if before == _EDGE else [at + 1 for at, one in enumerate(hashes) if one == before]
    for start in starts:
        ends = range(start, min(start + _MAX_REGION, len(hashes)) + 1)
        end = next((end for end in ends if _neighbours(hashes, start, end)[1] == after), None)
        if end is not None:
            yield start, end


def _moved(place: tuple[str, str], old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """Return a volatile place with its present neighbours, one of which may have been edited."""
    if len(old) != len(new) or any(_spans(place, new)):
        return place
    for start, end in _spans(place, old):
        neighbours = _neighbours(new, start, end)
        if neighbours[0] == place[0] or neighbours[1] == place[1]:
            return neighbours
    return place
