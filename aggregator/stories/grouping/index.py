"""The inverted index of the window in compact arrays: which articles have a term, and how many.

All values depend only on the articles that are in the window now: an index rebuilt after a restart gives the same
results.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.grouping.vocabulary import Vocabulary, hashes_of
from aggregator.stories.packing import run_starts
from aggregator.stories.record_store import MemoryRecords, RecordStore
from aggregator.stories.slot_lists import SLOT, SlotLists

Ints = NDArray[np.int32]
Flags = NDArray[np.uint16]
Floats = NDArray[np.float64]

TOUCHED = 400  # newest articles read of one term's posting
PRIOR = 300.0  # articles of news at large that stand behind the window's own counts
BUDGET = 4000  # articles read for one document, rarest terms first
KEPT = 2 * TOUCHED  # newest articles of one term's posting that are kept
_NOTHING: Ints = np.empty(0, np.int32)
_NONE, _MANY = -1, -2  # no article; several, in the posting number 0 (see `_at`)
_SMALL = 0xFFFF  # articles that two bytes can count
_GROWTH = 16  # arrays by term grow by this part of their length


class Index:
    """Terms to articles. Slots number articles in order of arrival; terms are numbers of a vocabulary."""

    def __init__(self, records: RecordStore | None = None) -> None:
        self.words = Vocabulary(records or MemoryRecords())
        # By term: the slot of its only article (most have one), `_NONE`, or `_MANY` minus the number of its posting.
        self._at = np.full(1024, _NONE, np.int32)
        self._postings = SlotLists()  # the slots that hold a term
        self._cut: set[int] = set()  # terms whose posting has only the newest articles
        # By term: how many live articles hold it; two bytes each until there are too many articles for that.
        self._held: NDArray[np.unsignedinteger] = np.zeros(1024, np.uint16)
        self._usual = np.zeros(1024, np.uint16)  # by term: the place in `_shares` of the share of all news with it
        self._shares = np.empty(0, np.float32)  # there are some hundred
        self._share_places: dict[float, int] = {}
        self._flags = np.zeros(1024, np.uint16)  # scratch, by term
        self._articles = 0
        self._newest = -1  # slot
        self._weighed = _NOTHING, np.empty(0)  # see `weights_of`

    def __len__(self) -> int:
        """Return how many articles are live."""
        return self._articles

    def intern(self, terms: Sequence[str], written: Sequence[str], usual: Callable[[int], float]) -> Ints:
        """Return the numbers of `terms`, new ones as needed; a term may be there several times.

        `usual` gives the share of all news with the term at a place in `terms`.
        """
        hashes = hashes_of(terms)
        numbers = self.words.find(hashes)
        unknown = np.flatnonzero(numbers < 0)
        if len(unknown):
            _, first, places = np.unique(hashes[unknown], return_index=True, return_inverse=True)
            order = np.argsort(first)
            at = unknown[first[order]]
            one_by_one = at.tolist()
            new = self.words.add([terms[k] for k in one_by_one], [written[k] for k in one_by_one], hashes[at])
            self._grow(int(new.max()))
            self._usual[new] = [self._share_place(usual(k)) for k in one_by_one]
            numbers[at] = new
            numbers[unknown] = numbers[unknown[first]][places]
        return numbers

    def _share_place(self, share: float) -> int:
        place = self._share_places.setdefault(share, len(self._shares))
        if place == len(self._shares):
            self._shares = np.append(self._shares, np.float32(share))
        return place

    def usual(self, terms: Ints) -> NDArray[np.float32]:
        """Return the share of all news with each term."""
        return self._shares.take(self._usual.take(terms))

    def _grow(self, number: int) -> None:
        """Make the tables large enough for a term."""
        if number >= len(self._held):
            more = max(number + 1 - len(self._held), len(self._held) // _GROWTH)
            self._at = np.concatenate([self._at, np.full(more, _NONE, np.int32)])
            self._held, self._usual, self._flags = (
                np.concatenate([part, np.zeros(more, part.dtype)]) for part in (self._held, self._usual, self._flags)
            )

    def add(self, slots: Sequence[int], terms: Sequence[Ints], sought: Sequence[NDArray[np.bool_]]) -> None:
        """Note that each article of `slots` holds its `terms`, and is to be found by those that are `sought`.

        Postings are sorted, whatever the order in which articles are decided: an index that is built again is the same.
        """
        self._weighed = _NOTHING, np.empty(0)
        flat, wanted = np.concatenate(terms), np.concatenate(sought)
        owners = np.repeat(np.array(slots, np.int32), [len(part) for part in terms])[wanted]
        order = np.lexsort((owners, flat[wanted]))
        found, owners = flat[wanted][order], owners[order]
        starts = run_starts(found)
        sizes = np.append(starts[1:], len(found)) - starts
        alone = (self._at[found[starts]] == _NONE) & (sizes == 1)
        self._at[found[starts[alone]]] = owners[starts[alone]]
        several = zip(found[starts[~alone]].tolist(), starts[~alone].tolist(), sizes[~alone].tolist(), strict=True)
        for term, start, size in several:
            self._post(term, owners[start : start + size])
        self._newest = max(self._newest, *slots)
        if self._held.dtype == np.uint16 and self._articles + len(slots) > _SMALL:
            self._held = self._held.astype(np.uint32)
        held, counts = np.unique(flat, return_counts=True)
        self._held[held] += counts.astype(self._held.dtype)
        self._articles += len(slots)

    def _post(self, term: int, slots: Ints) -> None:
        """Add sorted slots to the posting of a term."""
        place = int(self._at[term])
        # A term that fewer articles hold than may be kept needs no look at how many are.
        if place <= _MANY and slots[0] > self._newest and int(self._held[term]) + len(slots) <= 2 * KEPT:
            self._at[term] = _MANY - self._postings.append(_MANY - place, slots)
            return
        posting = self._posting(term)
        if slots[0] > self._newest:
            posting += slots.tobytes()
        else:
            for slot in slots.tolist():
                at = SLOT * _place(posting, slot)
                if at or term not in self._cut:  # one older than all that are kept is not kept either
                    posting = b"".join((posting[:at], np.int32(slot).tobytes(), posting[at:]))
        if len(posting) > 2 * KEPT * SLOT:
            posting = posting[-KEPT * SLOT :]
            self._cut.add(term)
        self._replace(term, posting)

    def remove(self, slots: set[int], terms: Iterable[Ints], rest: Callable[[], Iterable[tuple[int, Ints]]]) -> None:
        """Remove `slots`, which have `terms`; the numbers of terms without an article are used again.

        `rest` gives the articles that are left, each with its sought terms. It is asked only if so many articles of a
        common term were removed that older ones must be found again.
        """
        self._weighed = _NOTHING, np.empty(0)
        touched: set[int] = set()
        for held in terms:
            self._held[held] -= 1
            touched.update(held.tolist())
        short: dict[int, list[int]] = {}
        for term in sorted(touched):
            left = [s for s in self._holders(term) if s not in slots] if self._held[term] > 0 else []
            if term in self._cut and len(left) < TOUCHED:
                self._cut.remove(term)
                if self._held[term] > len(left):
                    short[term] = []
            self._keep(term, left)
        ended = np.array(sorted(touched), np.int32)
        self.words.remove(ended[self._held[ended] == 0])
        self._articles -= len(slots)
        if short:
            self._fill(short, rest())

    def _fill(self, short: dict[int, list[int]], articles: Iterable[tuple[int, Ints]]) -> None:
        """Make the postings of some terms again."""
        for slot, terms in articles:
            for term in terms.tolist():
                if term in short:
                    short[term].append(slot)
        for term, slots in short.items():
            self._keep(term, sorted(slots))

    def _holders(self, term: int) -> list[int]:
        """Return the slots of a posting."""
        place = int(self._at[term])
        if place >= _NONE:
            return [place] if place >= 0 else []
        return memoryview(self._postings[_MANY - place]).cast("i").tolist()

    def _keep(self, term: int, slots: list[int]) -> None:
        """Replace a posting."""
        if len(slots) > 1:
            self._replace(term, array("i", slots).tobytes())
            return
        place = int(self._at[term])
        if place <= _MANY:
            self._postings.drop(_MANY - place)
        self._at[term] = slots[0] if slots else _NONE

    def _posting(self, term: int) -> bytes:
        """Return the posting of a term."""
        place = int(self._at[term])
        if place <= _MANY:
            return self._postings[_MANY - place]
        return np.int32(place).tobytes() if place >= 0 else b""

    def _replace(self, term: int, posting: bytes) -> None:
        """Replace the posting of a term by one of several slots."""
        place = int(self._at[term])
        number = self._postings.replace(_MANY - place, posting) if place <= _MANY else self._postings.add(posting)
        self._at[term] = _MANY - number

    def weights_of(self, article: Ints) -> Floats:
        """Return the weights of all terms of an article. Those of the last one are kept while the index is the same."""
        if article is not self._weighed[0]:
            self._weighed = article, self.weights(article)
        return self._weighed[1]

    def weights(self, terms: Ints) -> Floats:
        """Return the weight of each term: the log of its rarity, in the window and in all news together."""
        common = np.log(self._held.take(terms).astype(np.float64) + np.float32(PRIOR) * self.usual(terms) + 0.5)
        return np.maximum(0.0, log(self._articles + PRIOR) - common)

    def candidates(self, terms: Ints, weights: Floats, limit: int) -> Ints:
        """Return the slots that share most weight of `terms`, best first, newest of equals first; at most `limit`.

        Rare terms are read first, equal ones in the order of `terms`, and of each only the newest articles, so that the
        cost does not grow with the window.
        """
        read, strength = self._read(terms, weights)
        if not len(read):
            return read
        lowest = int(read.min())
        scores = np.bincount(read - lowest, strength)
        found = np.flatnonzero(scores > 0.0)  # of truth values it is found eight times as fast
        if len(found) > limit:
            least = np.partition(scores[found], len(found) - limit)[len(found) - limit]
            found = found[scores[found] >= least]
        best = np.lexsort((-found, -scores[found]))[:limit]
        return (found[best] + lowest).astype(np.int32)

    def _read(self, terms: Ints, weights: Floats) -> tuple[Ints, Floats]:
        """Return slots that hold a term, rarest term first, each with the strength of the term."""
        whole, lower = _Read(), _Read()  # of four bytes; of two, above a base
        at = self._at[terms]
        alone, places, postings = at.tobytes(), at.tolist(), self._postings
        left = BUDGET
        for turn, k in enumerate(np.argsort(-weights, kind="stable").tolist()):
            place = places[k]
            if place == _NONE:
                continue
            if left <= 0:
                break
            if place >= 0:
                whole.add(turn, k, alone[SLOT * k : SLOT * (k + 1)], 1)
                left -= 1
                continue
            for base, part in postings.newest(_MANY - place, min(TOUCHED, left)):
                many = len(part) // (SLOT if base < 0 else SLOT // 2)
                (whole if base < 0 else lower).add(turn, k, part, many, base)
                left -= many
        return _joined(whole, lower, weights)

    def overlap(self, terms: Ints, flags: Flags, flat: Ints) -> Flags:
        """Return, for each term of `flat`, the flags that it has among `terms`; 0 if it is not there."""
        self._flags[terms] = flags
        out = self._flags.take(flat)
        self._flags[terms] = 0
        return out


@dataclass(slots=True)
class _Read:
    """Parts of postings: the turn and the place of each one's term, its slots, how many there are, and their base."""

    turns: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)

    def add(self, turn: int, row: int, part: bytes, many: int, base: int = -1) -> None:
        self.turns.append(turn)
        self.rows.append(row)
        self.parts.append(part)
        self.taken.append(many)
        self.bases.append(base)


def _joined(whole: _Read, lower: _Read, weights: Floats) -> tuple[Ints, Floats]:
    """Return all slots in the order of their terms, each with the strength of its term."""
    slots = np.frombuffer(b"".join(whole.parts), np.int32)
    rows, taken = whole.rows + lower.rows, whole.taken + lower.taken
    strength = np.repeat(weights[rows] ** 2, taken)
    if not lower.parts:
        return slots, strength
    above = np.frombuffer(b"".join(lower.parts), np.uint16) + np.repeat(np.array(lower.bases, np.int32), lower.taken)
    order = np.argsort(np.repeat(np.array(whole.turns + lower.turns, np.uint16), taken), kind="stable")
    return np.concatenate([slots, above])[order].astype(np.int32), strength[order]


def _place(posting: bytes, slot: int) -> int:
    """Return how many slots of a posting come before `slot`."""
    with memoryview(posting) as raw, raw.cast("i") as slots:
        return bisect(slots, slot)
