"""The terms of the window as numbers, each with its text and how it is written.

A hash table over flat arrays, where a dictionary of strings takes 300 bytes a term. A window may have a million terms.
Their texts are read only to explain and to store, so they are records, which may be outside of memory. All terms of one
or many articles are searched and added at once, because a search in Python for each takes most of the time of a
restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.record_store import RecordStore
from aggregator.stories.text_store import BLOCK, TextStore

Numbers = NDArray[np.int32]
TermHashes = NDArray[np.int64]
Forms = NDArray[np.uint16]

_EMPTY, _REMOVED = -1, -2  # cells of the table that hold no number
_FULL, _FRESH = 0.6, 0.48  # share of the cells in use from which the table grows, and after that
_HALF = 32  # bits of a hash that choose a cell; 16 more tell terms apart
_LOW, _HIGH = (1 << _HALF) - 1, (1 << 16) - 1
_WASTED = 0.5  # share of the text that is of removed terms, from which it is written again
_LONG = 0xFF  # bytes of a text of this length or more, of which the size is not kept
_TRIED = (1 << 10, BLOCK, 1 << 24)  # bytes of a long text that are read, until it is whole
KNOWN = 1024  # texts read last that are kept
_SAME, _BARE = "", "\x01"  # written as the term itself; as the term without its mark
_GROWTH = 16  # arrays by number grow by this part of their length
_FEW = 512  # terms: those of one article
_AHEAD = 8  # cells that are looked at together for each of few terms


def hashes_of(terms: Iterable[str]) -> TermHashes:
    """Return the hashes by which terms are found, 48 bits of each: valid only in this process."""
    return np.fromiter(map(hash, terms), np.int64) & (_HIGH << _HALF | _LOW)


def forms_of(written: Iterable[str]) -> Forms:
    """Return hashes of written words, equal for words that differ only in upper and lower case."""
    return np.fromiter(map(hash, map(str.casefold, written)), np.int64).astype(np.uint16)


class Vocabulary:
    """Maps terms to numbers and back. The numbers of removed terms are used again."""

    def __init__(self, records: RecordStore) -> None:
        self._table = np.full(4096, _EMPTY, np.int32)
        self._filled = 0  # cells that are not empty
        self._count = 0  # numbers, those of removed terms included
        # By number: the two parts of its hash, hash of how it is written, place and size of its text.
        self._low = np.zeros(1024, np.uint32)
        self._high = np.zeros(1024, np.uint16)
        self._forms: Forms = np.zeros(1024, np.uint16)
        self._starts = np.zeros(1024, np.uint32)
        self._sizes = np.zeros(1024, np.uint8)
        # The term and how it is written, a line each. Two terms with the same 48 bits would be confused; among a
        # million terms the chance that there are two such is 1 in 560.
        self._records = records
        self._texts = TextStore(records)
        self._known: dict[int, tuple[str, str]] = {}
        # Bytes of texts, and of those of removed terms; a long text counts `_LONG` in both, since its size is not kept.
        self._used = self._unused = 0
        self._free: list[int] = []

    def __len__(self) -> int:
        """Return the number of numbers, those of removed terms included."""
        return self._count

    def find(self, hashes: TermHashes) -> Numbers:
        """Return the numbers of the terms with these hashes; negative for unknown terms."""
        return self._table.take(self._cells(hashes))

    def forms(self, numbers: Numbers) -> Forms:
        """Return the hash of how each term is written in the first article that had it: see `forms_of`."""
        return self._forms.take(numbers)

    def add(self, terms: Sequence[str], written: Sequence[str], hashes: TermHashes) -> Numbers:
        """Give numbers to unknown terms, each different from the others."""
        lines = [
            f"{term}\n{_SAME if form == term else _BARE if form == term[1:] else form}\n".encode(errors="surrogatepass")
            for term, form in zip(terms, written, strict=True)
        ]
        numbers = self._new_numbers(len(terms))
        self._low[numbers], self._high[numbers] = hashes & _LOW, hashes >> _HALF
        self._forms[numbers] = forms_of(written)
        self._starts[numbers] = self._texts.add(lines)
        self._sizes[numbers] = [min(len(line), _LONG) for line in lines]
        self._used += int(self._sizes[numbers].sum())
        self._filled += len(numbers)
        if self._filled > _FULL * len(self._table):
            self._rebuild(numbers)
        else:
            self._place(numbers)
        return numbers

    def remove(self, numbers: Numbers) -> None:
        """Forget terms."""
        hashes = self._high[numbers].astype(np.int64) << _HALF | self._low[numbers]
        self._table[self._cells(hashes)] = _REMOVED
        for number in numbers.tolist():
            self._known.pop(number, None)
        self._unused += int(self._sizes[numbers].sum())
        self._free += numbers.tolist()
        if self._unused > max(_WASTED * self._used, BLOCK):
            self._rewrite()

    def term(self, number: int) -> str:
        """Return the term of a number."""
        return self._text(number)[0]

    def written(self, number: int) -> str:
        """Return how a term is written in the first article that had it."""
        term, form = self._text(number)
        return term if form == _SAME else term[1:] if form == _BARE else form

    def _text(self, number: int) -> tuple[str, str]:
        """Return a term and how it is written."""
        known = self._known.get(number)
        if known is None:
            lines = self._lines(int(self._starts[number]), int(self._sizes[number]))
            term, form, *_ = lines.decode(errors="surrogatepass").split("\n")
            if len(self._known) >= KNOWN:
                self._known.clear()
            known = self._known[number] = term, form
        return known

    def _lines(self, place: int, size: int) -> bytes:
        """Return the two lines of a text."""
        if size < _LONG:
            return self._texts.get(place, size)
        read = next(read for tried in _TRIED if (read := self._texts.get(place, tried)).count(b"\n") > 1)
        return _two_lines(read)

    def _new_numbers(self, many: int) -> Numbers:
        used = [self._free.pop() for _ in range(min(many, len(self._free)))]
        fresh = range(self._count, self._count + many - len(used))
        self._count = fresh.stop
        if self._count > len(self._low):
            more = max(self._count - len(self._low), len(self._low) // _GROWTH)
            self._low, self._high, self._forms, self._starts, self._sizes = (
                np.concatenate([part, np.zeros(more, part.dtype)])
                for part in (self._low, self._high, self._forms, self._starts, self._sizes)
            )
        return np.array([*used, *fresh], np.int32)

    def _cells(self, hashes: TermHashes) -> NDArray[np.int64]:
        """Return the cell of the term with each hash, or the empty cell where the search for it ends."""
        low, high = (hashes & _LOW).astype(np.uint32), (hashes >> _HALF).astype(np.uint16)
        size = len(self._table)
        cells = self._first_cells(low)
        left = np.arange(len(cells))
        # Many terms are looked up a cell at a time, few at several cells at once: then most of the time is the calls.
        ahead = np.arange(_AHEAD if len(cells) < _FEW else 1)
        while len(left):
            block = (cells[left][:, None] + ahead) % size
            found = self._table.take(block)
            # What `take` gives for a cell without a number is not looked at.
            ends = self._low.take(found, mode="clip") == low[left][:, None]
            ends &= self._high.take(found, mode="clip") == high[left][:, None]
            ends &= found >= 0
            ends |= found == _EMPTY
            at = ends.argmax(axis=1)[:, None]
            ended = np.take_along_axis(ends, at, axis=1)[:, 0]
            cells[left] = np.where(ended, np.take_along_axis(block, at, axis=1)[:, 0], (block[:, -1] + 1) % size)
            left = left[~ended]
        return cells

    def _first_cells(self, low: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return the cell where the search for each term begins: hashes in equal parts, whatever the table's size."""
        return (low.astype(np.int64) * len(self._table)) >> _HALF

    def _place(self, numbers: Numbers) -> None:
        """Write numbers into empty cells; where several want one cell, all but one go on to the next."""
        table, size = self._table, len(self._table)
        cells = self._first_cells(self._low[numbers])
        if len(numbers) < _FEW:
            for number, cell in zip(numbers.tolist(), cells.tolist(), strict=True):
                while table[cell] != _EMPTY:
                    cell = (cell + 1) % size  # noqa: PLW2901 - the search goes on from here
                table[cell] = number
            return
        while len(numbers):
            empty = table.take(cells) == _EMPTY
            table[cells[empty]] = numbers[empty]
            rest = table.take(cells) != numbers
            numbers, cells = numbers[rest], (cells[rest] + 1) % size

    def _rebuild(self, more: Numbers) -> None:
        """Make a table without removed cells that has room for its terms and `more`."""
        held = np.concatenate([self._live(), more])
        size = max(len(self._table), int(len(held) / _FRESH))
        self._table, self._filled = np.full(size, _EMPTY, np.int32), len(held)
        self._place(held)

    def _rewrite(self) -> None:
        """Write the texts again without those of removed terms."""
        old, new = self._texts, TextStore(self._records)
        live = self._live()
        live = live[np.argsort(self._starts[live])]
        sizes = self._sizes[live].astype(np.int64)
        sizes[sizes >= _LONG] = _TRIED[-1]
        lines = old.get_all(zip(self._starts[live].tolist(), sizes.tolist(), strict=True))
        for number, line in zip(live.tolist(), lines, strict=True):
            self._starts[number] = new.add([_two_lines(line)])[0]
        old.clear()
        self._texts, self._used, self._unused = new, self._used - self._unused, 0

    def _live(self) -> Numbers:
        return self._table[self._table >= 0]


def _two_lines(text: bytes) -> bytes:
    return b"\n".join((*text.split(b"\n", 2)[:2], b""))
