"""How many articles on different events are put into one story.

python -m tests.benchmarks.strangers ARCHIVE [--titles] [--among SET] with JSON lines {id, title, text?, time, lang?,
source?} of many months. Picks articles of which no two tell the same event: two of them share no word of their titles,
or lie weeks apart. All come within `DAYS` here, so what they have in common is what general news has: a name, a place,
a kind of event. Prints which share of them stands in a story with another, and those stories. With a SET as
`train_grouping` takes it, the reports of every third event of several are put among the articles, each later one a day
after the first, all within a month; printed is then also which share of the later reports is found.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from aggregator.stories.grouping.engine import Grouper
from tests.benchmarks.followups import DAYS as MONTH
from tests.benchmarks.followups import joined, reported
from tests.benchmarks.grouping import place
from tests.benchmarks.labelled import Stream, load
from tests.benchmarks.lines import EPOCH, read

APART = timedelta(days=21)  # articles with a word of their titles in common that lie so far apart tell different events
DAYS = 2  # within which all articles come
AFTER = 24.0  # hours between the first and later reports of an event that are put among them
_WORD = re.compile(r"\w{4,}")


def strangers(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return articles that all tell different events, with new times, in the order of these."""
    known: dict[str, list[datetime]] = defaultdict(list)  # when a word was in a title
    picked: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: _chance(row["id"])):
        time, words = datetime.fromisoformat(row["time"]), set(_WORD.findall(row["title"].casefold()))
        if not words or any(abs(time - other) < APART for word in words for other in known[word]):
            continue
        for word in words:
            known[word].append(time)
        moment = EPOCH + timedelta(days=DAYS * _chance(row["title"]))
        picked.append({**row, "time": moment.isoformat()})
    return sorted(picked, key=lambda row: (row["time"], row["id"]))


def _chance(text: str) -> float:
    """Return a number from 0 to 1 that depends on the text alone."""
    return int(md5(text.encode()).hexdigest()[:8], 16) / 16**8


def among(stream: Stream, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the reports of every third event of a stream and the articles, spread over the month of the events."""
    reports = reported(stream, AFTER)
    events = list(dict.fromkeys(stream.labels[row["id"]] for row in reports))
    kept = set(events[::3])
    slower = MONTH / DAYS
    spread = [
        {**row, "time": (EPOCH + (datetime.fromisoformat(row["time"]) - EPOCH) * slower).isoformat()} for row in rows
    ]
    both = [row for row in reports if stream.labels[row["id"]] in kept] + spread
    return sorted(both, key=lambda row: (row["time"], row["id"]))


def main() -> None:
    """Group the articles and print the stories of several."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("--titles", action="store_true", help="without the texts")
    parser.add_argument("--among", metavar="SET", help="with reports of these events")
    args = parser.parse_args()
    rows = strangers(read(args.archive))
    stream = load(args.among) if args.among else None
    labels = {row["id"]: row["id"] for row in rows} | dict(stream.labels if stream else {})
    if stream:
        rows = among(stream, rows)
    rows = [{**row, "text": "" if args.titles else row.get("text", "")} for row in rows]
    stories = {answer["id"]: answer["cluster"] for answer in place(rows, Grouper())}
    if stream:
        found = joined([row for row in rows if row["id"] in stream.labels], labels, stories)
        hits, later = (sum(part) for part in zip(*found.values(), strict=True))
        print(f"{hits / later:.3f} of {later} later reports are found")
    titles: dict[str, list[str]] = defaultdict(list)
    events: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        titles[stories[row["id"]]].append(row["title"])
        events[stories[row["id"]]].add(labels[row["id"]])
    together = [several for story, several in titles.items() if len(events[story]) > 1]
    for several in together:
        print("  ", " | ".join(several))
    print(f"{sum(map(len, together)) / len(rows):.3f} of {len(rows)} articles stand in a story with a stranger")


if __name__ == "__main__":
    main()
