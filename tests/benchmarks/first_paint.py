"""How soon pages are painted: first contentful paint in Chromium over loopback, and the bytes that were sent.

    python -m tests.benchmarks.first_paint [--entries 5000] [--editions 100] [--rounds 5]

The database is that of `tests.benchmarks.pages`. Prints milliseconds of the rounds (the style sheet and the script come
from the browser's cache after the first): the median until the paint, its two parts, until the last byte of the page
and after it, and the longest; then the kilobytes sent, and how many requests block the paint. The bar is 200 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store.editions import editions as edition_store
from aggregator.system.clock import ManualClock
from tests.benchmarks.pages import prepare
from tests.support.chromium import Page, chromium
from tests.support.managing import served
from tests.support.stored import NOW

MOST_MS = 200.0
_PAINT = """new Promise(done => new PerformanceObserver(list => {
  const found = list.getEntriesByName('first-contentful-paint')[0];
  const page = performance.getEntriesByType('navigation')[0];
  const blocking = performance.getEntriesByType('resource').filter(one => one.renderBlockingStatus === 'blocking');
  if (found) done([found.startTime, page.responseEnd, page.transferSize, blocking.length]);
}).observe({type: 'paint', buffered: true}))"""


def measure(page: Page, base: str, paths: list[str], rounds: int) -> bool:
    """Print a line for each page; return whether all medians are within the bar."""
    fine = True
    print(f"{'page':32} {'median':>7} {'server':>7} {'browser':>7} {'longest':>7} {'kB':>6} {'blocking':>8}")
    for path in paths:
        found = []
        for _ in range(rounds + 1):
            page.show(base + path, 1280, 900)
            found.append(page.run(_PAINT))
        times = [one[0] for one in found[1:]]
        median, server = statistics.median(times), statistics.median(one[1] for one in found[1:])
        drawn = statistics.median(one[0] - one[1] for one in found[1:])
        fine = fine and median <= MOST_MS
        kilobytes, blocking = max(one[2] for one in found) / 1000, max(one[3] for one in found)
        bad = "" if median <= MOST_MS else "  !"
        parts = f"{median:7.0f} {server:7.0f} {drawn:7.0f} {max(times):7.0f} {kilobytes:6.1f} {blocking:8}"
        print(f"{path[:32]:32} {parts}{bad}", flush=True)
    return fine


async def run(folder: Path, rounds: int) -> bool:
    """Serve the pages and measure them."""
    program = Program.open(load(folder / "config.toml"), ManualClock(NOW))
    try:
        edition = edition_store.editions(program.db, "bench", 1)[0].id
        story = program.editions.edition(edition).items[0].story
        paths = ["/", f"/editions/{edition}", f"/stories/{story}", "/search?q=harbour", "/topics", "/saved"]
        async with served(program) as base:
            with chromium() as page:
                return await asyncio.to_thread(measure, page, base, paths, rounds)
    finally:
        await program.aclose()
        program.close()


def main() -> int:
    """Read the arguments and run. Returns 1 if a page is over the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=5_000)
    parser.add_argument("--editions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), chosen.entries, chosen.editions)
        return 0 if asyncio.run(run(Path(folder), chosen.rounds)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
