from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.stories.slot_lists import SLOT, SlotLists

# The number of a list (modulo those that there are), and its new length: 0 drops it.
STEPS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 2, 3, 4, 5, 6, 7, 9, 13, 16, 17, 40])), max_size=60)


def slots(first: int, many: int) -> bytes:
    return np.arange(first, first + many, dtype=np.int32).tobytes()


@settings(max_examples=200)
@given(STEPS)
def test_a_list_is_read_as_it_was_changed_last(steps: list[tuple[int, int]]) -> None:
    lists, held = SlotLists(), dict[int, tuple[int, bytes]]()
    for turn, (key, many) in enumerate(steps):
        new = slots(254 + turn * 65_000, many)  # with bytes of all values
        if key in held and not many:
            lists.drop(held.pop(key)[0])
        elif key in held:
            held[key] = lists.replace(held[key][0], new), new
        elif many:
            held[key] = lists.add(new), new
        assert len({number for number, _ in held.values()}) == len(held)
        assert all(lists[number] == known for number, known in held.values())
        assert all(newest(lists, number, 5) == known[-5 * SLOT :] for number, known in held.values())


def newest(lists: SlotLists, number: int, most: int) -> bytes:
    parts = lists.newest(number, most)
    return b"".join(
        part if base < 0 else (np.frombuffer(part, np.uint16) + np.int32(base)).astype(np.int32).tobytes()
        for base, part in parts
    )


@pytest.mark.parametrize("step", [1, 7, 5000, 70_000])
@pytest.mark.parametrize("many", [1, 3, 20])
def test_a_list_grows_at_its_end(step: int, many: int) -> None:
    lists, expected = SlotLists(), slots(3, 2)
    number = lists.add(expected)
    for first in range(60_000, 60_000 + 90 * step * many, step * many):
        new = np.arange(first, first + step * many, step, np.int32)
        number, expected = lists.append(number, new), expected + new.tobytes()
        assert lists[number] == expected
        assert newest(lists, number, 40) == expected[-40 * SLOT :]


def test_a_long_list_takes_two_bytes_a_slot() -> None:
    lists = SlotLists()
    lists.add(slots(70_000, 1000))
    assert len(lists._long[0]) < 2100


def test_the_largest_slot_is_kept() -> None:
    lists, largest = SlotLists(), np.array([2**31 - 2, 2**31 - 1], np.int32).tobytes()
    assert lists[lists.add(largest)] == largest


@pytest.mark.parametrize("many", [2, 5, 16])
def test_short_lists_take_little_more_than_their_slots(many: int) -> None:
    lists = SlotLists()
    for n in range(10_000):
        lists.add(slots(n, many))
    assert sum(sys.getsizeof(rows) for rows in lists._rows) < 1.4 * 10_000 * many * SLOT


def test_rows_of_dropped_lists_are_used_again() -> None:
    lists = SlotLists()
    numbers = {lists.add(slots(n, 3)) for n in range(100)}
    for number in numbers:
        lists.drop(number)
    assert {lists.add(slots(n, 3)) for n in range(100)} == numbers
