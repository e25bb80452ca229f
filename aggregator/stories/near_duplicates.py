"""Finds the article that a text is a copy of, whatever was cut, prefixed, retitled, excerpted or mixed in.

Measure: containment, the share of the smaller text's three-word shingles that stand in the larger one. Against sets it is
exact; candidates come from an inverted index of a bottom-k sample of each text's shingles (Broder 1997), so that a look-up
touches only articles that share a rare piece of wording, and memory per article is bounded.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

CONTAINMENT = 0.56  # of the smaller text: a copy with one word in six replaced has 0.61 of the wording left
EDITED = 0.45  # the same of two texts of like length: two rewrites of one agency text share less than a third
LIKE = 1.5  # times as long at most
SHORT = 12  # shingles: below this a text is compared by its title as well
COMMON = 24  # articles: wording that so many share is boilerplate and proves nothing
TITLE_WORDS = 6  # a bare title of so many words is hardly repeated by chance

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Copy:
    """The known article that a text repeats, and how much of the smaller text the two share (0 to 1)."""

    article: int
    containment: float


@dataclass(frozen=True, slots=True)
class _Known:
    hashes: _Hashes
    sample: tuple[int, ...]
    title: str
    source: str


def words(text: str) -> list[str]:
    """Return the folded words of `text`; characters where the script has no spaces."""
    found = _WORD.findall(text.lower())
    return [c for w in found for c in (w if _UNSPACED.match(w) else (w,))]


def shingles(text: str) -> _Hashes:
    """Return the sorted distinct 32-bit hashes of the three-word shingles of the first 20,000 characters."""
    found = words(text[:20_000])
    if len(found) < 3:
        return np.empty(0, np.uint32)
    h = np.fromiter((crc32(w.encode()) for w in found), np.uint64, len(found))
    mixed = h[:-2] * np.uint64(0x9E3779B1) + h[1:-1] * np.uint64(0x85EBCA77) + h[2:] * np.uint64(0xC2B2AE3D)
    mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(32)).astype(np.uint32))


class NearDuplicates:
    """An index of known articles. `capacity` bounds its memory: beyond it the oldest article is dropped."""

    def __init__(self, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._by_shingle: defaultdict[int, list[int]] = defaultdict(list)
        self._by_title: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        """Return how many articles are known."""
        return len(self._known)

    def __contains__(self, article: int) -> bool:
        """Whether `article` is known."""
        return article in self._known

    def find(self, title: str, text: str, source: str = "") -> Copy | None:
        """Return the article that shares most of the smaller text, the oldest of equals; None when none shares enough."""
        return next(iter(self.find_all(title, text, source)), None)

    def find_all(self, title: str, text: str, source: str = "") -> list[Copy]:
        """Return the best as `find` does, then every other that is the same text in whole: at least half of the longer."""
        hashes, key = shingles(text), " ".join(words(title))
        shares = [(self._containment(self._known[a], hashes, key, source), a) for a in self._candidates(hashes, key)]
        first, *more = sorted((s for s in shares if s[0] > 0), key=lambda x: (-x[0], x[1])) or [(0.0, 0)]
        if not first[0]:
            return []
        lengths = {a: (len(self._known[a].hashes), len(hashes)) for _, a in more}
        whole = [(share, a) for share, a in more if share * min(lengths[a]) >= max(lengths[a]) / 2 > 0]
        return [Copy(a, share) for share, a in (first, *whole)]

    def add(self, article: int, title: str, text: str, source: str = "") -> None:
        """Remember an article under its key; a key that is known already is replaced."""
        self.discard(article)
        hashes, key = shingles(text), " ".join(words(title))
        known = _Known(hashes, _sample(hashes), key, source)
        self._known[article] = known
        for piece in known.sample:
            self._by_shingle[piece].append(article)
        if key:
            self._by_title[key].append(article)
        if len(self._known) > self._capacity:
            self.discard(next(iter(self._known)))

    def discard(self, article: int) -> None:
        """Forget an article; unknown ones are ignored."""
        known = self._known.pop(article, None)
        if known is None:
            return
        for piece in known.sample:
            _drop(self._by_shingle, piece, article)
        if known.title:
            _drop(self._by_title, known.title, article)

    def _candidates(self, hashes: _Hashes, key: str) -> list[int]:
        votes: Counter[int] = Counter()
        for piece in hashes.tolist():
            posting = self._by_shingle.get(piece)
            if posting and len(posting) <= COMMON:
                votes.update(posting)
        best = [article for article, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:12]]
        return best + [a for a in self._by_title.get(key, ())[:12] if a not in votes]

    def _containment(self, known: _Known, hashes: _Hashes, key: str, source: str) -> float:
        smaller = min(len(known.hashes), len(hashes))
        same_title = bool(key) and known.title == key and len(key.split()) >= TITLE_WORDS
        if smaller < SHORT:
            # Too little text to judge by: the title decides, and a column that repeats its own title is no copy.
            both_bare = max(len(known.hashes), len(hashes)) < SHORT
            if same_title and (not source or known.source != source) and (both_bare or smaller == 0):
                return 1.0
            if smaller < 4:
                return 0.0
        shared = len(np.intersect1d(known.hashes, hashes, assume_unique=True))
        longer = max(len(known.hashes), len(hashes))
        least = EDITED if longer <= LIKE * smaller else CONTAINMENT
        return shared / smaller if shared >= max(least * smaller, min(4, smaller)) else 0.0


def _sample(hashes: _Hashes) -> tuple[int, ...]:
    """Bottom-k: a short excerpt keeps all of its shingles, so a fifth of the long text's is enough to meet one."""
    return tuple(hashes[: 32 + len(hashes) // 5].tolist())


def _drop(index: defaultdict[Any, list[int]], key: object, article: int) -> None:
    posting = index[key]
    posting.remove(article)
    if not posting:
        del index[key]
