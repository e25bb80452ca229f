"""The terms of the window as numbers, each with its text and how it is written.

A hash table over flat arrays: 40 bytes a term, where a dictionary of strings takes 300. A window may have a million
terms.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

_EMPTY, _REMOVED = -1, -2  # cells of the table that hold no number
_FULL = 0.6  # share of the cells in use from which the table grows
_WASTED = 0.5  # share of the text that is of removed terms, from which it is written again
_SEEN = 8192  # terms that are remembered as strings
_SAME, _BARE = "", "\x01"  # written as the term itself; as the term without its mark


class Vocabulary:
    """Maps terms to numbers and back. The numbers of removed terms are used again."""

    def __init__(self) -> None:
        self._table = array("i", [_EMPTY]) * 4096
        self._filled = 0  # cells that are not empty
        self._hashes = array("q")  # by number
        self._starts = array("I")  # by number: place in `_text`
        # The term and how it is written, a line each. Two terms with the same 64-bit hash would be confused; among a
        # million terms the chance of that is 1 in 37 million.
        self._text = bytearray()
        self._unused = 0  # bytes of `_text`
        self._free: list[int] = []
        self._seen: dict[str, tuple[int, str]] = {}  # by term, its number and how it is written: of the terms used last

    def __len__(self) -> int:
        """Return the number of numbers, those of removed terms included."""
        return len(self._hashes)

    def find(self, term: str) -> int | None:
        """Return the number of a term; None if it is unknown."""
        known = self._seen.get(term)
        if known is not None:
            return known[0]
        number = self._table[self._cell(hash(term))]
        if number < 0:
            return None
        self._remember(term, number, self.written(number))
        return number

    def form(self, term: str, number: int) -> str:
        """Return how a term with this number is written in the first article that had it."""
        known = self._seen.get(term)
        return self.written(number) if known is None else known[1]

    def _remember(self, term: str, number: int, written: str) -> None:
        if len(self._seen) >= _SEEN:
            self._seen.clear()
        self._seen[term] = number, written

    def add(self, term: str, written: str) -> int:
        """Give a number to an unknown term."""
        known = hash(term)
        start = len(self._text)
        form = _SAME if written == term else _BARE if written == term[1:] else written
        self._text += f"{term}\n{form}\n".encode(errors="surrogatepass")
        if self._free:
            number = self._free.pop()
            self._hashes[number], self._starts[number] = known, start
        else:
            number = len(self._hashes)
            self._hashes.append(known)
            self._starts.append(start)
        self._place(number)
        self._remember(term, number, written)
        return number

    def remove(self, number: int) -> None:
        """Forget a term."""
        self._seen.clear()
        cell = self._cell(self._hashes[number])
        self._table[cell] = _REMOVED
        start = self._starts[number]
        self._unused += self._end(start) - start
        self._free.append(number)
        if self._unused > _WASTED * len(self._text):
            self._rewrite()

    def term(self, number: int) -> str:
        """Return the term of a number."""
        start = self._starts[number]
        return self._text[start : self._text.index(b"\n", start)].decode(errors="surrogatepass")

    def written(self, number: int) -> str:
        """Return how a term is written in the first article that had it."""
        start = self._starts[number]
        term, form, _ = self._text[start : self._end(start)].decode(errors="surrogatepass").split("\n")
        return term if form == _SAME else term[1:] if form == _BARE else form

    def _end(self, start: int) -> int:
        return self._text.index(b"\n", self._text.index(b"\n", start) + 1) + 1

    def _cell(self, known: int) -> int:
        """Return the cell of the term with this hash, or the empty cell where the search for it ends."""
        table, hashes, mask = self._table, self._hashes, len(self._table) - 1
        cell = known & mask
        while (number := table[cell]) != _EMPTY and (number == _REMOVED or hashes[number] != known):
            cell = (cell + 1) & mask
        return cell

    def _place(self, number: int) -> None:
        self._table[self._cell(self._hashes[number])] = number
        self._filled += 1
        if self._filled > _FULL * len(self._table):
            self._rebuild()

    def _rebuild(self) -> None:
        """Make a table without removed cells, half as large again as its terms need."""
        held = list(self._live())
        size = len(self._table)
        while len(held) > _FULL * size / 1.5:
            size *= 2
        self._table, self._filled = array("i", [_EMPTY]) * size, 0
        for number in held:
            self._place(number)

    def _rewrite(self) -> None:
        """Write the text again without that of removed terms."""
        text = bytearray()
        for number in self._live():
            start = self._starts[number]
            self._starts[number] = len(text)
            text += self._text[start : self._end(start)]
        self._text, self._unused = text, 0

    def _live(self) -> Iterator[int]:
        return (number for number in self._table if number >= 0)
