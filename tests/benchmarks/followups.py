"""Whether later reports of other outlets join the story of their event.

python -m tests.benchmarks.followups SET [--hours 0 24 48] [--titles] with a SET as `train_grouping` takes it. The first
reports of all events are spread over `DAYS`; every further report of an event is published some hours after the first.
Events with one report are left out. Prints which share of the later reports is in a story with an earlier report of
their event, by language too.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from aggregator.stories.grouping.engine import Grouper
from tests.benchmarks.grouping import place
from tests.benchmarks.labelled import Stream, bcubed, load
from tests.benchmarks.lines import EPOCH

DAYS = 30  # over which the first reports are spread
WITHIN = 4.0  # hours at most that reports are apart besides


def reported(stream: Stream, hours: float) -> list[dict[str, Any]]:
    """Return the reports of events with several, each later one `hours` after the first of its event."""
    sizes = Counter(stream.labels[row["id"]] for row in stream.rows)
    rows = [row for row in stream.rows if sizes[stream.labels[row["id"]]] > 1]
    events = list(dict.fromkeys(stream.labels[row["id"]] for row in rows))
    first = {event: timedelta(days=DAYS * k / len(events)) for k, event in enumerate(events)}
    seen: set[str] = set()
    out = []
    for row in rows:
        event = stream.labels[row["id"]]
        after = timedelta(hours=Random(row["id"]).uniform(0.0, WITHIN) + (hours if event in seen else 0.0))
        seen.add(event)
        out.append({**row, "time": (EPOCH + first[event] + after).isoformat()})
    return sorted(out, key=lambda row: (row["time"], row["id"]))


def joined(
    rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], story: Mapping[str, str]
) -> dict[str, tuple[int, int]]:
    """Return by language how many later reports are with an earlier one of their event, and how many there are."""
    before: dict[str, set[str]] = defaultdict(set)
    found: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for row in rows:
        known = before[labels[row["id"]]]
        if known:
            later[row["lang"]] += 1
            found[row["lang"]] += story[row["id"]] in known
        known.add(story[row["id"]])
    return {language: (found[language], many) for language, many in sorted(later.items())}


def main() -> None:
    """Group the reports at each lag and print what joined."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("--hours", nargs="+", type=float, default=[0.0, 24.0, 48.0])
    parser.add_argument("--titles", action="store_true", help="without the texts")
    args = parser.parse_args()
    stream = load(args.set)
    if args.titles:
        stream = replace(stream.titles(), name=stream.name)
    for hours in args.hours:
        rows = reported(stream, hours)
        story = {line["id"]: line["cluster"] for line in place(rows, Grouper())}
        found = joined(rows, stream.labels, story)
        hits, all_later = (sum(part) for part in zip(*found.values(), strict=True))
        gold = [stream.labels[row["id"]] for row in rows]
        precision, _, f1 = bcubed(gold, [story[row["id"]] for row in rows])
        by_language = " ".join(f"{language} {hit}/{many}" for language, (hit, many) in found.items())
        print(
            f"{hours:g} h later: joined {hits / all_later:.3f} of {all_later}, precision {precision:.3f}, F1 {f1:.4f}; "
            f"{by_language}",
            flush=True,
        )


if __name__ == "__main__":
    main()
