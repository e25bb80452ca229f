"""What one arriving entry costs as the window grows, and how fast that cost grows.

python -m tests.benchmarks.grouping_growth DOCS.jsonl[.gz] [SIZE …] Fills the window with the documents, again and again
with longer words of their own so that they stay different texts of different events, and times 300 arrivals at each
size (1,000, 10,000 and 100,000 unless given). The peer is the bar: 500 entries a second of processor time on one core,
and a cost that grows by less than the 0.3rd power of the window.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import replace
from datetime import timedelta
from math import log

from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Action, Document, Placed
from tests.benchmarks.lines import EPOCH, document, read

TIMED = 300
BATCH = 500  # entries between two tidyings, as the daemon groups them
_WORD = re.compile(r"\b([^\W\d_]{5,})\b")


def renamed(one: Document, number: int, turn: int) -> Document:
    """Return the document as another event: all but its small words are others, and so is its key."""

    def other(found: re.Match[str]) -> str:
        return found.group(1) + ("" if turn == 0 else chr(97 + turn % 26) + chr(97 + turn // 26 % 26))

    return replace(
        one,
        entry=number,
        title=_WORD.sub(other, one.title),
        text=_WORD.sub(other, one.text),
        arrived=EPOCH + timedelta(seconds=10 * number),
    )


def _restart(grouper: Grouper, number: int) -> None:
    """Print what it costs to take up the window from what was kept of it."""
    kept = grouper.readings(range(number))
    bare = Document(0, "", "", EPOCH, "s")
    placed = [Placed(replace(bare, entry=entry), entry, str(entry), reading) for entry, reading in kept.items()]
    started = time.process_time()
    Grouper().restore(placed)
    spent = time.process_time() - started
    size = sum(map(len, kept.values())) / len(kept)
    print(f"a restart reads {len(kept)} articles in {spent:.1f} s of processor time, from {size:.0f} bytes each")


def main() -> None:
    """Print entries a second at each size, then the exponent."""
    rows = [document(row, k) for k, row in enumerate(read(sys.argv[1]))]
    sizes = [int(size) for size in sys.argv[2:]] or [1_000, 10_000, 100_000]
    grouper, number, costs = Grouper(), 0, []
    for size in sizes:
        while number < size:
            grouper.add(renamed(rows[number % len(rows)], number, number // len(rows)))
            number += 1
            if number % BATCH == 0:
                grouper.tidy(EPOCH + timedelta(seconds=10 * number))
        grouper.tidy(EPOCH + timedelta(seconds=10 * number))
        arriving = [renamed(rows[k % len(rows)], k, k // len(rows)) for k in range(number, number + TIMED)]
        started = time.process_time()
        decided = [grouper.add(one) for one in arriving]
        number += TIMED
        grouper.tidy(EPOCH + timedelta(seconds=10 * number))
        costs.append((time.process_time() - started) / TIMED)
        opened = sum(d.action is Action.OPENS for d in decided) / TIMED
        print(
            (
                f"{opened:.0%} opened a story; {size} in the window: {1 / costs[-1]:.0f} entries a second of "
                "processor time; bar 500"
            ),
            flush=True,
        )
    _restart(grouper, number)
    if len(sizes) > 1:
        exponent = log(costs[-1] / costs[0]) / log(sizes[-1] / sizes[0])
        print(f"the cost of one grows as n^{exponent:.2f}; bar 0.30")


if __name__ == "__main__":
    main()
