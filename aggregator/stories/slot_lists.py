"""Lists of ascending slots as bytes: an object for each short list takes several times that.

Most terms of a window that several articles have are in two or three of them. Lists of similar length are rows of one
array. A longer one is cut into parts, in each of which all slots have the same upper half: it has the lower half of
each slot, then the upper half and the length of each part, then the number of parts, two bytes each.
"""

from __future__ import annotations

import struct
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.packing import run_starts

SLOT = 4  # bytes, little-endian and signed, so that the last byte is never `_FREE`
_FREE = b"\xff"  # fills what a list leaves of its row
_LENGTHS = (2, 3, 4, 6, 8, 12, 16)  # slots in a row of each array; longer lists are objects
_LONG = len(_LENGTHS)  # the kind of longer lists
_HALF = 16  # bits of half a slot
_COUNT = struct.Struct("<H")
_PART = struct.Struct("<HH")  # upper half, length less one: a part has at most 65,536 slots
_KINDS = _LONG + 1
_KIND_OF = [bisect_left(_LENGTHS, many) for many in range(_LENGTHS[-1] + 1)]


class SlotLists:
    """Lists by number. A list that is changed may get another number."""

    def __init__(self) -> None:
        self._rows = [bytearray() for _ in _LENGTHS]
        self._long: list[bytes] = []
        self._unused: list[list[int]] = [[] for _ in range(_KINDS)]  # rows, then places in `_long`

    def __getitem__(self, number: int) -> bytes:
        """Return a list."""
        row, kind = divmod(number, _KINDS)
        if kind == _LONG:
            parts = _parts(self._long[row])
            lower = np.frombuffer(self._long[row], np.uint16, sum(many for _, many in parts)).astype(np.int32)
            upper = np.int32(parts[0][0]) if len(parts) == 1 else np.repeat(*np.array(parts, np.int32).T)
            return (lower | upper << _HALF).tobytes()
        return self._row(row, kind)

    def _row(self, row: int, kind: int) -> bytes:
        size = SLOT * _LENGTHS[kind]
        return bytes(self._rows[kind][row * size : (row + 1) * size]).rstrip(_FREE)

    def newest(self, number: int, most: int) -> list[tuple[int, bytes]]:
        """Return the last slots of a list, at most so many, in parts: a base, and what is above it in two bytes each.

        A short list is one part with the base -1: its slots as they are.
        """
        row, kind = divmod(number, _KINDS)
        if kind < _LONG:
            return [(-1, self._row(row, kind)[-SLOT * most :])]
        data, found = self._long[row], list[tuple[int, bytes]]()
        parts = _parts(data)
        end = sum(many for _, many in parts)
        for upper, many in reversed(parts):
            taken = min(many, most)
            found.append((upper << _HALF, data[2 * (end - taken) : 2 * end]))
            end, most = end - many, most - taken
            if most == 0:
                break
        return found[::-1]

    def append(self, number: int, slots: NDArray[np.int32]) -> int:
        """Add slots after all others of a list; return the list's number, which may be another one."""
        row, kind = divmod(number, _KINDS)
        if kind < _LONG:
            return self.replace(number, self._row(row, kind) + slots.tobytes())
        data = self._long[row]
        (upper, many), (parts,) = _PART.unpack_from(data, len(data) - 6), _COUNT.unpack_from(data, len(data) - 2)
        if upper != slots[0] >> _HALF or upper != slots[-1] >> _HALF:
            return self.replace(number, self[number] + slots.tobytes())
        tail = _COUNT.size + _PART.size * parts
        lower, last = slots.astype(np.uint16).tobytes(), _PART.pack(upper, many + len(slots))
        self._long[row] = b"".join((data[:-tail], lower, data[-tail:-6], last, data[-2:]))
        return number

    def add(self, slots: bytes) -> int:
        """Keep a list; return its number."""
        kind = _kind(slots)
        unused = self._unused[kind]
        if unused:
            row = unused.pop()
        elif kind == _LONG:
            row = len(self._long)
            self._long.append(b"")
        else:
            row = len(self._rows[kind]) // (SLOT * _LENGTHS[kind])
        self._write(row, kind, slots)
        return row * _KINDS + kind

    def replace(self, number: int, slots: bytes) -> int:
        """Change a list; return its number, which may be another one."""
        row, kind = divmod(number, _KINDS)
        if _kind(slots) != kind:
            self.drop(number)
            return self.add(slots)
        self._write(row, kind, slots)
        return number

    def _write(self, row: int, kind: int, slots: bytes) -> None:
        if kind == _LONG:
            self._long[row] = _narrowed(slots)
        else:
            size = SLOT * _LENGTHS[kind]
            self._rows[kind][row * size : (row + 1) * size] = slots.ljust(size, _FREE)

    def drop(self, number: int) -> None:
        """Forget a list."""
        row, kind = divmod(number, _KINDS)
        if kind == _LONG:
            self._long[row] = b""
        self._unused[kind].append(row)


def _kind(slots: bytes) -> int:
    return _KIND_OF[len(slots) // SLOT] if len(slots) < SLOT * len(_KIND_OF) else _LONG


def _narrowed(slots: bytes) -> bytes:
    """Return a long list as it is kept."""
    flat = np.frombuffer(slots, np.int32)
    if flat[0] >> _HALF == flat[-1] >> _HALF:
        return b"".join((flat.astype(np.uint16).tobytes(), _PART.pack(flat[0] >> _HALF, len(flat) - 1), _COUNT.pack(1)))
    first = run_starts(flat >> _HALF)
    many = np.append(first[1:], len(flat)) - first
    parts = np.column_stack([flat[first] >> _HALF, many - 1]).astype(np.uint16)
    return b"".join((flat.astype(np.uint16).tobytes(), parts.tobytes(), _COUNT.pack(len(parts))))


def _parts(data: bytes) -> list[tuple[int, int]]:
    """Return the upper half and the length of each part of a long list."""
    end = len(data) - _COUNT.size
    start = end - _PART.size * _COUNT.unpack_from(data, end)[0]
    return [(upper, many + 1) for upper, many in _PART.iter_unpack(data[start:end])]
