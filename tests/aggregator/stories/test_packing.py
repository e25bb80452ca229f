from __future__ import annotations

import numpy as np
import pytest

from aggregator.stories.packing import run_starts


@pytest.mark.parametrize(
    ("values", "starts"), [([], []), ([7], [0]), ([7, 7], [0]), ([1, 1, 2, 2, 1], [0, 2, 4]), ([-1, 0], [0, 1])]
)
def test_runs_of_equal_values_begin_where_a_value_differs_from_the_one_before(
    values: list[int], starts: list[int]
) -> None:
    assert run_starts(np.array(values, np.int32)).tolist() == starts
