"""Numbers side by side: what sources give for the same counted thing."""

from __future__ import annotations

from digests.model import Disagreement, Story


def disagreements(story: Story) -> tuple[Disagreement, ...]:
    """Counted things for which sources give different numbers."""
    return ()
