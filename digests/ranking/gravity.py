"""How grave the event of a story is, beside its score: this decides which of the best stories lead an edition.

A war or an election is often split over many small stories, each of fewer outlets than a game. Therefore a story is
also judged by its affair: the outlets of all other stories that share its terms.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from digests.model import Story
from digests.model import outlets as count_outlets
from digests.ranking.importance import MANY_OUTLETS
from digests.ranking.same_event import unit_vector

_AFFAIR = 0.15  # points of an affair of eight outlets, more or less by the logarithm
_GRAVE, _GROUPS = 0.045, ("reach:deaths", "reach:war", "reach:disaster")
_EVENT = 0.06  # points of a story whose titles all report an act, taken from one whose titles all talk
_TEASERS = 0.05  # points that a story of teasers loses
_WORLD = 0.045
_OF_A_FIELD, _FIELDS = 0.04, frozenset({"Technology", "Science", "Health", "Culture", "Sport"})
_RELATED, _WHOLLY = 0.04, 0.2  # similarity of terms from which a story counts, and from which it counts fully


def affairs(stories: Sequence[Story]) -> dict[str, float]:
    """Return by story how many outlets report other stories of its affair. What shares less with it counts less."""
    vectors = [unit_vector(story.terms) for story in stories]
    having: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(vectors):
        for term, weight in vector.items():
            having[term].append((place, weight))
    named = [count_outlets(story.sources) for story in stories]
    sizes: dict[str, float] = {}
    for place, vector in enumerate(vectors):
        shared: dict[int, float] = defaultdict(float)
        for term, weight in vector.items():
            for other, also in having[term]:
                shared[other] += weight * also
        related = [(other, alike) for other, alike in shared.items() if other != place and alike > _RELATED]
        sizes[stories[place].id] = math.fsum(named[other] * min(1.0, alike / _WHOLLY) for other, alike in related)
    return sizes


def gravity(topic: str, measures: Mapping[str, float], affair: float, event: float = 0.0) -> float:
    """Return the points that a story has, beside its score, for a place among the top stories."""
    grave = min(1.0, sum(measures.get(group, 0.0) for group in _GROUPS))
    points = _AFFAIR * math.log1p(affair) / math.log1p(MANY_OUTLETS) + _GRAVE * grave
    points += _EVENT * event
    points += _WORLD if topic == "World" else -_OF_A_FIELD if topic in _FIELDS else 0.0
    return points - _TEASERS if measures.get("teaser", 0.0) > 1 / 2 else points
