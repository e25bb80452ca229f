"""Finds the article that a text is a copy of, whatever was cut, prefixed, retitled, excerpted or mixed in.

Measure: containment, the share of the smaller text's three-word shingles that stand in the larger one. Against sets it is
exact; candidates come from an inverted index of a bottom-k sample of each text's shingles (Broder 1997), so that a look-up
touches only articles that share a rare piece of wording, and memory per article is bounded.
"""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from aggregator.stories.grouping.postings import Hashes, Postings

CONTAINMENT = 0.56  # of the smaller text: a copy with one word in six replaced has 0.61 of the wording left
EDITED = 0.45  # the same of two texts of like length: two rewrites of one agency text share less than a third
LIKE = 1.5  # times as long at most
SHORT = 12  # shingles: below this a text is compared by its title as well
COMMON = 24  # articles: wording that so many share is boilerplate and proves nothing
LOOKED_AT = 12  # articles compared in full: those that share most of the sample, and as many of the same title
TITLE_WORDS = 6  # a bare title of so many words is hardly repeated by chance

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# Factors and shifts that scatter hashes, made once: numpy takes as long to make a figure as to use it.
_MIX = [np.uint64(n) for n in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 29, 0xBF58476D1CE4E5B9, 32)]


@dataclass(frozen=True, slots=True)
class Copy:
    """The known article that a text repeats, and how much of the smaller text the two share (0 to 1)."""

    article: int
    containment: float


@dataclass(frozen=True, slots=True)
class Shingles:
    """What of an article is compared: the sorted hashes of its shingles, its title's words, and who published it."""

    hashes: Hashes
    title: str
    source: str

    @property
    def sample(self) -> Hashes:
        """Bottom-k: a short excerpt keeps all of its shingles, so a fifth of the long text's is enough to meet one."""
        return self.hashes[: 32 + len(self.hashes) // 5]


def wording(title: str, text: str, source: str = "") -> Shingles:
    """Read an article once, for looking it up and for remembering it."""
    return Shingles(shingles(text), title_key(title), source)


def title_key(title: str) -> str:
    """Return the folded words of a title, by which bare titles are told alike."""
    return " ".join(words(title))


def words(text: str) -> list[str]:
    """Return the folded words of `text`; characters where the script has no spaces."""
    found: list[str] = _WORD.findall(text.lower())
    if not _UNSPACED.search(text):
        return found
    return [c for w in found for c in (w if _UNSPACED.match(w) else (w,))]


def shingles(text: str) -> Hashes:
    """Return the sorted distinct 32-bit hashes of the three-word shingles of the first 20,000 characters."""
    found = words(text[:20_000])
    if len(found) < 3:
        return np.empty(0, np.uint32)
    h = np.array([crc32(w.encode()) for w in found], np.uint64)
    mixed = h[:-2] * _MIX[0] + h[1:-1] * _MIX[1] + h[2:] * _MIX[2]
    mixed ^= mixed >> _MIX[3]
    hashes: Hashes = (mixed * _MIX[4] >> _MIX[5]).astype(np.uint32)
    hashes.sort()
    again = hashes[1:] == hashes[:-1]
    return hashes[np.append(True, ~again)] if again.any() else hashes


class NearDuplicates:
    """An index of known articles. `capacity` bounds its memory: beyond it the oldest article is dropped."""

    def __init__(self, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._known: OrderedDict[int, Shingles] = OrderedDict()
        self._by_shingle = Postings()
        self._by_title: defaultdict[str, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        """Return how many articles are known."""
        return len(self._known)

    def __contains__(self, article: int) -> bool:
        """Whether `article` is known."""
        return article in self._known

    def wording(self, article: int) -> Shingles | None:
        """Return what is known of an article; None of one that is not."""
        return self._known.get(article)

    def find(self, sought: Shingles) -> Copy | None:
        """Return the article that shares most of the smaller text, the oldest of equals; None when none shares enough."""
        return next(iter(self.find_all(sought)), None)

    def find_all(self, sought: Shingles) -> list[Copy]:
        """Return the best as `find` does, then every other that is the same text in whole: at least half of the longer."""
        shares = [(_containment(self._known[a], sought), a) for a in self._candidates(sought)]
        first, *more = sorted((s for s in shares if s[0] > 0), key=lambda x: (-x[0], x[1])) or [(0.0, 0)]
        if not first[0]:
            return []
        lengths = {a: (len(self._known[a].hashes), len(sought.hashes)) for _, a in more}
        whole = [(share, a) for share, a in more if share * min(lengths[a]) >= max(lengths[a]) / 2 > 0]
        return [Copy(a, share) for share, a in (first, *whole)]

    def add(self, article: int, known: Shingles) -> None:
        """Remember an article under its key; a key that is known already is replaced."""
        self.discard(article)
        self._known[article] = known
        self._by_shingle.add(article, known.sample)
        if known.title:
            self._by_title[known.title].append(article)
        if len(self._known) > self._capacity:
            self.discard(next(iter(self._known)))

    def discard(self, article: int) -> None:
        """Forget an article; unknown ones are ignored."""
        known = self._known.pop(article, None)
        if known is None:
            return
        self._by_shingle.discard(article, known.sample)
        if known.title:
            self._by_title[known.title].remove(article)
            if not self._by_title[known.title]:
                del self._by_title[known.title]

    def _candidates(self, sought: Shingles) -> list[int]:
        votes = self._by_shingle.votes(sought.hashes, COMMON)
        best = [article for article, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:LOOKED_AT]]
        return best + [a for a in self._by_title.get(sought.title, ())[:LOOKED_AT] if a not in votes]


def _containment(known: Shingles, sought: Shingles) -> float:
    smaller, longer = sorted((len(known.hashes), len(sought.hashes)))
    if smaller < SHORT:
        # Too little text to judge by: the title decides, and a column that repeats its own title is no copy.
        same_title = known.title == sought.title and len(sought.title.split()) >= TITLE_WORDS
        both_bare = longer < SHORT
        if same_title and (not sought.source or known.source != sought.source) and (both_bare or smaller == 0):
            return 1.0
        if smaller < 4:
            return 0.0
    both = np.concatenate((known.hashes, sought.hashes))  # each without repeats: what stands there twice is shared
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    least = EDITED if longer <= LIKE * smaller else CONTAINMENT
    return shared / smaller if shared >= max(least * smaller, min(4, smaller)) else 0.0
