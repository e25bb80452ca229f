"""How many articles on different events are put into one story.

python -m tests.benchmarks.strangers ARCHIVE [--titles] with JSON lines {id, title, text?, time, lang?, source?} of many
months. Picks articles of which no two tell the same event: two of them share no word of their titles, or lie weeks
apart. All come within `DAYS` here, so what they have in common is what general news has: a name, a place, a kind of
event. Prints which share of them stands in a story with another, and those stories.
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
from tests.benchmarks.grouping import place
from tests.benchmarks.lines import EPOCH, read

APART = timedelta(days=21)  # articles with a word of their titles in common that lie so far apart tell different events
DAYS = 2  # within which all articles come
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


def main() -> None:
    """Group the articles and print the stories of several."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("--titles", action="store_true", help="without the texts")
    args = parser.parse_args()
    rows = [{**row, "text": "" if args.titles else row.get("text", "")} for row in strangers(read(args.archive))]
    titles: dict[str, list[str]] = defaultdict(list)
    stories = {answer["id"]: answer["cluster"] for answer in place(rows, Grouper())}
    for row in rows:
        titles[stories[row["id"]]].append(row["title"])
    together = [several for several in titles.values() if len(several) > 1]
    for several in together:
        print("  ", " | ".join(several))
    print(f"{sum(map(len, together)) / len(rows):.3f} of {len(rows)} articles stand in a story with a stranger")


if __name__ == "__main__":
    main()
