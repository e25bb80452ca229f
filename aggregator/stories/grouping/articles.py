"""The articles of the window as records of a store, with little of each in arrays.

Only the articles used last are kept as objects too.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.index import Flags, Ints
from aggregator.stories.grouping.profiles import Counted
from aggregator.stories.grouping.views import IndexedArticle, Several
from aggregator.stories.packing import Names, microseconds, moment_of
from aggregator.stories.record_store import RecordStore
from aggregator.stories.slot_map import SlotMap

RECENT = 8_000  # terms of the articles that are kept as objects: a hundred headlines, or thirty long articles
_BESIDE = 20  # terms that take as much as an article without any
_LEVELS = 127  # of a dimension of a vector, on both sides of zero
_STEPS = 1024  # the size of a level is a multiple of this part of a power of two
# Arrival, publication, outlet, language, words, marks, the size of a level of the vector; then the
# number of terms, of dimensions of the vector, of keys of the title, of bytes of `own` and of `head`.
_HEAD = struct.Struct("<qqIHHBxxxfHHHxxII")
# The same for many records at once.
_HEADS = np.dtype(
    {
        "names": ["published", "outlet", "language", "words", "marks", "step", "terms", "wide", "keys"],
        "formats": ["<i8", "<u4", "<u2", "<u2", "u1", "<f4", "<u2", "<u2", "<u2"],
        "offsets": [8, 16, 20, 22, 24, 28, 32, 34, 36],
        "itemsize": _HEAD.size,
    }
)
_TERM, _FLAGS, _KEY = 4, 2, 2  # bytes of one
_BODY, _DATED = 1, 2  # marks


class _CountedArticle(NamedTuple):
    language: str
    terms: Ints
    flags: Flags
    vector: Vector | None


class Articles:
    """Articles by slot, each with its story."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._rows = SlotMap("i")
        # By row: place of the record, arrival and publication, language, story.
        self._places, self._arrived, self._published, self._language = (array(kind) for kind in "qqqH")
        self._stories: list[str] = []
        self._free: list[int] = []  # rows
        self._recent: OrderedDict[int, IndexedArticle] = OrderedDict()
        self._remembered = 0  # what these take: see `_cost`
        self._outlets, self._languages = Names(), Names()
        self._in_language: Counter[int] = Counter()

    def __len__(self) -> int:
        """Return how many articles there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        """Return the slots."""
        return iter(self._rows)

    def __contains__(self, slot: int) -> bool:
        """Whether there is an article with this slot."""
        return slot in self._rows

    def __getitem__(self, slot: int) -> IndexedArticle:
        """Return an article; raises KeyError if there is none."""
        article = self._recent.get(slot)
        if article is None:
            article = self._read(slot, self._rows[slot])
            self._remember(article)
        else:
            self._recent.move_to_end(slot)
        return article

    def counted(self, slot: int) -> Counted:
        """Return what a story's profile counts of an article, without reading the rest of it."""
        known = self._recent.get(slot)
        if known is not None:
            return known
        record = self._records.get(self._places[self._rows[slot]])
        *_, language, _, _, step, many, wide, keyed, _, _ = _HEAD.unpack_from(record)
        terms, flags, _, vector = _arrays(record, step, many, wide, keyed)
        return _CountedArticle(self._languages[language], terms, flags, vector)

    def several(self, slots: Sequence[int]) -> Several:
        """Return articles as columns; all must be there, and there is at least one."""
        get, places = self._records.get, self._places
        records = [get(places[row]) for row in self._rows.take(np.array(slots, np.int32)).tolist()]
        heads = np.frombuffer(b"".join([record[: _HEAD.size] for record in records]), _HEADS)
        many, wide, keyed = heads["terms"], heads["wide"], heads["keys"]
        ends = [np.full(len(records), _HEAD.size)]
        for size, each in ((many, _TERM), (many, _FLAGS), (keyed, _KEY), (wide, 1)):
            ends.append(ends[-1] + size.astype(np.int32) * each)
        cuts = [end.tolist() for end in ends]
        terms, flags, keys, levels = (
            b"".join([record[a:b] for record, a, b in zip(records, start, end, strict=True)])
            for start, end in pairwise(cuts)
        )
        marks = heads["marks"]
        return Several(
            slots=slots,
            sources=[self._outlets[number] for number in heads["outlet"].tolist()],
            languages=[self._languages[number] for number in heads["language"].tolist()],
            published=heads["published"],
            dated=(marks & _DATED) > 0,
            words=heads["words"].astype(np.int32),
            has_body=(marks & _BODY) > 0,
            terms=np.frombuffer(terms, np.int32),
            flags=np.frombuffer(flags, np.uint16),
            sizes=many.astype(np.int32),
            keys=np.frombuffer(keys, np.uint16),
            keyed=keyed.astype(np.int32),
            vectors=_vectors(levels, wide, heads["step"]),
            meant=wide > 0,
            article=lambda place: self[slots[place]],
        )

    def stories(self, slots: Sequence[int]) -> list[str]:
        """Return the story of each of several articles."""
        return [self._stories[row] for row in self._rows.take(np.array(slots, np.int32)).tolist()]

    def story(self, slot: int) -> str:
        """Return the story of an article."""
        return self._stories[self._rows[slot]]

    def only_in(self, language: str) -> bool:
        """Whether no article is in another language."""
        return self._in_language[self._languages.number(language)] == len(self._rows)

    def foreign(self, language: str, slots: Ints) -> Ints:
        """Return those of `slots` whose articles are in another language."""
        spoken = np.frombuffer(self._language, np.uint16).take(self._rows.take(slots))
        found: Ints = slots[spoken != self._languages.number(language)]
        return found

    def times(self, slot: int) -> tuple[datetime, datetime]:
        """Return when an article arrived and was published, without reading the rest of it."""
        row = self._rows[slot]
        return moment_of(self._arrived[row]), moment_of(self._published[row])

    def add(self, article: IndexedArticle) -> None:
        """Add an article, which has its story."""
        self.add_all([article])

    def add_all(self, articles: Sequence[IndexedArticle]) -> None:
        """Add articles, each of which has its story."""
        for article, (step, vector) in zip(articles, _levels([a.vector for a in articles]), strict=True):
            self._add(article, step, vector)

    def _add(self, article: IndexedArticle, step: float, vector: bytes) -> None:
        language = self._languages.number(article.language)
        place = self._records.put(self._record(article, language, step, vector))
        fields = (place, microseconds(article.arrived), microseconds(article.published), language)
        columns = (self._places, self._arrived, self._published, self._language)
        if self._free:
            row = self._free.pop()
            self._stories[row] = article.story
            for column, value in zip(columns, fields, strict=True):
                column[row] = value
        else:
            row = len(self._stories)
            self._stories.append(article.story)
            for column, value in zip(columns, fields, strict=True):
                column.append(value)
        self._rows[article.slot] = row
        self._in_language[language] += 1
        self._remember(article)

    def move(self, slot: int, story: str) -> None:
        """Change the story of an article."""
        self._stories[self._rows[slot]] = story
        article = self._recent.get(slot)
        if article is not None:
            article.story = story

    def remove(self, slot: int) -> None:
        """Remove an article."""
        row = self._rows.pop(slot)
        self._records.drop(self._places[row])
        self._in_language[self._language[row]] -= 1
        self._stories[row] = ""
        self._free.append(row)
        if slot in self._recent:
            self._remembered -= _cost(self._recent.pop(slot))

    def _remember(self, article: IndexedArticle) -> None:
        self._recent[article.slot] = article
        self._remembered += _cost(article)
        # The one in hand stays, however long it is: who holds it sees a move.
        while self._remembered > RECENT and len(self._recent) > 1:
            self._remembered -= _cost(self._recent.popitem(last=False)[1])

    def _record(self, article: IndexedArticle, language: int, step: float, vector: bytes) -> bytes:
        own, said = (text.encode(errors="surrogatepass") for text in (article.own, article.head))
        head = _HEAD.pack(
            microseconds(article.arrived),
            microseconds(article.published),
            self._outlets.number(article.source),
            language,
            article.words,
            _BODY * article.has_body | _DATED * article.dated,
            step,
            len(article.terms),
            len(vector),
            len(article.title_keys),
            len(own),
            len(said),
        )
        arrays = (article.terms, article.flags, article.title_keys)
        return b"".join((head, *(part.tobytes() for part in arrays), vector, own, said))

    def _read(self, slot: int, row: int) -> IndexedArticle:
        record = self._records.get(self._places[row])
        head = _HEAD.unpack_from(record)
        arrived, published, source, language, words, marks, step, many, wide, keyed, own, said = head
        terms, flags, keys, vector = _arrays(record, step, many, wide, keyed)
        at = _HEAD.size + (_TERM + _FLAGS) * many + _KEY * keyed + wide
        return IndexedArticle(
            entry=slot,
            slot=slot,
            arrived=moment_of(arrived),
            published=moment_of(published),
            source=self._outlets[source],
            language=self._languages[language],
            terms=terms,
            flags=flags,
            words=words,
            has_body=bool(marks & _BODY),
            story=self._stories[row],
            vector=vector,
            own=record[at : at + own].decode(errors="surrogatepass"),
            head=record[at + own : at + own + said].decode(errors="surrogatepass"),
            title_keys=keys,
            dated=bool(marks & _DATED),
        )


