"""The live window as compact arrays: which article holds which term, and how many articles do.

Every figure is a function of what is in the window now, never of what passed through it: an index rebuilt after a restart
answers exactly as one that never stopped.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Flags = NDArray[np.uint16]
Floats = NDArray[np.float64]

TOUCHED = 400  # newest articles read of one term's posting
PRIOR = 300.0  # articles of news at large that stand behind the window's own counts
BUDGET = 4000  # articles read for one document, rarest terms first
# Bytes of a slot. Postings are kept as bytes: so many arrays would have the garbage collector look at each again and again.
_SLOT = 4


class Index:
    """Terms to articles. Slots number articles in order of arrival; terms are interned to integers, which are used again."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.names: list[str] = []  # the term of each number
        self.shown: list[str] = []  # and how it is written
        self._postings: list[bytearray] = []  # by term: the slots that hold it, see `_SLOT`
        self._free: list[int] = []
        self._held = np.zeros(1024, np.float64)  # by term: how many live articles hold it
        self._usual = np.zeros(1024, np.float64)  # by term: what share of all news holds it
        self._common = np.zeros(
            1024, np.float64
        )  # by term: the log of how many hold it, in the window and in news at large
        self._weight = np.zeros(1024, np.float64)  # scratch, by term
        self._flags = np.zeros(1024, np.uint16)  # scratch, by term
        self._articles = 0
        self._newest = -1  # slot

    def __len__(self) -> int:
        """Return how many articles are live."""
        return self._articles

    def intern(self, terms: Iterable[str], shown: Mapping[str, str], usual: Callable[[str], float]) -> Ints:
        """Return the numbers of `terms`, making new ones as needed; `usual` tells how common a new one is in news."""
        ids = self._ids
        out, fresh = [], []
        for term in terms:
            number = ids.get(term)
            if number is None:
                number = ids[term] = self._number(term, shown[term])
                self._usual[number] = usual(term)
                fresh.append(number)
            out.append(number)
        if fresh:
            self._count(np.array(fresh, np.int32))
        return np.array(out, np.int32)

    def _number(self, term: str, written: str) -> int:
        if self._free:
            number = self._free.pop()
            self.names[number], self.shown[number] = term, written
            return number
        number = len(self.names)
        self.names.append(term)
        self.shown.append(written)
        self._postings.append(bytearray())
        if number >= len(self._held):
            self._held = np.concatenate([self._held, np.zeros_like(self._held)])
            self._usual = np.concatenate([self._usual, np.zeros_like(self._usual)])
            self._common = np.concatenate([self._common, np.zeros_like(self._common)])
            self._weight = np.zeros(len(self._held), np.float64)
            self._flags = np.zeros(len(self._held), np.uint16)
        return number

    def add(self, slot: int, terms: Ints, sought: NDArray[np.bool_]) -> None:
        """Note that article `slot` holds `terms`, and is to be found by those that are `sought`.

        Postings are sorted, whatever the order in which articles are decided: an index that is built again is the same.
        """
        postings, written = self._postings, np.int32(slot).tobytes()
        for term in terms[sought].tolist():
            posting = postings[term]
            if slot > self._newest:
                posting += written
            else:
                at = _SLOT * _place(posting, slot)
                posting[at:at] = written
        self._newest = max(self._newest, slot)
        self._held[terms] += 1
        self._count(terms)
        self._articles += 1

    def remove(self, slots: set[int], terms: Iterable[Ints]) -> None:
        """Take `slots`, which held `terms`, out of the window; terms that nobody holds any more give their number back."""
        touched: set[int] = set()
        for held in terms:
            self._held[held] -= 1
            self._count(held)
            touched.update(held.tolist())
        for term in sorted(touched):
            if self._held[term] > 0:
                held_by = memoryview(self._postings[term]).cast("i")
                self._postings[term] = bytearray(array("i", [s for s in held_by if s not in slots]))
            else:
                self._postings[term] = bytearray()
                del self._ids[self.names[term]]
                self._free.append(term)
        self._articles -= len(slots)

    def weights(self, terms: Ints) -> Floats:
        """Return how telling each term is: the log of how rare it is, in the window and in news at large together."""
        return np.maximum(0.0, log(self._articles + PRIOR) - self._common.take(terms))

    def _count(self, terms: Ints) -> None:
        """Note how common `terms` are now: weights are asked for far more often than articles come and go."""
        self._common[terms] = np.log(self._held[terms] + PRIOR * self._usual[terms] + 0.5)

    def candidates(self, terms: Ints, weights: Floats, limit: int) -> Ints:
        """Return the slots that share most weight of `terms`, best first, newest of equals first; at most `limit`.

        Rare terms are read first, equals in the order of `terms`, and each term's newest articles only, so that the cost
        does not grow with the window.
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
        slots, rows, taken = list[bytearray](), list[int](), list[int]()
        numbers = terms.tolist()
        left = BUDGET
        for k in np.argsort(-weights, kind="stable").tolist():
            posting = self._postings[numbers[k]]
            if not posting:
                continue
            if left <= 0:
                break
            newest = posting[-_SLOT * min(TOUCHED, left) :]
            slots.append(newest)
            rows.append(k)
            taken.append(len(newest) // _SLOT)
            left -= taken[-1]
        return np.frombuffer(b"".join(slots), np.int32), np.repeat(weights[rows] ** 2, taken)

    def overlap(self, terms: Ints, flags: Flags, flat: Ints) -> Flags:
        """For each term of `flat` return the flags it has among `terms`, 0 if it is not there."""
        self._flags[terms] = flags
        out = self._flags.take(flat)
        self._flags[terms] = 0
        return out


def _place(posting: bytearray, slot: int) -> int:
    """Return how many slots of a posting come before `slot`."""
    with memoryview(posting) as raw, raw.cast("i") as slots:
        return bisect(slots, slot)
