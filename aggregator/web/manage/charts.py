"""Small charts as the path of an inline SVG, which a strict content policy allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_BAR, _GAP = 5, 2  # units of the drawing


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart. `path` draws the bars; `text` says the numbers, for who cannot see them."""

    path: str
    width: int
    height: int
    text: str
    most: int


def bar_chart(values: Sequence[int], label: str, height: int = 28) -> Chart:
    """Return a chart of non-negative numbers. A zero is a line at the bottom, so that every day can be seen."""
    most = max(values, default=0)
    bars = []
    for place, value in enumerate(values):
        tall = max(1, round(value / most * height)) if value else 1
        bars.append(f"M{place * (_BAR + _GAP)} {height}v-{tall}h{_BAR}v{tall}z")
    width = len(values) * (_BAR + _GAP) - _GAP
    return Chart("".join(bars), width, height, f"{label}: {', '.join(map(str, values))}", most)
