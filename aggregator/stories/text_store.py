"""Keeps short texts in blocks, each a record of a store that may be outside of memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aggregator.stories.record_store import RecordStore

_BITS = 16  # of a place that are an offset; those above are the number of a block
BLOCK = 1 << _BITS  # bytes; a longer text has a block of its own


class TextStore:
    """Texts by place. The last block, which is not full yet, is kept in memory."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._blocks: list[int] = []  # places of the full ones
        self._last = bytearray()

    def add(self, texts: Sequence[bytes]) -> list[int]:
        """Keep texts; return the place of each."""
        places, last = list[int](), self._last
        block, end = len(self._blocks) << _BITS, len(last)
        for text in texts:
            if end and end + len(text) > BLOCK:
                # Full blocks have one size, so that a dropped one can be used again.
                self._blocks.append(self._records.put(bytes(last).ljust(BLOCK, b"\0")))
                last.clear()
                block, end = len(self._blocks) << _BITS, 0
            places.append(block | end)
            last += text
            end += len(text)
        return places

    def get(self, place: int, size: int) -> bytes:
        """Return the text of so many bytes at a place; of a text with a block of its own all that the block has."""
        block, start = place >> _BITS, place & (BLOCK - 1)
        if block == len(self._blocks):
            return bytes(self._last[start : start + size])
        if size > BLOCK:
            return self._records.get(self._blocks[block])
        return self._records.part(self._blocks[block], start, size)

    def get_all(self, wanted: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        """Yield the texts of these places and sizes; each block is read once if the places ascend."""
        known, text = -1, b""
        for place, size in wanted:
            block, start = place >> _BITS, place & (BLOCK - 1)
            if block != known:
                known = block
                last = block == len(self._blocks)
                text = bytes(self._last) if last else self._records.get(self._blocks[block])
            yield text[start : start + size]

    def clear(self) -> None:
        """Drop all texts."""
        for block in self._blocks:
            self._records.drop(block)
        self._blocks.clear()
        self._last.clear()
