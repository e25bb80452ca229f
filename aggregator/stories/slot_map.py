"""A number for each slot, in two arrays in the order of the slots: a dictionary takes ten times the memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


class SlotMap:
    """Maps slots to numbers. Slots come mostly in ascending order: another one is put between those that are there."""

    def __init__(self, kind: str) -> None:
        """Make an empty map for numbers of a kind of `array`."""
        self._slots, self._numbers = array("i"), array(kind)

    def __len__(self) -> int:
        """Return how many slots there are."""
        return len(self._slots)

    def __iter__(self) -> Iterator[int]:
        """Return the slots in ascending order."""
        return iter(self._slots)

    def __contains__(self, slot: int) -> bool:
        """Whether there is a number for a slot."""
        at = bisect_left(self._slots, slot)
        return at < len(self._slots) and self._slots[at] == slot

    def __getitem__(self, slot: int) -> int:
        """Return the number of a slot; raises KeyError without one."""
        return self._numbers[self._place(slot)]

    def __setitem__(self, slot: int, number: int) -> None:
        at = bisect_left(self._slots, slot)
        if at < len(self._slots) and self._slots[at] == slot:
            self._numbers[at] = number
        else:
            self._slots.insert(at, slot)
            self._numbers.insert(at, number)

    def pop(self, slot: int) -> int:
        """Remove a slot and return its number; raises KeyError without one."""
        at = self._place(slot)
        self._slots.pop(at)
        return self._numbers.pop(at)

    def take(self, slots: NDArray[np.int32]) -> NDArray[np.signedinteger]:
        """Return the numbers of slots that are all there."""
        if not len(slots):
            return np.empty(0, np.int64)
        kept, numbers = np.frombuffer(self._slots, np.int32), np.frombuffer(self._numbers, self._numbers.typecode)
        return numbers[np.searchsorted(kept, slots)]

    def _place(self, slot: int) -> int:
        at = bisect_left(self._slots, slot)
        if at == len(self._slots) or self._slots[at] != slot:
            raise KeyError(slot)
        return at
