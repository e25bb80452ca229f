"""Learns the weights of a story's importance from news whose front page is known.

    python -m tests.benchmarks.train_importance DOCS.jsonl[.gz] GOLD.jsonl[.gz] FOLDER [--items DOCS GOLD] [--write]

FOLDER holds the database into which the program fetches the documents day by day (`front_days`); it is made in a few
minutes where it does not exist. Each row of DOCS has id, url, source, time, title and text; of GOLD: id and topics, of
which `general` is the front page. A story counts as front page when one of its articles stood there. `--items` are
more labelled articles, of other weeks and not of whole days: each counts as a story of one outlet. The weights are
those of a logistic regression that is pulled towards `PRIOR`, what an editor would say without any data, and never
changes the sign that the kind of a measure has: reach raises, softness lowers.

Prints how many of the first ten were on the front page, of all stories of a day and of its edition, by week, with
weights learned without that week (with `--items`, without the items of the weeks of the days either), and every weight
beside its prior; `--write` stores the weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from aggregator.stories.profile.nearest import nearest
from aggregator.stories.profile.terms import main_terms
from aggregator.stories.profile.topics import SURE, Classifier
from digests.choose import as_of
from digests.model import Match, Source, Story
from digests.model import outlets as count_outlets
from digests.ranking import importance, vocabulary
from tests.benchmarks.front_days import FRONT, HARD, Labels, editions, mornings, rows, stored_stories
from tests.benchmarks.lines import document

PULL, PULL_COUNTS = 20.0, 0.5  # strength of the prior, and of that of the measures of how many report it
ROUNDS = 40
WEEK = 7
OUTLETS = 0.4  # points of eight outlets: sets the scale of all weights
FORMS = {
    "offer": -2.0,
    "sponsored": -2.0,
    "quiz": -1.5,
    "list": -1.0,
    "opinion": -1.0,
    "analysis": -0.3,
    "live": -0.2,
    "briefing": -0.5,
    "review": -0.7,
    "fixture": -0.6,
    "result": -0.3,
    "obituary": -0.3,
}
TOPICS = {
    "World": 0.5,
    "Politics": 0.5,
    "Incidents": 0.2,
    "Business": 0.2,
    "Technology": -0.2,
    "Science": -0.3,
    "Health": -0.3,
    "Environment": 0.1,
    "Culture": -0.3,
    "Sport": -0.3,
}
PRIOR = {
    "outlets": 4.0,
    "again": 0.5,
    "speed": 0.25,
    "theme": 0.2,
    "articles": 0.5,
    "teaser": -0.5,
    **{
        f"reach:{g}" if g in importance.REACH else f"soft:{g}": 0.3 if g in importance.REACH else -0.4
        for g in vocabulary.groups()
    },
    **{f"form:{name}": value for name, value in FORMS.items()},
    **{f"topic:{name}": value for name, value in TOPICS.items()},
}
NAMES = tuple(PRIOR)
NOT_LEARNED = ("speed",)  # the documents do not say when each outlet published
COUNTS = ("outlets", "articles")
OF_DAYS = (*COUNTS, "again", "theme")  # what is unknown of items that are not of whole days
SIGNS = np.array([0 if name.startswith("topic:") else np.sign(value) for name, value in PRIOR.items()])


@dataclass(frozen=True)
class Day:
    """The stories of a day as they were for its edition, their measures, and which of them were on the front page."""

    at: date
    stories: list[Story]
    measured: np.ndarray
    front: np.ndarray


def days_of(stories: Sequence[Story], labels: Labels) -> Iterator[Day]:
    """Yield each day with the stories that have an article of its last 24 hours."""
    for now in mornings(min(s.first for s in stories), max(s.last for s in stories)):
        seen = [one for story in stories if (one := as_of(story, now)) and one.last > now - timedelta(days=1)]
        around = importance.surroundings(seen)
        front = np.array([labels.among(story, FRONT) for story in seen], float)
        yield Day(now.date(), seen, columns([importance.measures(story, around) for story in seen]), front)


def columns(said: Sequence[Mapping[str, float]]) -> np.ndarray:
    """Return the measures of stories as rows."""
    return np.array([[one.get(name, 0.0) for name in NAMES] for one in said])


def points(weights: np.ndarray) -> np.ndarray:
    """Return the points of log odds."""
    return weights * OUTLETS / weights[NAMES.index("outlets")]


def measured_items(docs: Path, gold: Path, without: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the measures of labelled articles, each a story among those of its week, and which were on the front page.

    Articles of `without` and of the weeks in which these were published are left out.
    """
    classifier = Classifier()
    front = {row["id"]: "general" in row["topics"] for row in rows(gold)}
    weeks: dict[date, list[Story]] = {}
    closed: set[date] = set()
    for number, row in enumerate(rows(docs)):
        doc = document(row, number)
        week = doc.arrived.date() - timedelta(days=doc.arrived.weekday())
        if row["id"] in without:
            closed.add(week)
        source = Source(
            number,
            doc.source or str(number),
            doc.title,
            doc.text,
            doc.arrived,
            url=row.get("url"),
            language=doc.language,
        )
        weeks.setdefault(week, []).append(
            Story(row["id"], (source,), doc.arrived, doc.arrived, topics_of(source, classifier),
                  terms=main_terms(doc.title, doc.text, doc.language), language=doc.language)
        )  # fmt: skip
    said, known = [], []
    for week, stories in weeks.items():
        around = importance.surroundings(stories)
        if week not in closed:
            said += [importance.measures(story, around) for story in stories]
            known += [front[story.id] for story in stories]
    measured = columns(said)
    measured[:, [NAMES.index(name) for name in OF_DAYS]] = 0.0
    return measured, np.array(known, float)


