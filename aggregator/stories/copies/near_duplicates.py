"""Finds the articles that a text may be a copy of, even if it was cut, prefixed, retitled, excerpted or extended.

The measure is containment: the share of the smaller text's three-word shingles that are in the larger text. Candidates
come from an inverted index of a bottom-k sample of each text's shingles (Broder 1997), so that a look-up touches only
articles with a rare shingle in common, and the memory per article is bounded.

Shingles that recur in other items of a feed (a template, notes at the end, a request for donations) prove nothing. They
are learned from the feed's last articles and ignored. The candidates are then compared word by word: see `copies`.
"""

from __future__ import annotations

import re
import struct
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from zlib import crc32

import numpy as np

from aggregator.stories.copies.postings import Hashes, Postings
from aggregator.stories.model import Document
from aggregator.stories.packing import Names, microseconds, moment_of
from aggregator.stories.record_store import RecordStore
from aggregator.stories.slot_map import SlotMap

CONTAINMENT = 0.56  # of the smaller text: a copy with one word in six replaced still has 0.61
EDITED = 0.45  # the same for texts of similar length: two rewrites of one agency text share less than a third
LIKE = 1.5  # texts are of similar length if one is at most this many times as long
SHORT = 12  # shingles: below this the title is compared as well
COMMON = 24  # articles: a shingle that so many share is boilerplate and proves nothing
LOOKED_AT = 12  # articles compared in full: those that share most of the sample, and as many with the same title
LEARNED = 12  # the last articles of a feed from which its recurring shingles are learned
LEFT = 6  # shingles that no other item of the feed has: with fewer, titles and alignment decide
FORM = 0.8  # containment that is needed if almost all shared shingles recur
LATER = timedelta(minutes=30)  # between two items of one feed with the same words: hourly bulletins
AGAIN = timedelta(hours=12)  # within this time a feed may publish the same link, title, text and files twice
BARE = timedelta(hours=36)  # at most this long between two equal titles without a text
RECENT_TITLES = 300  # that are kept before they are sorted
TITLE_WORDS = 6  # a title of so many words is rarely repeated by chance

_LINK_POST = 2000  # characters: a longer text is an article
_POSTED = re.compile(
    r"(?:article|comments) url:?\s*\S*|points: ?\d+|# ?comments: ?\d+|submitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?"
    r"|\[(?:link|comments)\]|\b\d+ comments?\b|https?://\S+|^\s*comments\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
# Title, moment, numbers of source and feed, link, files, words of the title, how many hashes; then the hashes.
_RECORD = struct.Struct("<QqIIIIII")
_NO_MOMENT = -(1 << 63)
# Factors and shifts for mixing hashes, made once because numpy takes as long to make a number as to use it.
_MIX = [np.uint64(n) for n in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 29, 0xBF58476D1CE4E5B9, 32)]


@dataclass(frozen=True, slots=True)
class Copy:
    """A known article that a text may be a copy of, and the share of the smaller text in common (0 to 1).

    `form`: most of what they share recurs in other items of a feed.
    """

    article: int
    containment: float
    form: bool = False


@dataclass(frozen=True, slots=True)
class Shingles:
    """The compared data of an article: sorted hashes of its shingles, the hash of its title, source, feed and time."""

    hashes: Hashes
    title: int  # hash of its folded words; 0 without any
    source: str
    feed: str = ""
    link: int = 0  # hash of the URL; 0 without one
    moment: datetime | None = None
    files: int = 0  # hash of its enclosures; 0 without one
    title_words: int = 0

    @property
    def titles(self) -> Hashes:
        """The title as a hash of the size of shingles; none without a title."""
        return np.array([self.title & 0xFFFFFFFF] if self.title else [], np.uint32)

    @property
    def sample(self) -> Hashes:
        """The bottom-k sample. Short texts keep all shingles, so a fifth of a long text's is enough to find a match."""
        return self.hashes[: 32 + len(self.hashes) // 5]


def shingles_of(document: Document) -> Shingles:
    """Return the compared data of an article."""
    return shingles_with(document, shingle_hashes(own_text(document.text)))


def shingles_with(document: Document, hashes: Hashes) -> Shingles:
    """Return the compared data of an article whose shingles are known."""
    link = crc32(document.url.encode()) or 1 if document.url else 0
    feed, moment = document.feed or document.source, document.published or document.arrived
    files = crc32("\n".join(sorted(document.files)).encode("utf-8", "replace"))
    words = title_key(document.title)
    title = int.from_bytes(blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), "big") if words else 0
    return Shingles(hashes, title, document.source, feed, link, moment, files, words.count(" ") + 1 if words else 0)


def own_text(text: str) -> str:
    """Return a text without URLs and the lines that a link site adds to every post."""
    return _POSTED.sub(" ", text) if len(text) < _LINK_POST else text