def _arrays(record: bytes, step: float, many: int, wide: int, keyed: int) -> tuple[Ints, Flags, Flags, Vector | None]:
    """Return the terms, their flags, the keys of the title and the vector of a record."""
    terms = np.frombuffer(record, np.int32, many, at := _HEAD.size)
    flags = np.frombuffer(record, np.uint16, many, at := at + _TERM * many)
    keys = np.frombuffer(record, np.uint16, keyed, at := at + _FLAGS * many)
    levels = np.frombuffer(record, np.int8, wide, at + _KEY * keyed)
    return terms, flags, keys, levels * np.float32(step) if wide else None


def _vectors(levels: bytes, wide: NDArray[np.uint16], steps: NDArray[np.float32]) -> Vector:
    """Return the vectors of several records, a row each, from all their levels; what a row lacks is 0."""
    flat, width = np.frombuffer(levels, np.int8), int(wide.max())
    if len(flat) < width * len(wide):
        rows = np.zeros((len(wide), width), np.int8)
        rows[np.arange(width) < wide[:, None]] = flat
    else:
        rows = flat.reshape(len(wide), width)
    return rows * steps[:, None]


def _cost(article: IndexedArticle) -> int:
    """Return how many terms take as much memory as an article."""
    return len(article.terms) + _BESIDE


def rounded(vector: Vector | None) -> Vector | None:
    """Return a vector with the precision that is kept; one that has it already is not changed."""
    if vector is None:
        return None
    ((step, levels),) = _levels([vector])
    return np.frombuffer(levels, np.int8) * np.float32(step)


def _levels(vectors: Sequence[Vector | None]) -> list[tuple[float, bytes]]:
    """Return the size of one level of each vector, and the vector as bytes; of a missing one 0 and none."""
    found = [(0.0, b"")] * len(vectors)
    # One is shorter if its encoder did not respond.
    for width in {len(vector) for vector in vectors if vector is not None}:
        known = [k for k, vector in enumerate(vectors) if vector is not None and len(vector) == width]
        rows = np.array([vectors[k] for k in known], np.float32)
        part, exponent = np.frexp(np.abs(rows).max(axis=1).astype(np.float64) / _LEVELS)
        # So short that rounding again gives the same.
        steps = np.ldexp(np.ceil(part * _STEPS) / _STEPS, exponent)
        levels = np.rint(rows / steps.astype(np.float32)[:, None]).astype(np.int8)
        for k, step, row in zip(known, steps.tolist(), levels, strict=True):
            found[k] = step, row.tobytes()
    return found
