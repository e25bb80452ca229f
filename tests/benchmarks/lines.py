"""What the measuring commands share: JSON lines in and out, and a footer of speed and memory."""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.stories.model import Document

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # for sets without times: all arrive minutes apart


def read(path: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file, gzipped or not; `-` is standard input."""
    if path == "-":
        yield from (json.loads(line) for line in sys.stdin if line.strip())
        return
    opener: Callable[..., Any] = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def document(row: Mapping[str, Any], number: int) -> Document:
    """Make the product's value of a row: id, title?, text?, time?, lang?, source?, url?."""
    stamp = row.get("time")
    arrived = datetime.fromisoformat(stamp) if stamp else EPOCH + timedelta(seconds=number)
    return Document(
        entry=number,
        title=row.get("title") or "",
        text=row.get("text") or "",
        arrived=arrived if arrived.tzinfo else arrived.replace(tzinfo=UTC),
        source=row.get("source") or "",
        language=row.get("lang"),
        published=arrived if stamp else None,
        url=row.get("url"),
    )


def arguments(description: str | None, *names: str) -> argparse.ArgumentParser:
    """Return a parser with the positional files `names` and `--predictions OUT`."""
    parser = argparse.ArgumentParser(description=description)
    for name in names:
        parser.add_argument(name)
    parser.add_argument("--predictions", required=True, help="JSON lines, written as decided")
    return parser


def run(path: str, rows: Iterable[Mapping[str, Any]], unit: str = "entries") -> None:
    """Write each row as it comes and print rows a second of processor time and the peak of memory."""
    started, wall, count = time.process_time(), time.perf_counter(), 0
    with Path(path).open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += not row.get("again", False)
    cpu, spent = time.process_time() - started, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count} {unit}: {count / max(cpu, 1e-9):.0f} a second of processor time, {count / spent:.0f} "
        f"by the clock; peak {peak:.0f} MB"
    )
