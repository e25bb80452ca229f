"""The calibrated model: how much each view counts, fixed from labelled data by `tests/benchmarks/train_grouping.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log

import numpy as np

from aggregator.stories.grouping.index import Floats, Ints

BARE, FULL, FOREIGN, MIXED, LONG = range(5)
# Of a pair: titles only; both with a text; in two languages; one with a text, the other a title only; both with a text
# of a whole article's length.
KINDS = ("bare", "full", "foreign", "mixed", "long")
PAIR = (
    "bias",
    "title",
    "lead",
    "body",
    "text",
    "phrases",
    "names",
    "keys",
    "numbers",
    "counts",
    "title cover",
    "text cover",
    "subject cover",
    "title contained",
    "mass",
    "strongest",
    "count",
    "length",
    "longer",
    "other subjects",
    "other counts",
    "other numbers",
    "days",
    "hours",
    "same source",
    "meaning",
    "meant",
    "senses",
    "sense cover",
    "links",
    "look-alike",
    "recount",
    "other title",
    "key mass",
    "sense mass",
)
STORY = (
    "bias",
    "best",
    "mean",
    "likely",
    "size",
    "title",
    "text",
    "names",
    "keys",
    "senses",
    "meaning",
    "meant",
    "length",
    "quiet",
    "age",
    "rival",
    "contested",
    "look-alike",
    "recount",
)
MERGE = (
    "bias",
    "title",
    "text",
    "names",
    "keys",
    "senses",
    "meaning",
    "meant",
    "smaller",
    "larger",
    "apart",
    "odds",
    "linked",
    "covered",
)

USUAL = 0.15  # share of articles that joined a story, from which the log-odds hold as they are
ASSUMED, BY = 0.5, 30  # share that is assumed in an empty window, and how many articles that counts for
LOWEST = -1.5  # log-odds: what does come twice among many single items must still be found


@dataclass(frozen=True, slots=True)
class Model:
    """Logistic models of two articles, of an article with a story, and of two stories.

    Each has one row of weights for each kind, with the columns named above.
    """

    pair: Floats
    story: Floats
    merge: Floats

    def pairs(self, columns: Floats, kinds: Ints) -> Floats:
        """Return the log-odds that two articles tell the same event; one row for each pair."""
        return np.asarray((columns * self.pair[kinds]).sum(axis=1), np.float64)

    def stories(self, columns: Floats, kinds: Ints) -> Floats:
        """Return the log-odds that an article belongs to a story; one row for each story."""
        return np.asarray((columns * self.story[kinds]).sum(axis=1), np.float64)

    def merged(self, row: Floats, kind: int) -> float:
        """Return the log-odds that two stories are one."""
        return float(self.merge[kind] @ row)


@cache
def default(*, encoded: bool = False) -> Model:
    """Return the packaged model; `encoded` for use with a sentence encoder.

    It is fitted by `tests/benchmarks/train_grouping.py`, which says with which arguments.
    """
    both = json.loads((files(__package__) / "data" / "grouping.json").read_text("utf-8"))
    raw = both["encoder" if encoded else "table"]
    return Model(rows(raw["pair"], PAIR), rows(raw["story"], STORY), rows(raw["merge"], MERGE))


def rows(raw: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> Floats:
    """Return one part of a model as it is kept, by kind and column, as a matrix."""
    return np.array([[raw[kind].get(column, 0.0) for column in columns] for kind in KINDS])


def rarity(articles: int, stories: int) -> float:
    """Return what is added to the log-odds that an article joins a story, from `LOWEST` to 0.

    `articles` are those of the window, copies left out, `stories` those that they form. The model is learned from
    streams in which most articles report an event that others report too. Where few do, as among the posts of many
    blogs, the same resemblance is more often a coincidence, so log-odds fall as the prior odds do (Saerens, Latinne and
    Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities").
    """
    joined = (articles - stories + ASSUMED * BY) / (articles + BY)
    return max(LOWEST, min(0.0, log(joined / (1.0 - joined)) - log(USUAL / (1.0 - USUAL))))


def likelihood(odds: Floats) -> Floats:
    """Turn log-odds into probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), np.float64)


def probability(odds: float) -> float:
    """Turn the log-odds of one decision into a probability, rounded to six digits."""
    return round(float(likelihood(np.array(odds))), 6)
