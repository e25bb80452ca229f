"""The live window as compact arrays: which article holds which term, and how many stories do.

Every figure is a function of what is in the window now, never of what passed through it: an index rebuilt after a restart
answers exactly as one that never stopped.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

TOUCHED = 400  # newest articles read of one term's posting
BUDGET = 4000  # articles read for one document, rarest terms first


class Index:
    """Terms to articles. Slots number articles in order of arrival; terms are interned to integers."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self.names: list[str] = []  # the term of each number
        self._postings: list[array[int]] = []
        self._stories = np.zeros(1024, np.int32)  # by term: how many live stories hold it
        self._scratch = np.zeros(1024, np.float64)

    def intern(self, terms: Iterable[str]) -> Ints:
        """Return the numbers of `terms`, making new ones as needed."""
        ids = self._ids
        out = []
        for term in terms:
            number = ids.get(term)
            if number is None:
                number = ids[term] = len(self._postings)
                self.names.append(term)
                self._postings.append(array("i"))
                if number >= len(self._stories):
                    self._stories = np.concatenate([self._stories, np.zeros_like(self._stories)])
                    self._scratch = np.zeros(len(self._stories), np.float64)
            out.append(number)
        return np.array(out, np.int32)

    def add(self, slot: int, terms: Ints) -> None:
        """Note that article `slot`, the newest, holds `terms`."""
        for term in terms.tolist():
            self._postings[term].append(slot)

    def remove(self, slots: set[int], terms: Iterable[int]) -> None:
        """Take `slots` out of the postings of `terms`."""
        for term in terms:
            self._postings[term] = array("i", [s for s in self._postings[term] if s not in slots])

    def count(self, terms: Sequence[int], by: int) -> None:
        """A story came to hold (`by` 1) or no longer holds (-1) each of `terms`."""
        np.add.at(self._stories, terms, by)

    def held(self, terms: Ints) -> Ints:
        """Return by how many stories each of `terms` is held."""
        return self._stories[terms]

    def weights(self, terms: Ints, stories: int, prior: Floats | None = None) -> Floats:
        """Return how telling each term is: log of stories in the window over stories that hold it."""
        held = self._stories[terms].astype(np.float64)
        return (
            np.log((stories + 20.0) / (held + 0.5))
            if prior is None
            else np.log((stories + 20.0) / (held + 0.5 + prior))
        )

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
