"""Our program beside other readers and bare floors, in one run of a bench that lies outside this repository.

    python -m tests.benchmarks.fetch --bench DIR [--contestants ours,newsboat-16,…] [--sizes 500] [--scenarios s123,s4]
    [--reps 1]

DIR holds a `run.py` that serves feeds on loopback, lets each contestant refresh them and writes a JSON line a refresh;
it takes any program that a JSON file named by OURS describes. `--python` is an interpreter with what that bench needs,
`--program` one with our program as it is installed (what else lies beside it costs time, as httpx imports what it
finds). Prints a table for each scenario: seconds by the clock and of processor time, the ratios to the floor and to the
fastest reader, memory, entries, answers; then each bar with what was reached.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTESTANTS = "ours,newsboat-16,sfeed-8,reader-16,rss2email,floor-httpx-fast"
FLOOR = "floor-httpx-fast"
TITLES = {
    "s1": "S1, first fetch",
    "s2": "S2, again, nothing changed",
    "s3": "S3, again, 10 % of the feeds with 3 new entries",
    "s4": "S4, first fetch, 200 ms away, 5 % of the feeds hanging",
}
CONFIG = """[storage]
url = "sqlite:///data.db"
[fetch]
allow_private = true
timeout = "10s"
per_host = 8
full_text = "never"
[[opml]]
file = {opml}
[[digest]]
name = "daily"
schedule = "0 7 * * *"
to = ["folder:out"]
"""
COUNT = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select count(*) from entry').fetchone()[0])"


@dataclass(frozen=True)
class Row:
    """Medians of one contestant in one scenario."""

    name: str
    wall: float
    processor: float
    memory: float
    entries: int
    answers: str


def description(interpreter: str) -> dict[str, Any]:
    """Our program as the bench takes it: how to subscribe, refresh and count in the folder `{dir}`."""
    program = [interpreter, "-m", "aggregator", "-q", "--config", "{dir}/config.toml"]
    return {
        "name": "ours",
        "parallel": "asyncio, one parse process",
        "import": [sys.executable, str(Path(__file__).resolve()), "--subscribe", "{dir}", "{opml}"],
        "refresh": [*program, "fetch"],
        "entries": [sys.executable, "-c", COUNT, "{dir}/data.db"],
        "db": ["data.db*"],
    }


def subscribe(folder: str, opml: str) -> None:
    """Write the configuration that the measured command reads."""
    (Path(folder) / "config.toml").write_text(CONFIG.format(opml=json.dumps(opml)))


def run(options: argparse.Namespace) -> None:
    """Drive the bench, then print what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "ours.json").write_text(json.dumps(description(options.program)))
        words = [
            f"--{name}={getattr(options, name)}"
            for name in ("contestants", "sizes", "scenarios", "reps", "port", "feeds")
        ]
        command = [options.python, str(Path(options.bench) / "run.py"), *words, "--work", folder, "--quiet", "5"]
        results = Path(options.results) if options.results else place / "results.jsonl"
        subprocess.run(
            [*command, "--out", str(results)], env={**os.environ, "OURS": str(place / "ours.json")}, check=True
        )
        report([json.loads(line) for line in results.read_text().splitlines()])


def report(lines: Sequence[dict[str, Any]]) -> None:
    """A table for each scenario and size, and the bars."""
    runs: defaultdict[tuple[str, int], defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        runs[line["scenario"], line["size"]][line["contestant"]].append(line)
    for (scenario, size), by_name in sorted(runs.items()):
        rows = sorted((_row(name, found) for name, found in by_name.items()), key=lambda row: row.processor)
        _table(f"{TITLES.get(scenario, scenario)}, {size} feeds", rows)
        _verdict(scenario, size, rows)


def _row(name: str, found: list[dict[str, Any]]) -> Row:
    def median(read: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(map(read, found))

    status = found[-1]["origin"]["status"]
    return Row(
        name=name,
        wall=median(lambda one: one["wall"]),
        processor=median(lambda one: one["cpu"]),
        memory=median(lambda one: one["peak_pss_kib"]) / 1024,
        entries=int(median(lambda one: one["entries"])),
        answers=f"{status.get('200', 0)} / {status.get('304', 0)}",
    )


def _table(title: str, rows: Sequence[Row]) -> None:
    floor = next((row.processor for row in rows if row.name == FLOOR), None)
    print(f"\n{title}\n\n| program | wall s | processor s | ÷ floor | ours ÷ it | memory MiB | entries | 200 / 304 |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    ours = next((row.processor for row in rows if row.name == "ours"), None)
    for row in rows:
        over = f"{row.processor / floor:.2f}" if floor else ""
        under = f"{ours / row.processor:.2f}" if ours else ""
        print(
            f"| {row.name} | {row.wall:.1f} | {row.processor:.2f} | {over} | {under} | {row.memory:.0f} |"
            f" {row.entries} | {row.answers} |"
        )


def _verdict(scenario: str, size: int, rows: Sequence[Row]) -> None:
    """What was reached against the bar: processor time, but for distant feeds, where everybody mostly waits."""
    ours = next((row for row in rows if row.name == "ours"), None)
    floor = next((row for row in rows if row.name == FLOOR), None)
    readers = [row for row in rows if row.name != "ours" and not row.name.startswith("floor-")]
    if ours is None:
        return
    if scenario == "s1" and readers:
        best = min(readers, key=lambda row: row.processor)
        print(
            f"\n{scenario} {size}: {ours.processor / best.processor:.2f} of {best.name}, the fastest reader (bar 0.80)"
        )
    elif scenario in ("s2", "s3") and floor:
        bar = 1.3 if scenario == "s2" else 1.5
        print(f"\n{scenario} {size}: {ours.processor / floor.processor:.2f} of the floor (bar {bar:.2f})")
    elif scenario == "s4" and floor:
        print(f"\n{scenario} {size}: {ours.wall / floor.wall:.2f} of the floor by the clock (bar 1.20)")


if __name__ == "__main__":
    assert sys.argv[1] == "--subscribe"
    subscribe(sys.argv[2], sys.argv[3])
