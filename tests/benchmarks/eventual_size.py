"""Predicts from a story's first two hours how many more reports it gets in the next 24.

    python -m tests.benchmarks.eventual_size DOCS.jsonl[.gz] GOLD.jsonl[.gz]

DOCS (id, title, time; text, lang, source where known) and GOLD (id, cluster) are a labelled stream with real times. The
stories of one UTC day are ranked as they were two hours after their first report. Prints nDCG@10, the mean over the
days with at least ten stories of which one goes on, with the logarithm of the later reports as gain: by importance, by
outlets so far alone, and the mean of all orders (chance). An article without a source counts as an outlet of its own.
The target is that importance is not worse than outlets alone.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import log2

from aggregator.stories.profile.terms import main_terms
from aggregator.stories.profile.topics import Classifier
from digests.model import Match, Source, Story
from digests.ranking import importance
from tests.benchmarks.lines import document, read

SEEN, AFTER, BEFORE = timedelta(hours=2), timedelta(hours=24), timedelta(hours=24)
BEST, FEWEST = 10, 10


def sources_of(docs: str) -> dict[str, Source]:
    """Return the articles by id."""
    found = {}
    for number, row in enumerate(read(docs)):
        doc = document(row, number)
        outlet = doc.source or str(number)
        found[str(row["id"])] = Source(number, outlet, doc.title, doc.text, doc.arrived, language=doc.language)
    return found


class Past:
    """The stories of a labelled stream as they were at a time."""

    def __init__(self, clusters: Mapping[str, Sequence[Source]]) -> None:
        self._clusters = clusters
        self._classifier = Classifier()

    def story(self, name: str, until: datetime) -> Story:
        """Return a story with the articles that had arrived."""
        seen = tuple(one for one in self._clusters[name] if one.arrived <= until)
        first = seen[0]
        topics = self._classifier.classify(first.title, first.text, first.language)
        return Story(
            name, seen, first.arrived, seen[-1].arrived,
            topics=tuple(Match(one.name, one.score) for one in topics),
            terms=main_terms(first.title, first.text, first.language), language=first.language,
        )  # fmt: skip

    def around(self, until: datetime) -> importance.Surroundings:
        """Return what the stories of the last 24 hours have in common."""
        names = (
            name for name, own in self._clusters.items() if any(until - BEFORE < one.arrived <= until for one in own)
        )
        return importance.surroundings([self.story(name, until) for name in names])


def ndcg(scores: Sequence[float], gains: Sequence[float]) -> float:
    """Return the discounted gain of the ten best by score, as a share of the best possible; equal scores share it."""
    discounts = [1 / log2(place + 2) if place < BEST else 0.0 for place in range(len(scores))]
    ranked = sorted(range(len(scores)), key=lambda i: -scores[i])
    total, place = 0.0, 0
    while place < len(ranked):
        tied = [i for i in ranked if scores[i] == scores[ranked[place]]]
        share = sum(discounts[place : place + len(tied)]) / len(tied)
        total += share * sum(gains[i] for i in tied)
        place += len(tied)
    best = sum(gain * discount for gain, discount in zip(sorted(gains, reverse=True), discounts, strict=True))
    return total / best


def mean(values: Iterable[float]) -> float:
    """Return the mean; 0 of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def main() -> None:
    """Rank the stories of each day and print how good the orders are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs")
    parser.add_argument("gold")
    options = parser.parse_args()
    articles = sources_of(options.docs)
    clusters: defaultdict[str, list[Source]] = defaultdict(list)
    for row in read(options.gold):
        clusters[str(row["cluster"])].append(articles[str(row["id"])])
    for own in clusters.values():
        own.sort(key=lambda one: (one.arrived, one.article))
    past = Past(clusters)
    by_day: defaultdict[date, list[str]] = defaultdict(list)
    for name, own in clusters.items():
        by_day[own[0].arrived.date()].append(name)
    found: list[tuple[float, float, float]] = []
    for names in by_day.values():
        gains, weighed, counted = [], [], []
        for name in names:
            until = clusters[name][0].arrived + SEEN
            said = importance.measures(past.story(name, until), past.around(until))
            gains.append(log2(1 + sum(until < one.arrived <= until + AFTER for one in clusters[name])))
            weighed.append(sum(importance.parts(said).values()))
            counted.append(said["outlets"])
        if len(names) >= FEWEST and any(gains):
            found.append((ndcg(weighed, gains), ndcg(counted, gains), ndcg([0.0] * len(gains), gains)))
    ours, outlets, chance = (mean(column) for column in zip(*found, strict=True))
    print(f"{len(found)} days, nDCG@{BEST}: importance {ours:.3f}, outlets so far {outlets:.3f}, chance {chance:.3f}")


if __name__ == "__main__":
    main()
