"""The live window as compact arrays: which article holds which term, and how many stories do.

Every figure is a function of what is in the window now, never of what passed through it: an index rebuilt after a restart
answers exactly as one that never stopped.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

TOUCHED = 400  # newest articles read of one term's posting
PRIOR = 300.0  # articles of news at large that stand behind the window's own counts
BUDGET = 4000  # articles read for one document, rarest terms first


class Index:
    """Terms to articles. Slots number articles in order of arrival; terms are interned to integers."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.names: list[str] = []  # the term of each number
        self._postings: list[array[int]] = []
        self._held = np.zeros(1024, np.float64)  # by term: how many live articles hold it
        self._usual = np.zeros(1024, np.float64)  # by term: what share of all news holds it
        self._articles = 0
        self._scratch = np.zeros(1024, np.float64)

    def intern(self, terms: Iterable[str], usual: Callable[[str], float]) -> Ints:
        """Return the numbers of `terms`, making new ones as needed; `usual` tells how common a new one is in news."""
        ids = self._ids
        out = []
        for term in terms:
            number = ids.get(term)
            if number is None:
                number = ids[term] = len(self._postings)
                self.names.append(term)
                self._postings.append(array("i"))
                if number >= len(self._held):
                    self._held = np.concatenate([self._held, np.zeros_like(self._held)])
                    self._usual = np.concatenate([self._usual, np.zeros_like(self._usual)])
                    self._scratch = np.zeros(len(self._held), np.float64)
                self._usual[number] = usual(term)
            out.append(number)
        return np.array(out, np.int32)

    def add(self, slot: int, terms: Ints) -> None:
        """Note that article `slot`, the newest, holds `terms`."""
        for term in terms.tolist():
            self._postings[term].append(slot)
        self._held[terms] += 1
        self._articles += 1

    def remove(self, slots: set[int], terms: Sequence[Ints]) -> None:
        """Take `slots`, which held `terms`, out of the window."""
        for held in terms:
            self._held[held] -= 1
        for term in {t for held in terms for t in held.tolist()}:
            self._postings[term] = array("i", [s for s in self._postings[term] if s not in slots])
        self._articles -= len(slots)

    def weights(self, terms: Ints) -> Floats:
        """Return how telling each term is: the log of how rare it is, in the window and in news at large together."""
        total = self._articles + PRIOR
        return np.log(total / (self._held[terms] + PRIOR * self._usual[terms] + 0.5))

    def candidates(self, terms: Ints, weights: Floats, limit: int) -> Ints:
        """Return the slots that share most weight of `terms`, best first, newest of equals first; at most `limit`.

        Rare terms are read first and each term's newest articles only, so the cost does not grow with the window.
        """
        order = np.lexsort((terms, -weights))
        slots: list[Ints] = []
        parts: list[float] = []
        left = BUDGET
        for k in order.tolist():
            posting = self._postings[terms[k]]
            if not posting:
                continue
            if left <= 0:
                break
            newest = np.array(posting[-min(TOUCHED, left) :], np.int32)
            left -= len(newest)
            slots.append(newest)
            parts.append(float(weights[k]) ** 2)
        if not slots:
            return np.empty(0, np.int32)
        found, where = np.unique(np.concatenate(slots), return_inverse=True)
        scores = np.bincount(where, np.repeat(parts, [len(s) for s in slots]))
        best = np.lexsort((-found, -scores))[:limit]
        return found[best].astype(np.int32)

    def overlap(self, terms: Ints, weights: Floats, flat: Ints) -> Floats:
        """For each term of `flat` return its weight if it is among `terms`, else 0."""
        self._scratch[terms] = weights
        out = self._scratch[flat]
        self._scratch[terms] = 0.0
        return out
