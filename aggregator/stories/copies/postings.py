"""An in-memory index from shingles to articles, written as a log that is merged.

New postings are kept in a dictionary. From time to time they are sorted into a segment of two flat arrays, and
segments of similar size are merged (O'Neil 1996), so that there are few. A dictionary of lists takes twenty times the
memory. The result depends only on which articles are held, not on when postings were sorted, merged or dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
_Articles = NDArray[np.int32]

MANY = 50  # articles that are sorted at once when they are added together
RECENT = 5_000  # postings that are kept in the dictionary before they are sorted
DEAD = 0.25  # of the postings of all segments that may be of articles no longer held
MOST = 1 << 16  # articles of one segment, so that a posting has two bytes for its article


@dataclass(frozen=True, slots=True)
class _Segment:
    """Postings by hash: `articles[places[k]]` holds `hashes[k]`. The hashes are sorted."""

    hashes: Hashes
    places: NDArray[np.uint16]
    articles: _Articles

    @classmethod
    def of(cls, hashes: Hashes, owners: _Articles) -> _Segment:
        """Sort postings; those of one hash stay in their order."""
        articles, places = np.unique(owners, return_inverse=True)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], places.astype(np.uint16)[order], articles)

    def owners(self) -> _Articles:
        """Return the article of each posting."""
        return self.articles[self.places]

    def among(self, sought: Hashes, most: int) -> Iterator[tuple[int, list[int] | None]]:
        """Yield the place in `sought` of each hash that is here, with its articles, or None for more than `most`."""
        first = np.searchsorted(self.hashes, sought)
        found = np.flatnonzero(self.hashes[np.minimum(first, len(self.hashes) - 1)] == sought)
        after = np.searchsorted(self.hashes, sought[found], side="right")
        for place, start, end in zip(found.tolist(), first[found].tolist(), after.tolist(), strict=True):
            yield place, self.articles[self.places[start:end]].tolist() if end - start <= most else None


class Postings:
    """Maps the hashes of shingles to the articles that contain them."""

    def __init__(self, recent: int | None = None) -> None:
        """Make an empty index that keeps up to `recent` postings, `RECENT` unless given, before it sorts them."""
        self._most_recent = RECENT if recent is None else recent
        # Tuples, since there are so many: the garbage collector looks at every list again and again, at these once.
        self._recent: dict[int, tuple[int, ...]] = {}
        self._fresh = 0  # postings in it
        self._segments: list[_Segment] = []
        self._unsorted: set[int] = set()  # articles of `_recent`
        self._dead: set[int] = set()  # articles of segments that are no longer held
        self._wasted = 0  # postings of the dead

    def __len__(self) -> int:
        """Return how many postings take up memory."""
        return self._fresh + sum(len(segment.hashes) for segment in self._segments)

    def add(self, article: int, hashes: Hashes) -> None:
        """Add a new article with the hashes of its shingles."""
        self.add_all([(article, hashes)])

    def add_all(self, added: Sequence[tuple[int, Hashes]]) -> None:
        """Add new articles, each with the hashes of its shingles; as many as make a segment are sorted at once."""
        if any(article in self._dead for article, _ in added):
            self._compact()
        if len(added) >= MANY:
            for start in range(0, len(added), MOST):
                part = added[start : start + MOST]
                owners = np.repeat(np.array([article for article, _ in part], np.int32), [len(h) for _, h in part])
                self._append(_Segment.of(np.concatenate([hashes for _, hashes in part]), owners))
            return
        recent = self._recent
        for article, hashes in added:
            self._unsorted.add(article)
            for piece in hashes.tolist():
                recent[piece] = (*recent.get(piece, ()), article)
            self._fresh += len(hashes)
        if self._fresh > self._most_recent:
            self._sort()

    def discard(self, article: int, hashes: Hashes) -> None:
        """Remove an article; `hashes` are those that it was added with."""
        if article not in self._unsorted:
            self._dead.add(article)
            self._wasted += len(hashes)
            if self._wasted > DEAD * sum(len(segment.hashes) for segment in self._segments):
                self._compact()
            return
        self._unsorted.remove(article)
        for piece in hashes.tolist():
            left = tuple(a for a in self._recent[piece] if a != article)
            if left:
                self._recent[piece] = left
            else:
                del self._recent[piece]
        self._fresh -= len(hashes)

    def votes(self, sought: Hashes, common: int) -> Counter[int]:
        """Count by article how many of `sought` it holds, leaving out what more than `common` articles hold."""
        known, everywhere = self._recent, set[int]()
        held = {place: list(known[piece]) for place, piece in enumerate(sought.tolist()) if piece in known}
        for segment in self._segments:
            for place, articles in segment.among(sought, common + len(self._dead)):
                if articles is None:
                    everywhere.add(place)
                else:
                    held.setdefault(place, []).extend(a for a in articles if a not in self._dead)
        return Counter(
            chain.from_iterable(a for place, a in held.items() if len(a) <= common and place not in everywhere)
        )

    def holders(self, sought: Hashes) -> list[int]:
        """Return the articles that hold any of `sought`."""
        found = set(chain.from_iterable(self._recent.get(piece, ()) for piece in sought.tolist()))
        for segment in self._segments:
            for _, articles in segment.among(sought, len(segment.hashes)):
                found.update(a for a in articles or () if a not in self._dead)
        return sorted(found)

    def _sort(self) -> None:
        """Turn what is recent into a segment."""
        pieces = np.fromiter(self._recent, np.uint32, len(self._recent))
        sizes = np.fromiter(map(len, self._recent.values()), np.intp, len(self._recent))
        owners = np.fromiter((a for held in self._recent.values() for a in held), np.int32, self._fresh)
        self._unsorted.clear()
        self._recent.clear()
        self._fresh = 0
        self._append(_Segment.of(np.repeat(pieces, sizes), owners))

    def _append(self, new: _Segment) -> None:
        """Add a segment and merge it with those that are not much larger."""
        if not len(new.hashes):
            return
        merged, postings, articles = [new], len(new.hashes), len(new.articles)
        while self._segments and len(self._segments[-1].hashes) < 2 * postings:
            articles += len(self._segments[-1].articles)
            if articles > MOST:
                break
            merged.append(self._segments.pop())
            postings += len(merged[-1].hashes)
        self._segments.append(_merge(merged, set()) if len(merged) > 1 else new)

    def _compact(self) -> None:
        """Drop the postings of articles that are no longer held."""
        held, self._segments = self._segments, []
        for segment in held:
            self._append(_merge([segment], self._dead))
        self._dead.clear()
        self._wasted = 0


def _merge(segments: list[_Segment], dead: set[int]) -> _Segment:
    hashes = np.concatenate([one.hashes for one in segments])
    owners = np.concatenate([one.owners() for one in segments])
    if dead:
        alive = ~np.isin(owners, np.fromiter(dead, np.int32, len(dead)))
        hashes, owners = hashes[alive], owners[alive]
    return _Segment.of(hashes, owners)
