"""Feeds polled through their histories, by the shipped parser, decisions and store: every story is new exactly once."""

from __future__ import annotations

import pytest

from tests.benchmarks.histories import Ours, Score, run
from tests.support.publishers import HABITS, Publisher

POLLS = 14


@pytest.mark.parametrize("habit", HABITS)
def test_every_story_is_new_exactly_once(habit: str) -> None:
    reader, score = Ours(), Score()
    publisher = Publisher(habit, hides=0.1, stale=0.15)
    run(reader, publisher, POLLS, score)
    titles = reader.titles()
    reader.close()
    assert (score.missed, score.again) == (0, 0)
    assert len(titles) == len(set(titles)) == len(publisher.shown)
