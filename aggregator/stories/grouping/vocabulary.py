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
Forms = NDArray[np.uint32]

_EMPTY, _REMOVED = -1, -2  # cells of the table that hold no number
_FULL = 0.6  # share of the cells in use from which the table grows
_WASTED = 0.5  # share of the text that is of removed terms, from which it is written again
_LONG = 0xFFFF  # bytes of a text of this length or more, which has a block of its own
_ANY = 1 << 24  # bytes: of a long text what its block has is read
KNOWN = 4096  # texts read last that are kept
_SAME, _BARE = "", "\x01"  # written as the term itself; as the term without its mark
_GROWTH = 8  # arrays by number grow by this part of their length


def hashes_of(terms: Iterable[str]) -> TermHashes:
    """Return the hashes by which terms are found: valid only in this process."""
    return np.fromiter(map(hash, terms), np.int64)


def forms_of(written: Iterable[str]) -> Forms:
    """Return hashes of written words, equal for words that differ only in upper and lower case."""
    return np.fromiter(map(hash, map(str.casefold, written)), np.int64).astype(np.uint32)


class Vocabulary:
    """Maps terms to numbers and back. The numbers of removed terms are used again."""

    def __init__(self, records: RecordStore) -> None:
        self._table = np.full(4096, _EMPTY, np.int32)
        self._filled = 0  # cells that are not empty
        self._count = 0  # numbers, those of removed terms included
        # By number: hash, hash of how it is written, place and size of its text.
        self._hashes: TermHashes = np.zeros(1024, np.int64)
        self._forms: Forms = np.zeros(1024, np.uint32)
        self._starts = np.zeros(1024, np.uint32)
        self._sizes = np.zeros(1024, np.uint16)
        # The term and how it is written, a line each. Two terms with the same 64-bit hash would be confused; among a
        # million terms the chance of that is 1 in 37 million.
        self._records = records
        self._texts = TextStore(records)
        self._known: dict[int, tuple[str, str]] = {}
        self._used = self._unused = 0  # bytes of texts; of them those of removed terms
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
        self._hashes[numbers] = hashes
        self._forms[numbers] = forms_of(written)
        self._starts[numbers] = self._texts.add(lines)
        sizes = np.fromiter(map(len, lines), np.int64, len(lines))
        self._sizes[numbers] = np.minimum(sizes, _LONG)
        self._used += int(sizes.sum())
        self._filled += len(numbers)
        if self._filled > _FULL * len(self._table):
            self._rebuild(numbers)
        else:
            self._place(numbers)
        return numbers

    def remove(self, numbers: Numbers) -> None:
        """Forget terms."""
        self._table[self._cells(self._hashes[numbers])] = _REMOVED
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
            size = int(self._sizes[number])
            line = self._texts.get(int(self._starts[number]), size if size < _LONG else _ANY)
            term, form, *_ = line.decode(errors="surrogatepass").split("\n")
            if len(self._known) >= KNOWN:
                self._known.clear()
            known = self._known[number] = term, form
        return known

    def _new_numbers(self, many: int) -> Numbers:
        used = [self._free.pop() for _ in range(min(many, len(self._free)))]
        fresh = range(self._count, self._count + many - len(used))
        self._count = fresh.stop
        if self._count > len(self._hashes):
            more = max(self._count - len(self._hashes), len(self._hashes) // _GROWTH)
            self._hashes, self._forms, self._starts, self._sizes = (
                np.concatenate([part, np.zeros(more, part.dtype)])
                for part in (self._hashes, self._forms, self._starts, self._sizes)
            )
        return np.array([*used, *fresh], np.int32)

    def _cells(self, hashes: TermHashes) -> NDArray[np.int64]:
        """Return the cell of the term with each hash, or the empty cell where the search for it ends."""
        mask = len(self._table) - 1
        cells = hashes & mask
        left = np.arange(len(cells))
        while len(left):
            found = self._table.take(cells[left])
            # What `take` gives for a cell without a number is not looked at.
            other = (found == _REMOVED) | ((found >= 0) & (self._hashes.take(found, mode="clip") != hashes[left]))
            left = left[other]
            cells[left] = (cells[left] + 1) & mask
        return cells

    def _place(self, numbers: Numbers) -> None:
        """Write numbers into empty cells; where several want one cell, all but one go on to the next."""
        table, mask = self._table, len(self._table) - 1
        cells = self._hashes[numbers] & mask
        while len(numbers):
            empty = table.take(cells) == _EMPTY
            table[cells[empty]] = numbers[empty]
            rest = table.take(cells) != numbers
            numbers, cells = numbers[rest], (cells[rest] + 1) & mask

    def _rebuild(self, more: Numbers) -> None:
        """Make a table without removed cells, half as large again as its terms and `more` need."""
        held = np.concatenate([self._live(), more])
        size = len(self._table)
        while len(held) > _FULL * size / 1.5:
            size *= 2
        self._table, self._filled = np.full(size, _EMPTY, np.int32), len(held)
        self._place(held)

    def _rewrite(self) -> None:
        """Write the texts again without those of removed terms."""
        old, new = self._texts, TextStore(self._records)
        live = self._live()
        live = live[np.argsort(self._starts[live])]
        sizes = self._sizes[live].astype(np.int64)
        sizes[sizes >= _LONG] = _ANY
        lines = old.get_all(zip(self._starts[live].tolist(), sizes.tolist(), strict=True))
        for number, line in zip(live.tolist(), lines, strict=True):
            self._starts[number] = new.add([line])[0]
        old.clear()
        self._texts, self._used, self._unused = new, self._used - self._unused, 0

    def _live(self) -> Numbers:
        return self._table[self._table >= 0]
