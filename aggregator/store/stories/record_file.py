"""Keeps records of the story window in a file without a name, which the system deletes when the process ends.

Nothing is read from it after a restart: the database has all that the window is rebuilt from.
"""

from __future__ import annotations

import logging
import os
import tempfile
import weakref
from pathlib import Path

log = logging.getLogger(__name__)

_BLOCK = 64  # bytes: a record begins at a multiple of this
_SIZE_BITS = 20  # of a place that give the number of blocks; those above give the first block


class RecordFile:
    """Records in a file beside the database. Those that the disk does not take are kept in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file: int | None = None
        try:
            self._file, path = tempfile.mkstemp(prefix="window-", dir=folder)
        except OSError as error:  # such as a read-only folder, or too many open files
            log.warning("the window is kept in memory", extra={"fields": {"why": str(error)}})
        else:
            Path(path).unlink()
            weakref.finalize(self, os.close, self._file)
        self._end = 0  # blocks
        self._free: dict[int, list[int]] = {}  # by number of blocks, the places of dropped records
        self._held: dict[int, bytes] = {}  # by place, what could not be written

    def put(self, record: bytes) -> int:
        """Keep a record; return its place."""
        blocks = -(-len(record) // _BLOCK)
        free = self._free.get(blocks)
        if free:
            place = free.pop()
        else:
            place = self._end << _SIZE_BITS | blocks
            self._end += blocks
        if not self._write(record, (place >> _SIZE_BITS) * _BLOCK):
            self._held[place] = record
        return place

    def get(self, place: int) -> bytes:
        """Return the record of a place; what follows it in its last block is undefined."""
        if self._file is None or place in self._held:
            return self._held[place]
        return os.pread(self._file, (place & ((1 << _SIZE_BITS) - 1)) * _BLOCK, (place >> _SIZE_BITS) * _BLOCK)

    def part(self, place: int, start: int, size: int) -> bytes:
        """Return some bytes of the record of a place."""
        if self._file is None or place in self._held:
            return self._held[place][start : start + size]
        return os.pread(self._file, size, (place >> _SIZE_BITS) * _BLOCK + start)

    def drop(self, place: int) -> None:
        """Drop the record of a place."""
        self._held.pop(place, None)
        self._free.setdefault(place & ((1 << _SIZE_BITS) - 1), []).append(place)

    def _write(self, record: bytes, at: int) -> bool:
        if self._file is None:
            return False
        try:
            return os.pwrite(self._file, record, at) == len(record)
        except OSError:  # no space left
            return False
