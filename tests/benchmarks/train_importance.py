"""Learns the weights of a story's importance from news whose front page is known.

    python -m tests.benchmarks.train_importance DOCS.jsonl[.gz] GOLD.jsonl[.gz] DATABASE [--items DOCS GOLD] [--write]

DATABASE is one into which the program fetched the documents day by day (each row of DOCS: id, url; of GOLD: id and
topics, of which `general` is the front page). A story counts as front page when one of its articles stood there.
`--items` are more labelled articles, of other weeks and not of whole days: each counts as a story of one outlet. The
weights are those of a logistic regression that is pulled towards `PRIOR`, what an editor would say without any data,
and never changes the sign that the kind of a measure has: reach raises, softness lowers. Prints for each week how many
of the first ten of a day stood on the front page, learned without that week (with `--items`, without the items of the
days either), and every weight beside its prior; `--write` stores them.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from aggregator.store.database import Database
from aggregator.store.stories import stories as story_store
from aggregator.stories.profile.nearest import nearest
from aggregator.stories.profile.terms import main_terms
from aggregator.stories.profile.topics import SURE, Classifier
from digests.choose import as_of
from digests.model import Match, Source, Story
from digests.ranking import importance, vocabulary
from tests.benchmarks.lines import document

HOUR = 7  # of the day, at which an edition is composed
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
OF_DAYS = ("outlets", "articles", "theme")  # what is unknown of items that are not of whole days
SIGNS = np.array([0 if name.startswith("topic:") else np.sign(value) for name, value in PRIOR.items()])


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def days_of(stories: list[Story]) -> Iterator[list[Story]]:
    """Yield the stories of each day as they were for its edition, those with an article of its last 24 hours."""
    first, last = min(s.first for s in stories), max(s.last for s in stories)
    now = datetime.combine(first.date(), time(HOUR), UTC)
    while now <= last + timedelta(days=1):
        seen = [one for story in stories if (one := as_of(story, now)) and one.last > now - timedelta(days=1)]
        if seen:
            yield seen
        now += timedelta(days=1)


def measured_items(docs: Path, gold: Path, without: set[str]) -> tuple[np.ndarray, np.ndarray]:
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
    columns = np.array([[one.get(name, 0.0) for name in NAMES] for one in said])
    columns[:, [NAMES.index(name) for name in OF_DAYS]] = 0.0
    return columns, np.array(known, float)


def topics_of(source: Source, classifier: Classifier) -> tuple[Match, ...]:
    """Return the topics that the program gives a story of one article."""
    ranked = classifier.rank(source.title, source.text, source.language, url=source.url or "")
    sure = tuple(Match(one.name, one.score) for one in ranked if one.score >= SURE)
    near = nearest({one.name: one.score for one in ranked}, source.title, source.text, source.language)
    return sure or ((Match(*near),) if near else ())


def learn(measured: np.ndarray, front: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return the weights by coordinate ascent on the penalized likelihood; each `kind` of rows has a base rate."""
    prior = np.array([PRIOR[name] for name in NAMES])
    pull = np.array([PULL_COUNTS if name in ("outlets", "articles") else PULL for name in NAMES])
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


def first_ten(scores: np.ndarray, front: np.ndarray, day: np.ndarray) -> float:
    """Return how many of the ten best of a day stood on the front page, the mean over the days."""
    counts = []
    for one in np.unique(day):
        mine = np.flatnonzero(day == one)
        counts.append(front[mine[np.argsort(-scores[mine], kind="stable")[:10]]].sum())
    return float(np.mean(counts))


def main() -> None:
    """Learn, judge and print or store the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", type=Path)
    parser.add_argument("gold", type=Path)
    parser.add_argument("database", type=Path)
    parser.add_argument("--items", type=Path, nargs=2, metavar=("DOCS", "GOLD"), help="more labelled articles")
    parser.add_argument("--write", action="store_true", help="store the weights in the package")
    options = parser.parse_args()
    ids = {row.get("url"): row["id"] for row in rows(options.docs)}
    general = {row["id"] for row in rows(options.gold) if "general" in row["topics"]}
    days = list(days_of(story_store.stories(Database.open(f"sqlite:///{options.database}"))))
    said = [
        importance.measures(story, window) for day in days for window in [importance.surroundings(day)] for story in day
    ]
    measured = np.array([[one.get(name, 0.0) for name in NAMES] for one in said])
    front = np.array([any(ids.get(s.url) in general for s in story.sources) for day in days for story in day], float)
    day = np.array([number for number, stories in enumerate(days) for _ in stories])
    items, labels = (
        measured_items(options.items[0], options.items[1], set(ids.values()))
        if options.items
        else (measured[:0], front[:0])
    )

    def learned(mine: np.ndarray) -> np.ndarray:
        kind = np.repeat([0, 1], [mine.sum(), len(labels)])
        return learn(np.vstack([measured[mine], items]), np.concatenate([front[mine], labels]), kind)

    week, scores = day // WEEK, np.empty(len(front))
    for one in np.unique(week):
        scores[week == one] = measured[week == one] @ learned(week != one)
    counted = measured[:, NAMES.index("outlets")]
    print(
        f"{len(days)} days, {len(labels)} items; of the first ten on the front page: by number of outlets "
        f"{first_ten(counted, front, day):.2f}, learned without the week {first_ten(scores, front, day):.2f}; weeks: "
        + ", ".join(f"{first_ten(scores[w], front[w], day[w]):.2f}" for w in (week == one for one in np.unique(week)))
    )
    weights = learned(day >= 0)
    points = weights * OUTLETS / weights[NAMES.index("outlets")]
    for name, point, weight in zip(NAMES, points, weights, strict=True):
        print(f"{name:20} {point:+.4f}   log odds {weight:+.2f}, prior {PRIOR[name]:+.2f}")
    if options.write:
        head = (
            "# Points of each measure of a story's importance (see importance.py), learned by "
            "tests/benchmarks/train_importance.py.\n"
        )
        lines = "".join(f"{name} {point:.4f}\n" for name, point in zip(NAMES, points, strict=True))
        (Path(importance.__file__).parent / "data" / "importance.txt").write_text(head + lines, "utf-8")


if __name__ == "__main__":
    main()
