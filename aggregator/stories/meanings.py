"""Compares what articles mean by their vectors, and finds those in other languages that mean most alike.

A sentence encoder gives all texts of one language something in common, which hides what two texts of different
languages share. So the mean of each language is subtracted. It is the mean over the articles of the window: nothing of
it has to be stored, and a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from digests.language import vectors

HELD = 8192  # entries back to which an article is found by its meaning: bounds time and memory
CERTAIN = 5.0  # articles of a language from which its own mean counts more than that of all languages

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Meant:
    """The sum of the vectors of one or more articles, and how many of these are in each language."""

    total: Vector | Floats | None
    languages: Mapping[str, int]


class Meanings:
    """The means of the languages of the window, and the encoder's vectors of its newest articles.

    Without an encoder the packaged word vectors are compared as they are, and nothing is held.
    """

    def __init__(self, *, encoded: bool) -> None:
        self._start = vectors.width() if encoded else 0  # in a vector, where the encoder's part begins
        # Sums are of multiples of powers of two (see `articles.rounded`), so their order changes nothing.
        self._sums: dict[str, Floats] = {}
        self._counts: dict[str, int] = {}
        self._rows: Vector | None = None  # by place, which is the slot modulo `HELD`
        self._slots = np.full(HELD, -1, np.int64)
        self._spoken = np.full(HELD, "", "U8")
        self._newest = -1

    def add(self, slot: int, language: str, vector: Vector | None) -> None:
        """Count an article in, and hold its vector in place of one `HELD` entries older."""
        part = self._part(vector)
        if part is None:
            return
        self._count(language, part, 1)
        if self._rows is None:
            self._rows = np.zeros((HELD, len(part)), np.float32)
        place = slot % HELD
        if slot > self._slots[place]:
            self._rows[place], self._slots[place], self._spoken[place] = part, slot, language
            self._newest = max(self._newest, slot)

    def remove(self, slot: int, language: str, vector: Vector | None) -> None:
        """Count an article out, which was counted in."""
        part = self._part(vector)
        if part is None:
            return
        self._count(language, part, -1)
        if self._slots[slot % HELD] == slot:
            self._slots[slot % HELD] = -1

    def cosines(self, one: Meant, others: Sequence[Meant]) -> Floats:
        """Return the cosine of one with each of several, and whether both exist; zeros if one is missing."""
        out = np.zeros((len(others), 2))
        mine = self._told_apart(one)
        theirs = [self._told_apart(other) for other in others] if mine is not None else []
        known = [k for k, other in enumerate(theirs) if other is not None]
        if mine is None or not known:
            return out
        rows = np.array([theirs[k] for k in known])
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows) * float(mine @ mine))
        out[known, 0] = rows @ mine / np.maximum(norms, 1e-9)
        out[known, 1] = 1.0
        return out

    def nearest_foreign(self, language: str, vector: Vector | None, most: int) -> list[int]:
        """Return the slots of the articles in other languages that mean most alike, the best first."""
        mine = self._told_apart(Meant(vector, {language: 1})) if self._start else None
        rows = self._rows
        if mine is None or rows is None:
            return []
        places = np.flatnonzero((self._slots > self._newest - HELD) & (self._slots >= 0) & (self._spoken != language))
        if not len(places):
            return []
        scores = (rows @ mine.astype(np.float32))[places].astype(np.float64)
        spoken = self._spoken[places]
        squares = np.einsum("ij,ij->i", rows, rows)[places].astype(np.float64)
        for other in np.unique(spoken).tolist():
            here, mean = spoken == other, self._mean(other)
            scores[here] -= mean @ mine
            squares[here] += mean @ mean - 2.0 * (rows[places[here]] @ mean.astype(np.float32))
        scores /= np.sqrt(np.maximum(squares, 1e-9))
        best = np.lexsort((-self._slots[places], -scores))[:most]
        return [int(slot) for slot in self._slots[places[best]]]

    def _part(self, vector: Vector | Floats | None) -> Vector | Floats | None:
        """Return the encoder's part of a vector; None without one."""
        if vector is None or not self._start:
            return None
        part = vector[self._start :]
        return part if part.any() else None

    def _count(self, language: str, part: Vector | Floats, by: int) -> None:
        for name in (language, ""):
            known = self._sums.get(name)
            self._sums[name] = by * part.astype(np.float64) + (0.0 if known is None else known)
            self._counts[name] = self._counts.get(name, 0) + by

    def _mean(self, language: str) -> Floats:
        """Return the mean of a language, which begins as that of all languages."""
        whole = self._sums[""] / (self._counts[""] + CERTAIN)
        if language not in self._sums:
            return whole
        return np.asarray((self._sums[language] + CERTAIN * whole) / (self._counts[language] + CERTAIN))

    def _told_apart(self, one: Meant) -> Floats | Vector | None:
        """Return what is compared: the encoder's part without the means of its languages, else the word vectors."""
        if not self._start:
            return one.total
        part = self._part(one.total)
        if part is None:
            return None
        if not self._sums:
            return part
        return np.asarray(part - sum(many * self._mean(name) for name, many in one.languages.items()))
