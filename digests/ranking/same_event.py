"""Recognizes two stories that are mostly parts of one event, by the terms they share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from digests.model import Story

_MOSTLY = 0.35  # similarity of terms


def is_same_event(one: Story, other: Story) -> bool:
    """Whether two stories are mostly parts of one event."""
    said, also = dict(one.terms), dict(other.terms)
    shared = math.fsum(weight * also[term] for term, weight in said.items() if term in also)
    return shared > 0 and shared >= _MOSTLY * math.hypot(*said.values()) * math.hypot(*also.values())


def unit_vector(terms: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return the terms scaled to a vector of length one."""
    norm = math.sqrt(math.fsum(weight * weight for _, weight in terms)) or 1.0
    return {term: weight / norm for term, weight in terms}
