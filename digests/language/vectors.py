"""The meaning of an English text as one short vector, from a static table of word pieces: no model has to run.

The table (`data/vectors.npz`) was distilled by `tests/benchmarks/distill_vectors.py` from all-MiniLM-L6-v2
(Apache-2.0, see `data/NOTICE`): the length of a piece's vector already says how specific the piece is, so the vector
of a text is the normalised sum of its pieces. The table is read on first use. It has no words of other languages;
`vector` returns None for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from digests.language.detect import UNKNOWN

Floats = NDArray[np.float32]

MAX_CHARS = 3_000  # of a text that are read; its meaning does not change after that
_LONGEST = 40  # letters of a word that is still cut into pieces
_SEEN = 50_000  # words whose pieces are remembered
_WORD = re.compile(r"[^\W_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class Pieces(dict[str, tuple[int, ...]]):
    """Lower-case words, each with the rows of its longest known pieces from left to right (WordPiece).

    A word is split when first used and then cached, up to a limit; a word with an unknown part has no pieces.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._known = {name: row for row, name in enumerate(names)}  # one inside a word begins with ##
        self._widest = max(map(len, names))

    def __missing__(self, word: str) -> tuple[int, ...]:
        """Split a word that is not remembered."""
        if len(self) > _SEEN:
            self.clear()
        found = self[word] = self._cut(word)
        return found

    def rows(self, text: str) -> list[int]:
        """Return the rows of the pieces of `text` in order; unknown words have none."""
        return list(chain.from_iterable(map(self.__getitem__, words(text))))

    def _cut(self, word: str) -> tuple[int, ...]:
        out: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST:
            for end in range(min(len(word), start + self._widest), start, -1):
                row = self._known.get(("##" if start else "") + word[start:end])
                if row is not None:
                    out.append(row)
                    start = end
                    break
            else:
                return ()
        return tuple(out)


@dataclass(frozen=True, slots=True)
class VectorTable:
    """The vectors: int8 rows, and the factor of each."""

    pieces: Pieces
    rows: NDArray[np.int8]
    scale: Floats

    def total(self, text: str) -> Floats | None:
        """Return the weighted sum of a text's pieces, or None when no word of it is known."""
        counts = Counter(self.pieces.rows(text))
        if not counts:
            return None
        where = np.fromiter(counts, np.intp, len(counts))
        often = 1.0 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))
        return np.asarray((often * self.scale[where]) @ self.rows.take(where, axis=0).astype(np.float32), np.float32)


def vector(text: str, language: str | None = "en") -> Floats | None:
    """Return the unit vector of an English text, or None where the language is another or no word is known."""
    if language not in ("en", UNKNOWN, None):
        return None
    total = table().total(text)
    norm = 0.0 if total is None else float(np.sqrt(total @ total))
    return None if total is None or norm < 1e-6 else total / norm


def cosine(one: Floats | None, other: Floats | None) -> float | None:
    """Return the cosine of two vectors, or None when either is missing."""
    return None if one is None or other is None else float(one @ other)


def words(text: str) -> list[str]:
    """Return the words of `text` in lower case without accents."""
    plain = text[:MAX_CHARS].lower()
    return _WORD.findall(plain if plain.isascii() else _NOT_ASCII.sub(_bare, plain))


def _bare(found: re.Match[str]) -> str:
    """Return a letter without its accents, and a separate accent as an empty string."""
    return "".join(c for c in unicodedata.normalize("NFD", found.group()) if not unicodedata.combining(c))


def width() -> int:
    """Return the number of dimensions of a vector."""
    return int(table().rows.shape[1])


@cache
def table() -> VectorTable:
    """Return the table that ships with the program, read once."""
    with as_file(files(__package__) / "data" / "vectors.npz") as path, np.load(path, allow_pickle=False) as held:
        names = bytes(held["pieces"]).decode().split("\n")
        return VectorTable(Pieces(names), held["table"], held["scale"].astype(np.float32))
