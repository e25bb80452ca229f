"""The calibrated model: how much each view counts, fixed from labelled data by `tests/benchmarks/train_grouping.py`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from aggregator.stories.index import Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Two logistic models: of two articles, and of an article with a story. Names give the order of the columns."""

    pair_names: tuple[str, ...]
    pair: Floats
    story_names: tuple[str, ...]
    story: Floats

    def pairs(self, columns: Floats) -> Floats:
        """Return the log-odds that two articles tell the same event; one row a pair."""
        return np.asarray(columns @ self.pair, np.float64)

    def stories(self, columns: Floats) -> Floats:
        """Return the log-odds that an article belongs to a story; one row a story."""
        return np.asarray(columns @ self.story, np.float64)


@cache
def default() -> Model:
    """Return the model that ships with the program."""
    raw = json.loads((files(__package__) / "data" / "grouping.json").read_text("utf-8"))
    return Model(
        tuple(raw["pair"]),
        np.array(list(raw["pair"].values())),
        tuple(raw["story"]),
        np.array(list(raw["story"].values())),
    )


def probability(odds: float) -> float:
    """Turn log-odds into a probability."""
    return float(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))))