def topics_of(source: Source, classifier: Classifier) -> tuple[Match, ...]:
    """Return the topics that the program gives a story of one article."""
    ranked = classifier.rank(source.title, source.text, source.language, url=source.url or "")
    sure = tuple(Match(one.name, one.score) for one in ranked if one.score >= SURE)
    near = nearest({one.name: one.score for one in ranked}, source.title, source.text, source.language)
    return sure or ((Match(*near),) if near else ())


def learn(measured: np.ndarray, front: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return the weights by coordinate ascent on the penalized likelihood; each `kind` of rows has a base rate."""
    prior = np.array([PRIOR[name] for name in NAMES])
    pull = np.array([PULL_COUNTS if name in COUNTS else PULL for name in NAMES])
    pull[[NAMES.index(name) for name in NOT_LEARNED]] = 1e9
    weights = prior.copy()
    logits = measured @ weights
    for _ in range(ROUNDS):
        for one in np.unique(kind):
            mine = kind == one
            for _ in range(3):
                chance = 1 / (1 + np.exp(-logits[mine]))
                logits[mine] += (front[mine] - chance).sum() / (chance * (1 - chance)).sum()
        for k, sign in enumerate(SIGNS):
            chance = 1 / (1 + np.exp(-logits))
            slope = measured[:, k] @ (front - chance) - pull[k] * (weights[k] - prior[k])
            bend = (measured[:, k] ** 2) @ (chance * (1 - chance)) + pull[k]
            weight = weights[k] + slope / bend
            weight = weight if not sign or weight * sign > 0 else 0.0
            logits += measured[:, k] * (weight - weights[k])
            weights[k] = weight
    return weights


def first_ten(scores: np.ndarray, days: Sequence[Day]) -> list[float]:
    """Return how many of the ten best of each day stood on the front page."""
    ends = np.cumsum([len(day.front) for day in days])[:-1]
    best = (np.argsort(-own, kind="stable")[:10] for own in np.split(scores, ends))
    return [float(day.front[ten].sum()) for ten, day in zip(best, days, strict=True)]


def by_week(counts: Sequence[float]) -> str:
    """Return the mean of counts by day, and of each week."""
    weeks = [counts[start : start + WEEK] for start in range(0, len(counts), WEEK)]
    return f"{np.mean(counts):.2f} ({', '.join(f'{np.mean(week):.2f}' for week in weeks)})"


class Learner:
    """Learns weights from days and from items."""

    def __init__(self, days: Sequence[Day], items: np.ndarray, labels: np.ndarray) -> None:
        self._days, self._items, self._labels = days, items, labels

    def weights(self, without: int | None = None) -> np.ndarray:
        """Return the log odds learned from all days, or from those of the other weeks."""
        days = [day for number, day in enumerate(self._days) if number // WEEK != without]
        front = np.concatenate([*(day.front for day in days), self._labels])
        kind = np.repeat([0, 1], [len(front) - len(self._labels), len(self._labels)])
        return learn(np.vstack([*(day.measured for day in days), self._items]), front, kind)


def judge_editions(stories: Sequence[Story], labels: Labels, points_of: Mapping[date, np.ndarray]) -> None:
    """Print how many of the first stories of the editions are where a news service showed its main news."""
    front, hard, by_outlets, sizes = [], [], [], []
    for _, picks in editions(stories, lambda day: dict(zip(NAMES, points_of[day], strict=True))):
        ranked = sorted(picks, key=lambda pick: -count_outlets(pick.story.sources))
        front.append(sum(labels.among(pick.story, FRONT) for pick in picks[:10]))
        by_outlets.append(sum(labels.among(pick.story, FRONT) for pick in ranked[:10]))
        hard.append(sum(labels.among(pick.story, HARD) for pick in picks[:5]))
        sizes.append(len(picks))
    print(f"  {np.mean(sizes):.1f} stories; first ten {by_week(front)}, by outlets {by_week(by_outlets)}", end="; ")
    print(f"first five {by_week(hard)}", flush=True)


def main() -> None:
    """Learn, judge and print or store the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=Path, nargs=2, metavar=("DOCS", "GOLD"), help="more labelled articles")
    parser.add_argument("--write", action="store_true", help="store the weights in the package")
    options = parser.parse_args()
    labels = Labels(options.docs, options.gold)
    stories = stored_stories(options.docs, options.folder)
    days = list(days_of(stories, labels))
    nothing = np.empty((0, len(NAMES))), np.empty(0)
    learner = Learner(days, *(measured_items(*options.items, labels.ids) if options.items else nothing))
    judge(days, stories, labels, learner)
    weights = learner.weights()
    learned = points(weights)
    for name, point, weight in zip(NAMES, learned, weights, strict=True):
        print(f"{name:20} {point:+.4f}   log odds {weight:+.2f}, prior {PRIOR[name]:+.2f}")
    if options.write:
        head = (
            "# Points of each measure of a story's importance (see importance.py), learned by "
            "tests/benchmarks/train_importance.py.\n"
        )
        lines = "".join(f"{name} {point:.4f}\n" for name, point in zip(NAMES, learned, strict=True))
        (Path(importance.__file__).parent / "data" / "importance.txt").write_text(head + lines, "utf-8")


def judge(days: Sequence[Day], stories: Sequence[Story], labels: Labels, learner: Learner) -> None:
    """Print the figures of weights that were learned without the week."""
    without = [learner.weights(number) for number in range(1 + (len(days) - 1) // WEEK)]
    of_days = [without[number // WEEK] for number in range(len(days))]
    scores = [day.measured @ own for day, own in zip(days, of_days, strict=True)]
    counted = [day.measured[:, NAMES.index("outlets")] for day in days]
    print(f"{len(days)} days; of the first ten on the front page (by week), learned without the week:")
    print(f"  all stories {by_week(first_ten(np.concatenate(scores), days))}", end=", ")
    print(f"by outlets {by_week(first_ten(np.concatenate(counted), days))}")
    print("editions, learned without the week:")
    judge_editions(stories, labels, {day.at: points(own) for day, own in zip(days, of_days, strict=True)})
    print("editions, with the weights of the package:")
    shipped = np.array([importance.weights().get(name, 0.0) for name in NAMES])
    judge_editions(stories, labels, {day.at: shipped for day in days})


if __name__ == "__main__":
    main()
