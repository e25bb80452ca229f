from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.slot_map import SlotMap

STEPS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9)), max_size=80)


@given(STEPS)
def test_it_is_as_a_dictionary_would_be(steps: list[tuple[int, int]]) -> None:
    found, held = SlotMap("i"), dict[int, int]()
    for slot, number in steps:  # 0 removes what is there
        if number or slot not in held:
            found[slot] = held[slot] = number
        else:
            assert found.pop(slot) == held.pop(slot)
        assert list(found) == sorted(held)
        assert len(found) == len(held)
        assert [found[one] for one in sorted(held)] == [held[one] for one in sorted(held)]
        assert (slot in found) == (slot in held)
        assert found.take(np.array(list(held), np.int32)).tolist() == list(held.values())


def test_slots_without_a_number_are_unknown() -> None:
    found = SlotMap("q")
    found[5] = 1 << 40
    for slot in (4, 5000):
        assert slot not in found
        with pytest.raises(KeyError):
            found[slot]
        with pytest.raises(KeyError):
            found.pop(slot)
    assert found.pop(5) == 1 << 40
    assert list(found) == []
