"""Choosing sentences from those of a story: what each is worth, what it repeats, and in which order they read.

A sentence is worth what it says of the event (likeness to the centre of all articles and to their titles), where it
stands (news comes first), and whether it can stand alone. Sentences are taken greedily, each against what is already
there (maximal marginal relevance), until the budget of words is used; then they are put in reading order.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from digests.model import Story
from digests.summarize.candidates import Candidate
from digests.summarize.standing import stands_alone
from digests.summarize.words import terms

_CENTRE, _PLACE, _TITLE, _ALONE = 1.0, 0.6, 0.5, 0.5
_REDUNDANT = 0.6


def _weights(pool: Sequence[Candidate], sources: int) -> dict[str, float]:
    """Weight of each term: how many articles use it, and how often; words of every sentence weigh less."""
    articles: dict[str, set[int]] = {}
    frequency: Counter[str] = Counter()
    for candidate in pool:
        for term in set(candidate.terms):
            articles.setdefault(term, set()).update(candidate.sources)
            frequency[term] += len(candidate.sources)
    return {t: (len(articles[t]) / max(1, sources)) * (1 + math.log(n)) for t, n in frequency.items()}


def _norm(vector: dict[str, float]) -> float:
    return math.sqrt(sum(v * v for v in vector.values())) or 1.0


def _scores(story: Story, pool: Sequence[Candidate]) -> list[float]:
    used = {i for c in pool for i in c.sources}
    weights = _weights(pool, len(used))
    norm = _norm(weights)
    titles: Counter[str] = Counter()
    for index in used:
        titles.update(set(terms(story.sources[index].title, pool[0].language)))
    title_norm = _norm({t: float(n) for t, n in titles.items()})
    scores = []
    for c in pool:
        own = set(c.terms)
        length = math.sqrt(len(own))
        centre = sum(weights[t] for t in own) / (norm * length)
        title = sum(titles[t] for t in own) / (title_norm * length)
        scores.append(
            _CENTRE * centre
            + _TITLE * title
            + _PLACE / (1 + c.place)
            - (0 if stands_alone(c.text, c.language) else _ALONE)
        )
    return scores


def _overlap(one: Candidate, other: Candidate) -> float:
    a, b = set(one.terms), set(other.terms)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def choose(story: Story, pool: Sequence[Candidate], words: int, limit: int = 8) -> list[Candidate]:
    """Take the best sentences that fit into `words`; always at least one."""
    if not pool:
        return []
    scores = _scores(story, pool)
    taken: list[Candidate] = []
    left, room = list(range(len(pool))), words
    while left and len(taken) < limit:

        def worth(i: int) -> float:
            return scores[i] - _REDUNDANT * max((_overlap(pool[i], t) for t in taken), default=0.0)

        fitting = [i for i in left if pool[i].words <= room] or (
            [] if taken else [min(left, key=lambda i: (pool[i].words, i))]
        )
        if not fitting:
            break
        best = max(fitting, key=lambda i: (worth(i), -i))
        if taken and max(_overlap(pool[best], t) for t in taken) > 0.75:
            left.remove(best)
            continue
        taken.append(pool[best])
        room -= pool[best].words
        left.remove(best)
    return taken


def in_reading_order(taken: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence opens; the others follow by their place in their articles, those of one article together."""
    if not taken:
        return []
    opening = min(taken, key=lambda c: (c.place, taken.index(c)))
    rest = sorted((c for c in taken if c is not opening), key=lambda c: (c.place, c.source))
    return [opening, *rest]
