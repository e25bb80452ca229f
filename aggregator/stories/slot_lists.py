"""Lists of slots as bytes, those of similar length packed into one array: an object for each takes several times that.

Most terms of a window that several articles have are in two or three of them.
"""

from __future__ import annotations

from bisect import bisect_left

SLOT = 4  # bytes, little-endian and signed, so that the last byte is never `_FREE`
_FREE = b"\xff"  # fills what a list leaves of its row
_LENGTHS = (2, 3, 4, 6, 8, 12, 16)  # slots in a row of each array; longer lists are objects
_LONG = len(_LENGTHS)  # the kind of longer lists
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
            return self._long[row]
        size = SLOT * _LENGTHS[kind]
        return bytes(self._rows[kind][row * size : (row + 1) * size]).rstrip(_FREE)

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
            self._long[row] = slots
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