def title_key(title: str) -> str:
    """Return the folded words of a title, by which titles are compared."""
    return " ".join(lower_words(title))


def lower_words(text: str) -> list[str]:
    """Return the words of `text` in lower case; characters if the script has no spaces."""
    found: list[str] = _WORD.findall(text.lower())
    if not _UNSPACED.search(text):
        return found
    return [c for w in found for c in (w if _UNSPACED.match(w) else (w,))]


def shingle_hashes(text: str) -> Hashes:
    """Return the sorted distinct 32-bit hashes of the three-word shingles of the first 20,000 characters."""
    found = lower_words(text[:20_000])
    if len(found) < 3:
        return np.empty(0, np.uint32)
    h = np.array([crc32(w.encode()) for w in found], np.uint64)
    mixed = h[:-2] * _MIX[0] + h[1:-1] * _MIX[1] + h[2:] * _MIX[2]
    mixed ^= mixed >> _MIX[3]
    hashes: Hashes = (mixed * _MIX[4] >> _MIX[5]).astype(np.uint32)
    hashes.sort()
    again = hashes[1:] == hashes[:-1]
    return hashes[np.append(True, ~again)] if again.any() else hashes


class _ShingleRecords:
    """Shingles by article, as records of a store."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._places = SlotMap("q")
        self._names = Names()  # of sources and feeds

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __contains__(self, article: int) -> bool:
        return article in self._places

    def __getitem__(self, article: int) -> Shingles:
        record = self._records.get(self._places[article])
        title, moment, source, feed, link, files, title_words, many = _RECORD.unpack_from(record)
        return Shingles(
            np.frombuffer(record, np.uint32, many, _RECORD.size),
            title,
            self._names[source],
            self._names[feed],
            link,
            None if moment == _NO_MOMENT else moment_of(moment),
            files,
            title_words,
        )

    def __setitem__(self, article: int, known: Shingles) -> None:
        head = _RECORD.pack(
            known.title,
            _NO_MOMENT if known.moment is None else microseconds(known.moment),
            self._names.number(known.source),
            self._names.number(known.feed),
            known.link,
            known.files,
            known.title_words,
            len(known.hashes),
        )
        self._places[article] = self._records.put(head + known.hashes.tobytes())

    def get(self, article: int) -> Shingles | None:
        return self[article] if article in self._places else None

    def pop(self, article: int) -> Shingles | None:
        known = self.get(article)
        if known is not None:
            self._records.drop(self._places.pop(article))
        return known


class NearDuplicates:
    """An index of known articles. Beyond `capacity` the oldest article is dropped."""

    def __init__(self, records: RecordStore, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._known = _ShingleRecords(records)
        self._by_shingle = Postings()
        self._by_title = Postings(recent=RECENT_TITLES)
        self._by_feed: dict[str, tuple[int, ...]] = {}  # the last articles of each
        self._titled_last: tuple[int, list[int]] = 0, []  # the title looked up last, and the articles with its hash

    def __len__(self) -> int:
        """Return how many articles are known."""
        return len(self._known)

    def __contains__(self, article: int) -> bool:
        """Whether `article` is known."""
        return article in self._known

    def wording(self, article: int) -> Shingles | None:
        """Return the compared data of an article; None if it is unknown."""
        return self._known.get(article)

    def candidates(self, sought: Shingles) -> list[Copy]:
        """Return the articles that the text may be a copy of, the likeliest first, of equal ones the oldest first."""
        found = [copy for a in self._candidates(sought) if (copy := self._shared(a, sought)) is not None]
        titled = {c.article: self._known[c.article].title == sought.title for c in found}
        return sorted(found, key=lambda c: (-c.containment, not titled[c.article], c.article))

    def whole(self, copy: Copy, sought: Shingles) -> bool:
        """Whether the shared text is at least half of the longer text."""
        smaller, longer = sorted((len(self._known[copy.article].hashes), len(sought.hashes)))
        return copy.containment * smaller >= longer / 2 > 0

    def add(self, article: int, known: Shingles) -> None:
        """Add an article by its key; a known key is replaced."""
        self.add_all([(article, known)])

    def add_all(self, added: Sequence[tuple[int, Shingles]]) -> None:
        """Add articles, each by a key of its own."""
        for article, known in added:
            self.discard(article)
            self._known[article] = known
            if known.feed:
                self._by_feed[known.feed] = (*self._by_feed.get(known.feed, ())[-LEARNED:], article)
        self._by_shingle.add_all([(article, known.sample) for article, known in added])
        self._by_title.add_all([(article, known.titles) for article, known in added])
        title, holders = self._titled_last
        for article, known in added:
            if known.title == title != 0:
                insort(holders, article)
        while len(self._known) > self._capacity:
            self.discard(next(iter(self._known)))

    def discard(self, article: int) -> None:
        """Remove an article; unknown ones are ignored."""
        known = self._known.pop(article)
        if known is None:
            return
        self._by_shingle.discard(article, known.sample)
        self._by_title.discard(article, known.titles)
        self._titled_last = 0, []
        left = tuple(a for a in self._by_feed.pop(known.feed, ()) if a != article)
        if left:
            self._by_feed[known.feed] = left

    def same_words(self, article: int) -> set[int]:
        """Return the other articles of its feed that have the title and text of an article: each is another item.

        A text that every item has is dropped once that is known, so a missing text equals any.
        """
        own = self._known.get(article)
        if own is None or not own.title or not own.feed:
            return set()
        return {a for a, known in self._titled(own) if a != article and _is_other_item(known, own)}

    def _candidates(self, sought: Shingles) -> list[int]:
        votes = self._by_shingle.votes(sought.hashes, COMMON)
        best = [article for article, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0]))[:LOOKED_AT]]
        titled = (article for article, _ in self._titled(sought))
        return best + [a for a in islice(titled, LOOKED_AT) if a not in votes]

    def _titled(self, sought: Shingles) -> Iterator[tuple[int, Shingles]]:
        """Yield the articles with the title of the given one."""
        if sought.title != self._titled_last[0]:
            self._titled_last = sought.title, self._by_title.holders(sought.titles)
        for article in self._titled_last[1]:
            known = self._known[article]
            if known.title == sought.title:
                yield article, known

    def _shared(self, article: int, sought: Shingles) -> Copy | None:
        """Return how much of the smaller text an article shares with the given one; None if they are not copies."""
        known = self._known[article]
        same_title = known.title == sought.title
        if sought.feed and known.feed == sought.feed:
            if known.source == sought.source:
                return Copy(article, 1.0) if _repeated(known, sought) else None
            if not same_title:
                return None
        smaller, longer = sorted((len(known.hashes), len(sought.hashes)))
        if smaller < SHORT:
            # Too little text: the title decides. A column that repeats its own title is not a copy.
            near = _apart(known, sought) <= BARE
            titled = same_title and sought.title_words >= TITLE_WORDS and near
            if titled and (not sought.source or known.source != sought.source) and (longer < SHORT or smaller == 0):
                return Copy(article, 1.0)
            if smaller < 4:
                return None
        shared = _both(known.hashes, sought.hashes)
        least = EDITED if longer <= LIKE * smaller else CONTAINMENT
        if len(shared) < max(least * smaller, min(4, smaller)):
            return None
        learned = self._learned(article, sought)
        if learned is None:
            return Copy(article, len(shared) / smaller)
        left = shared[~np.isin(shared, learned)]
        owned = min(_own(known.hashes, learned), _own(sought.hashes, learned))
        telling = owned >= LEFT and len(left) >= least * owned
        if not (telling or len(shared) >= FORM * smaller or (owned < LEFT and same_title)):
            return None
        return Copy(article, len(shared) / smaller, form=not telling or len(left) < len(shared) / 2)

    def _learned(self, article: int, sought: Shingles) -> Hashes | None:
        """Return the shingles of other articles of the two feeds."""
        feeds = dict.fromkeys(f for f in (self._known[article].feed, sought.feed) if f)
        others = [a for f in feeds for a in self._by_feed.get(f, ()) if a != article]
        return np.concatenate([self._known[a].hashes for a in others]) if others else None


def _repeated(known: Shingles, sought: Shingles) -> bool:
    """Whether a feed published the same item twice. All other items of one feed are different news."""
    same = known.link == sought.link != 0 and known.title == sought.title and known.files == sought.files
    return same and np.array_equal(known.hashes, sought.hashes) and _apart(known, sought) <= AGAIN


def _apart(known: Shingles, sought: Shingles) -> timedelta:
    return abs(known.moment - sought.moment) if known.moment and sought.moment else timedelta()


def _is_other_item(known: Shingles, own: Shingles) -> bool:
    """Whether two articles of one title are items of one outlet's feed with the same words, at another time."""
    if (known.feed, known.source) != (own.feed, own.source):
        return False
    same_words = not len(known.hashes) or not len(own.hashes) or np.array_equal(known.hashes, own.hashes)
    return same_words and (known.files != own.files or _apart(known, own) >= LATER)


def _both(one: Hashes, other: Hashes) -> Hashes:
    both = np.concatenate((one, other))  # each has no repeats, so a hash that occurs twice is shared
    both.sort()
    shared: Hashes = both[1:][both[1:] == both[:-1]]
    return shared


def _own(hashes: Hashes, learned: Hashes) -> int:
    return len(hashes) - int(np.count_nonzero(np.isin(hashes, learned)))
