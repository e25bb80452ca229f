"""Where the records of articles are kept: in memory, or outside of it (see `store.stories.record_file`)."""

from __future__ import annotations

from typing import Protocol


class RecordStore(Protocol):
    """Keeps bytes under a place that it chooses."""

    def put(self, record: bytes) -> int:
        """Keep a record; return its place."""

    def get(self, place: int) -> bytes:
        """Return the record of a place; zeros may follow it."""

    def part(self, place: int, start: int, size: int) -> bytes:
        """Return some bytes of the record of a place."""

    def drop(self, place: int) -> None:
        """Drop the record of a place, which may then be given to another record."""


class MemoryRecords:
    """Records in memory."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._free: list[int] = []

    def put(self, record: bytes) -> int:
        """Keep a record; return its place."""
        if self._free:
            place = self._free.pop()
            self._records[place] = record
        else:
            place = len(self._records)
            self._records.append(record)
        return place

    def get(self, place: int) -> bytes:
        """Return the record of a place."""
        return self._records[place]

    def part(self, place: int, start: int, size: int) -> bytes:
        """Return some bytes of the record of a place."""
        return self._records[place][start : start + size]

    def drop(self, place: int) -> None:
        """Drop the record of a place."""
        self._records[place] = b""
        self._free.append(place)
