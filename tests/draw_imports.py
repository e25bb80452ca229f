"""Draws which packages import which, in layers from top to bottom: `make imports` writes docs/imports.svg.

Read from the code itself (ast), not from the running program. An arrow that goes up is drawn red: the import contracts
forbid it, so there is none on main.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("aggregator", "feeds", "digests")
ROWS = (
    ("aggregator.cli",),
    ("aggregator.demo", "aggregator.doctor"),
    ("aggregator.daemon",),
    ("aggregator.web",),
    ("aggregator.services",),
    ("aggregator.recipients", "aggregator.observe"),
    ("aggregator.operator",),
    ("aggregator.pipeline",),
    ("aggregator.store", "aggregator.stories", "aggregator.config"),
    ("feeds", "digests", "aggregator.system"),
)
WIDTH, HEIGHT, GAP_X, GAP_Y = 190, 44, 60, 46


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the three packages by its dotted name."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def box_of(name: str) -> str | None:
    """The box a module belongs to."""
    known = [r for row in ROWS for r in row if name == r or name.startswith(r + ".")]
    return max(known, key=len, default=None)


def edges() -> set[tuple[str, str]]:
    """Which box imports from which."""
    found: set[tuple[str, str]] = set()
    for name, path in modules():
        here = box_of(name)
        targets = {box_of(target) for target in imported(path)}
        for there in targets - {here, None}:
            if here is not None and there is not None:
                found.add((here, there))
    return found


def draw() -> str:
    """The drawing as SVG."""
    places: dict[str, tuple[int, int]] = {}
    widest = max(len(row) for row in ROWS)
    for y, row in enumerate(ROWS):
        indent = (widest - len(row)) * (WIDTH + GAP_X) // 2
        for x, name in enumerate(row):
            places[name] = (20 + indent + x * (WIDTH + GAP_X), 20 + y * (HEIGHT + GAP_Y))
    rank = {name: y for y, row in enumerate(ROWS) for name in row}
    lines = []
    for here, there in sorted(edges()):
        x1, y1 = places[here]
        x2, y2 = places[there]
        level = rank[here] == rank[there]
        start = (x1 + WIDTH * (x2 > x1), y1 + HEIGHT // 2) if level else (x1 + WIDTH // 2, y1 + HEIGHT)
        end = (x2 + WIDTH * (x1 > x2), y2 + HEIGHT // 2) if level else (x2 + WIDTH // 2, y2)
        colour = "#c33" if rank[there] < rank[here] else "#789"
        lines.append(
            f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="{colour}" '
            f'stroke-width="1.5" marker-end="url(#a)"><title>{here} → {there}</title></line>'
        )
    for name, (x, y) in places.items():
        lines.append(
            f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#f6f4ef" stroke="#345"/>'
            f'<text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}" text-anchor="middle">{name}</text>'
        )
    width = 40 + widest * (WIDTH + GAP_X) - GAP_X
    height = 40 + len(ROWS) * (HEIGHT + GAP_Y) - GAP_Y
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="15">'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#345"/></marker></defs>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(lines)}</svg>\n'
    )


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(draw(), "utf-8")
    print(f"wrote {target}")
