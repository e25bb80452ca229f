"""The articles of the window as bytes: an object for each would take five times the memory.

Only the articles used last are kept as objects too.
"""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from math import ceil, frexp, ldexp

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.index import Flags, Ints
from aggregator.stories.grouping.views import IndexedArticle
from aggregator.stories.packing import Names, microseconds, moment_of

RECENT = 2000  # articles kept as objects
_LEVELS = 127  # of a dimension of a vector, on both sides of zero
_STEPS = 1024  # the size of a level is a multiple of this part of a power of two
# Arrival, publication, outlet, language, words, marks, the size of a level of the vector; then the
# number of terms, of dimensions of the vector, of keys of the title and of bytes of `own`.
_HEAD = struct.Struct("<qqIHHBfHHHI")
_TIMES = struct.Struct("<qq")  # its beginning
_BODY, _DATED = 1, 2  # marks


class Articles:
    """Articles by slot, each with its story."""

    def __init__(self) -> None:
        self._packed: dict[int, bytes] = {}
        self._stories: dict[int, str] = {}
        self._recent: OrderedDict[int, IndexedArticle] = OrderedDict()
        self._outlets, self._languages = Names(), Names()

    def __len__(self) -> int:
        """Return how many articles there are."""
        return len(self._packed)

    def __iter__(self) -> Iterator[int]:
        """Return the slots."""
        return iter(self._packed)

    def __contains__(self, slot: int) -> bool:
        """Whether there is an article with this slot."""
        return slot in self._packed

    def __getitem__(self, slot: int) -> IndexedArticle:
        """Return an article; raises KeyError if there is none."""
        article = self._recent.get(slot)
        if article is None:
            article = self._unpack(slot, self._packed[slot])
            self._remember(article)
        else:
            self._recent.move_to_end(slot)
        return article

    def story(self, slot: int) -> str:
        """Return the story of an article."""
        return self._stories[slot]

    def language(self, slot: int) -> str:
        """Return the language of an article, without unpacking the rest of it."""
        number: int = _HEAD.unpack_from(self._packed[slot])[3]
        return self._languages[number]

    def times(self, slot: int) -> tuple[datetime, datetime]:
        """Return when an article arrived and was published, without unpacking the rest of it."""
        arrived, published = _TIMES.unpack_from(self._packed[slot])
        return moment_of(arrived), moment_of(published)

    def add(self, article: IndexedArticle) -> None:
        """Add an article, which has its story."""
        self._packed[article.slot] = self._pack(article)
        self._stories[article.slot] = article.story
        self._remember(article)

    def move(self, slot: int, story: str) -> None:
        """Change the story of an article."""
        self._stories[slot] = story
        article = self._recent.get(slot)
        if article is not None:
            article.story = story

    def remove(self, slot: int) -> None:
        """Remove an article."""
        del self._packed[slot], self._stories[slot]
        self._recent.pop(slot, None)

    def _remember(self, article: IndexedArticle) -> None:
        self._recent[article.slot] = article
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _pack(self, article: IndexedArticle) -> bytes:
        step, vector = (0.0, b"") if article.vector is None else _levels(article.vector)
        own = article.own.encode(errors="surrogatepass")
        head = _HEAD.pack(
            microseconds(article.arrived),
            microseconds(article.published),
            self._outlets.number(article.source),
            self._languages.number(article.language),
            article.words,
            _BODY * article.has_body | _DATED * article.dated,
            step,
            len(article.terms),
            len(vector),
            len(article.title_keys),
            len(own),
        )
        text = own + article.head.encode(errors="surrogatepass")
        rest = zlib.compress(b"".join((_planes(article.terms), _planes(article.flags), text)), 1)
        return b"".join((head, vector, article.title_keys.tobytes(), rest))

    def _unpack(self, slot: int, packed: bytes) -> IndexedArticle:
        arrived, published, source, language, words, marks, step, many, wide, keyed, own = _HEAD.unpack_from(packed)
        levels = np.frombuffer(packed, np.int8, wide, _HEAD.size)
        vector = levels * np.float32(step) if wide else None
        keys = np.frombuffer(packed, np.uint16, keyed, _HEAD.size + wide)
        rest = zlib.decompress(packed[_HEAD.size + wide + keys.nbytes :])
        text = rest[6 * many :]
        return IndexedArticle(
            entry=slot,
            slot=slot,
            arrived=moment_of(arrived),
            published=moment_of(published),
            source=self._outlets[source],
            language=self._languages[language],
            terms=_joined(rest[: 4 * many], 4).view(np.int32),
            flags=_joined(rest[4 * many : 6 * many], 2).view(np.uint16),
            words=words,
            has_body=bool(marks & _BODY),
            story=self._stories[slot],
            vector=vector,
            own=text[:own].decode(errors="surrogatepass"),
            head=text[own:].decode(errors="surrogatepass"),
            title_keys=keys,
            dated=bool(marks & _DATED),
        )


def rounded(vector: Vector | None) -> Vector | None:
    """Return a vector with the precision that is kept; one that has it already is not changed."""
    if vector is None:
        return None
    step, levels = _levels(vector)
    return np.frombuffer(levels, np.int8) * np.float32(step)


def _levels(vector: Vector) -> tuple[float, bytes]:
    """Return a vector as bytes, and the size of one level."""
    part, exponent = frexp(float(np.abs(vector).max()) / _LEVELS)
    step = ldexp(ceil(part * _STEPS) / _STEPS, exponent)  # so short that rounding again gives the same
    return step, np.rint(vector / np.float32(step)).astype(np.int8).tobytes()


def _planes(numbers: Ints | Flags) -> bytes:
    """Return numbers as bytes, the lowest byte of all first: the higher ones repeat and compress well."""
    return numbers.view(np.uint8).reshape(-1, numbers.itemsize).T.tobytes()


def _joined(planes: bytes, size: int) -> NDArray[np.uint8]:
    """Return the bytes of numbers of `size` bytes, of which `_planes` made planes."""
    return np.frombuffer(planes, np.uint8).reshape(size, -1).T.ravel()
