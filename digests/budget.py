"""Fills a digest story by story: each is valued by its score minus its similarity to the stories already picked.

This is maximal marginal relevance (Carbonell and Goldstein 1998). The similarity to picked stories only grows, so
values only fall. It is therefore enough to update the value of the first story of the queue; thousands of others are
not touched.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from digests.model import DigestSpec, Held, ItemKind, Pick
from digests.ranking.limits import EditionLimits
from digests.ranking.same_text import Opening, is_same_text
from digests.reasons import Reason, ReasonCode, because


@dataclass(frozen=True, slots=True)
class Eligible:
    """A story that may be picked. `words` is its length; `known` are the ids under which it was reported before."""

    pick: Pick
    name: str
    outlets: frozenset[str]
    terms: Mapping[str, float]
    words: int
    known: tuple[str, ...] = ()

    @property
    def must(self) -> bool:
        """Whether it is picked even when the digest is full: a rule demands it, or it corrects a reported story."""
        return self.pick.story.must or self.pick.kind is ItemKind.CORRECTION


Openings = Callable[[Pick], frozenset[Opening]]  # of the articles that are new to the recipient
# Looks the openings up in the ledger. Returns the story judged again, or None if the ledger knows no more about it.
Recheck = Callable[[Eligible, frozenset[Opening]], Eligible | Held | None]


def pick_similarity(one: Eligible, other: Eligible) -> float:
    """Return from 0 to 1 how similar two stories are: mostly by shared terms, then by topic, then by outlets."""
    shared = one.terms.keys() & other.terms.keys()
    terms = math.fsum(one.terms[term] * other.terms[term] for term in shared)
    outlets = len(one.outlets & other.outlets) / max(1, min(len(one.outlets), len(other.outlets)))
    return 0.6 * terms + 0.25 * (one.pick.topic == other.pick.topic) + 0.15 * outlets


class _Queue:
    """A queue of the stories that are not picked yet: those with `must` first, then by value, then by score."""

    def __init__(self, waiting: Sequence[Eligible], taken: list[Eligible], diversity: float) -> None:
        self._taken, self._diversity = taken, diversity
        self._heap: list[tuple[bool, float, float, str, int, int, float, Eligible]] = []
        self._turn = count()  # stories that are equal in everything keep their order
        for one in waiting:
            self.put(one)

    def put(self, one: Eligible, compared: int = 0, nearest: float = 0.0) -> None:
        """Add a story. `nearest` is its greatest similarity to the first `compared` picks."""
        value = (1 - self._diversity) * one.pick.score - self._diversity * nearest
        place = (not one.must, -value, -one.pick.score, one.pick.story.id)
        heapq.heappush(self._heap, (*place, next(self._turn), compared, nearest, one))

    def pop(self) -> Eligible | None:
        """Remove and return the story with the highest value, compared with all picks so far."""
        while self._heap:
            *_, compared, nearest, one = heapq.heappop(self._heap)
            if compared == len(self._taken):
                return one
            nearest = max(nearest, *(pick_similarity(one, other) for other in self._taken[compared:]))
            self.put(one, len(self._taken), nearest)
        return None

    def drain(self, below: float = math.inf) -> list[Eligible]:
        """Remove and return the stories whose score is below a limit, but for those that must be picked."""
        left = [entry for entry in self._heap if entry[-1].pick.score < below and not entry[-1].must]
        gone = {id(entry) for entry in left}
        self._heap = [entry for entry in self._heap if id(entry) not in gone]
        heapq.heapify(self._heap)
        return [entry[-1] for entry in left]


def fill(
    waiting: Sequence[Eligible], spec: DigestSpec, limits: EditionLimits, openings: Openings, recheck: Recheck
) -> tuple[list[Pick], list[Held]]:
    """Pick stories until the digest is full. The first story and those that must be picked always fit.

    Whether the recipient got the same text as another story is checked only for a story that is about to be picked:
    `recheck` may make it an update or hold it back. A story with the text of one that is picked waits for the next
    edition, where the ledger knows that text; a correction does not wait.
    """
    taken: list[Eligible] = []
    held: list[Held] = []
    queue = _Queue(waiting, taken, spec.diversity)
    opened: dict[str, list[Opening]] = {}
    room, drained = spec.max_words, -math.inf
    least = min((one.words for one in waiting), default=0)
    while (best := queue.pop()) is not None:
        must = best.must
        full = _full(spec, len(taken), room, least)
        if full and not must:
            held.extend(_held(e, full) for e in (best, *queue.drain()))
            break
        if taken and best.words > room and not must:
            held.append(_held(best, _no_words(spec, room)))
            continue
        refused = limits.refusal(best.pick)
        if refused and not must:
            held.append(_held(best, refused))
            continue
        own = openings(best.pick)
        verdict = recheck(best, own)
        if isinstance(verdict, Held):
            held.append(verdict)
        elif verdict is not None:
            queue.put(verdict)
            drained = -math.inf
        elif best.pick.kind is not ItemKind.CORRECTION and _any_same_text(own, opened):
            held.append(_held(best, because(ReasonCode.SAME_TEXT)))
        else:
            taken.append(best)
            limits.take(best.pick)
            if limits.lowest > drained:  # a look at thousands of stories, needed when the limit rises
                held.extend(_held(one, limits.too_low(one.pick)) for one in queue.drain(limits.lowest))
                drained = limits.lowest
            room -= best.words
            for one in own:
                opened.setdefault(one.key, []).append(one)
    return [one.pick for one in taken], held


def _any_same_text(own: frozenset[Opening], opened: Mapping[str, Sequence[Opening]]) -> bool:
    return any(is_same_text(one, other) for one in own for other in opened.get(one.key, ()))


def _full(spec: DigestSpec, taken: int, room: int, least: int) -> Reason | None:
    """Return why no further story can be picked; None while one can."""
    if taken >= spec.max_stories:
        return because(ReasonCode.STORIES_FULL, count=spec.max_stories)
    return _no_words(spec, room) if taken and least > room else None


def _no_words(spec: DigestSpec, room: int) -> Reason:
    return because(ReasonCode.WORDS_FULL, most=spec.max_words, left=max(0, room))


def _held(candidate: Eligible, reason: Reason) -> Held:
    return Held(candidate.pick.story.id, candidate.name, candidate.pick.score, reason)
