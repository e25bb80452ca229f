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

SHORTLIST = 8  # articles of which lengths are compared too, for each that is wanted
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
        places = HELD if encoded else 0
        self._slots = np.full(places, -1, np.int64)
        self._spoken = np.full(places, -1, np.int64)  # places in `_names`
        self._names: list[str] = []  # of languages
        self._means: dict[str, Floats] = {}  # computed since the last change
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
            if language not in self._names:
                self._names.append(language)
            self._rows[place], self._slots[place] = part, slot
            self._spoken[place] = self._names.index(language)
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

    def cosines_of_rows(self, one: Meant, rows: Vector, meant: NDArray[np.bool_], languages: Sequence[str]) -> Floats:
        """Return what `cosines` does for articles, each with a row, whether it has a meaning, and its language."""
        out = np.zeros((len(rows), 2))
        mine = self._told_apart(one)
        if mine is None:
            return out
        theirs: Vector | Floats = rows[:, self._start :]
        if self._start:
            meant = np.asarray(theirs.any(axis=1))
        if not meant.any():
            return out
        if self._start and self._sums:
            theirs = theirs - np.array([self._mean(language) for language in languages])
        if not meant.all():
            theirs = theirs[meant]
        norms = np.sqrt(np.einsum("ij,ij->i", theirs, theirs) * float(mine @ mine))
        out[meant, 0] = theirs @ mine / np.maximum(norms, 1e-9)
        out[meant, 1] = 1.0
        return out

    def nearest_foreign(self, language: str, vector: Vector | None, most: int) -> list[int]:
        """Return the slots of the articles in other languages that mean most alike, the best first."""
        mine = self._told_apart(Meant(vector, {language: 1})) if self._start else None
        if mine is None or self._rows is None:
            return []
        filled = min(self._newest + 1, HELD)
        slots, spoken = self._slots[:filled], self._spoken[:filled]
        scores = (self._rows[:filled] @ mine.astype(np.float32)).astype(np.float64)
        scores -= np.array([self._mean(name) @ mine for name in self._names]).take(np.maximum(spoken, 0))
        foreign = spoken != (self._names.index(language) if language in self._names else -1)
        scores[~foreign | (slots < 0) | (slots <= self._newest - HELD)] = -np.inf
        likely = np.argsort(-scores, kind="stable")[: SHORTLIST * most]  # before their lengths are compared
        likely = likely[np.isfinite(scores[likely])]
        if not len(likely):
            return []
        apart = self._rows[likely] - np.array([self._mean(self._names[code]) for code in spoken[likely].tolist()])
        cosines = scores[likely] / np.sqrt(np.maximum(np.einsum("ij,ij->i", apart, apart), 1e-9))
        best = np.lexsort((-slots[likely], -cosines))[:most]
        return [int(slot) for slot in slots[likely[best]]]

    def _part(self, vector: Vector | Floats | None) -> Vector | Floats | None:
        """Return the encoder's part of a vector; None without one."""
        if vector is None or not self._start:
            return None
        part = vector[self._start :]
        return part if part.any() else None

    def _count(self, language: str, part: Vector | Floats, by: int) -> None:
        self._means.clear()
        for name in (language, ""):
            known = self._sums.get(name)
            self._sums[name] = by * part.astype(np.float64) + (0.0 if known is None else known)
            self._counts[name] = self._counts.get(name, 0) + by

    def _mean(self, language: str) -> Floats:
        """Return the mean of a language, which begins as that of all languages."""
        known = self._means.get(language)
        if known is None:
            known = self._sums[""] / (self._counts[""] + CERTAIN)
            if language in self._sums:
                known = (self._sums[language] + CERTAIN * known) / (self._counts[language] + CERTAIN)
            self._means[language] = known
        return known

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
