"""Reports in the same forms of words: events lost as copies, copies that are found, stories that are right.

python -m tests.benchmarks.forms [--seed N] [--each N]
Prints the figures of `tests/support/forms.py`, a stream of other forms than any labelled set has.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass

from aggregator.stories.grouping.engine import Grouper
from tests.benchmarks.grouping import TIDY
from tests.benchmarks.lines import document
from tests.support.forms import reports


@dataclass(frozen=True)
class Figures:
    """`lost`: items taken for a copy of another event; `found` of `copies` true copies; precision, recall: B-cubed."""

    items: int
    lost: int
    found: int
    copies: int
    precision: float
    recall: float
    wrong: tuple[tuple[str, str], ...] = ()  # titles of articles that share a story and no event
    missed: tuple[str, ...] = ()  # titles of true copies that are not found

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def measure(rows: list[dict[str, str]], *, least: int = 0) -> Figures:
    """Group a stream and score it; `least` entries are decided between two tidyings, as many as a tick by default."""
    grouper = Grouper()
    home: dict[int, int] = {}
    story: dict[int, str] = {}
    for number, row in enumerate(rows):
        entry = document(row, number)
        decision = grouper.add(entry)
        home[number] = decision.article
        changed = [a for a, s in story.items() if s in decision.merged]
        story.update(dict.fromkeys([*changed, decision.article], decision.story))
        if number % (least or TIDY) == 0 or number == len(rows) - 1:
            story.update({m.article: m.to_story for m in grouper.tidy(entry.arrived)})
    articles: dict[int, list[int]] = defaultdict(list)
    for entry_id, article in home.items():
        articles[article].append(entry_id)
    lost = sum(len(a) - max(Counter(rows[e]["group"] for e in a).values()) for a in articles.values())
    copies = [e for e, row in enumerate(rows) if row["kind"] == "copy"]
    alone = [e for e in copies if all(o == e or rows[o]["group"] != rows[e]["group"] for o in articles[home[e]])]
    stories: dict[str, list[int]] = defaultdict(list)
    events: dict[str, list[int]] = defaultdict(list)
    for e, article in home.items():
        stories[story[article]].append(e)
        events[rows[e]["cluster"]].append(e)
    sides = [(stories[story[home[e]]], events[rows[e]["cluster"]]) for e in home]
    both = [len(set(a) & set(b)) for a, b in sides]
    precision = sum(n / len(a) for n, (a, _) in zip(both, sides, strict=True)) / len(rows)
    recall = sum(n / len(b) for n, (_, b) in zip(both, sides, strict=True)) / len(rows)
    wrong = [
        (rows[a[0]]["title"], rows[e]["title"])
        for a in stories.values()
        for e in a[1:]
        if rows[e]["cluster"] != rows[a[0]]["cluster"]
    ]
    missed = tuple(rows[e]["title"] for e in alone)
    return Figures(len(rows), lost, len(copies) - len(alone), len(copies), precision, recall, tuple(wrong), missed)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=45, help="events of each form")
    args = parser.parse_args()
    found = measure(list(reports(args.seed, args.each)))
    print(
        f"{found.items} items: lost as copies {found.lost}; true copies found {found.found} of {found.copies}; "
        f"stories precision {found.precision:.3f} recall {found.recall:.3f} F1 {found.f1:.3f}"
    )
    for one, other in found.wrong:
        print(f"one story: {one} | {other}")
    for title in found.missed:
        print(f"copy not found: {title}")


if __name__ == "__main__":
    main()
