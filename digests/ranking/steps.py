"""Puts two steps of one affair side by side: a crash and its inquiry, a bill in two houses of a parliament.

The stories are compared by the terms that few stories of the edition have. A term such as a president's name, which
half of the edition has, shows nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from digests.model import Form, Pick
from digests.ranking.limits import is_light
from digests.ranking.same_event import unit_vector

_STEP = 0.22  # similarity from which two stories are steps of one affair
_FEWEST = 10  # stories in which it shows which terms are rare


def side_by_side(picks: Sequence[Pick]) -> tuple[Pick, ...]:
    """Return the picks with a further step of an affair right after the first, in its section, one for each.

    Into the sections before the topics only a step comes whose score is above the middle of theirs; other steps stay
    in the section of their topic. Neither light stories nor opinions and the like are moved.
    """
    if len(picks) < _FEWEST:
        return tuple(picks)
    vectors = _rare_terms(picks)
    before = [pick.score for pick in picks if pick.section]
    least = median(before) if before else 0.0
    after: dict[int, int] = {}
    for place, pick in enumerate(picks):
        if is_light(pick) or pick.form is not Form.REPORT:
            continue
        first = _nearest(place, vectors, after)
        if first is not None and _may_follow(pick, picks[first], least):
            after[first] = place
    moved = set(after.values())
    out: list[Pick] = []
    for place, pick in enumerate(picks):
        if place in moved:
            continue
        out.append(pick)
        if place in after:
            out.append(replace(picks[after[place]], section=pick.section))
    return tuple(out)


def _nearest(place: int, vectors: Sequence[dict[str, float]], after: dict[int, int]) -> int | None:
    """Return the nearest earlier story that has no further step yet and is none; None if none is near enough."""
    taken = {*after, *after.values()}
    likeness = {
        earlier: math.fsum(weight * vectors[earlier].get(term, 0.0) for term, weight in vectors[place].items())
        for earlier in range(place)
        if earlier not in taken
    }
    best = max(likeness, key=lambda earlier: (likeness[earlier], -earlier), default=None)
    return best if best is not None and likeness[best] >= _STEP else None


def _may_follow(pick: Pick, first: Pick, least: float) -> bool:
    return pick.score >= least if first.section else pick.topic == first.topic


def _rare_terms(picks: Sequence[Pick]) -> list[dict[str, float]]:
    having = Counter(term for pick in picks for term, _ in pick.story.terms)
    rare = {term: math.log(len(picks) / count) for term, count in having.items()}
    return [unit_vector(tuple((term, weight * rare[term]) for term, weight in pick.story.terms)) for pick in picks]
