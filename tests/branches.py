"""Branch coverage by package, the pure modules apart: reads the JSON report that `make cover` writes."""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONTRACT = "the pure modules import no I/O"


def pure_modules() -> list[str]:
    """Return the paths, without ending, of what the import contract calls pure."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return [name.replace(".", "/") for c in contracts if c["name"] == CONTRACT for name in c["source_modules"]]


def package_of(path: str, pure: list[str]) -> tuple[str, str]:
    """Return to which half a file belongs, and to which package or pure module."""
    for name in pure:
        if path == f"{name}.py" or path.startswith(f"{name}/"):
            return "pure", name
    parts = path.split("/")
    return "rest", "/".join(parts[:2]) if len(parts) > 2 else f"{parts[0]}/*.py"


def main(report: str, only: str = "") -> None:
    """Print a table: half (`only` one, if given), package, branches taken of all, in percent."""
    taken: Counter[tuple[str, str]] = Counter()
    present: Counter[tuple[str, str]] = Counter()
    pure = pure_modules()
    for path, measured in json.loads(Path(report).read_text("utf-8"))["files"].items():
        half, name = package_of(path, pure)
        for row in ((half, name), (half, "together")):
            taken[row] += measured["summary"]["covered_branches"]
            present[row] += measured["summary"]["num_branches"]
    for row in sorted(row for row in present if only in ("", row[0])):
        share = taken[row] / present[row] if present[row] else 1.0
        print(f"| {row[0]} | {row[1]} | {taken[row]} of {present[row]} | {100 * share:.1f} % |")


if __name__ == "__main__":
    main(*sys.argv[1:])
