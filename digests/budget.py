"""Filling a digest from what may go in: picks one by one, each worth its score less its likeness to what is already in.

This is maximal marginal relevance (Carbonell and Goldstein 1998). Likeness to what is in only grows, so worth only falls: it
is brought up to date for the story that leads and no other, which leaves thousands of stories untouched.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from digests.model import DigestSpec, Held, ItemKind, Pick, Story
from digests.reasons import Reason, ReasonCode, because


@dataclass(frozen=True, slots=True)
class Eligible:
    """A story that may go in. `words` is what it will take; `known` are the names under which it was told."""

    pick: Pick
    name: str
    outlets: frozenset[str]
    terms: Mapping[str, float]
    words: int
    known: tuple[str, ...] = ()

    @property
    def must(self) -> bool:
        """Whether it goes in however full the digest is: a rule wants it, or it corrects what was told."""
        return self.pick.story.must or self.pick.kind is ItemKind.CORRECTION


Leads = Callable[[Story], frozenset[str]]  # keys of the sentences its articles open with
Again = Callable[
    [Eligible, frozenset[str]], Eligible | Held | None
]  # what the ledger says of those; None: nothing more


def unit(terms: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Terms scaled to a vector of length one."""
    norm = math.sqrt(math.fsum(weight * weight for _, weight in terms)) or 1.0
    return {term: weight / norm for term, weight in terms}


def likeness(one: Eligible, other: Eligible) -> float:
    """From 0 to 1: shared terms above all, then the same topic, then the same outlets."""
    shared = one.terms.keys() & other.terms.keys()
    terms = math.fsum(one.terms[term] * other.terms[term] for term in shared)
    outlets = len(one.outlets & other.outlets) / max(1, min(len(one.outlets), len(other.outlets)))
    return 0.6 * terms + 0.25 * (one.pick.topic == other.pick.topic) + 0.15 * outlets


class _Queue:
    """What waits, best first: what rules want and what corrects, then by worth, then by score."""

    def __init__(self, waiting: Sequence[Eligible], taken: list[Eligible], diversity: float) -> None:
        self._taken, self._diversity = taken, diversity
        self._heap: list[tuple[bool, float, float, str, int, int, float, Eligible]] = []
        self._turn = count()  # two that are alike in everything wait in the order in which they came
        for one in waiting:
            self.put(one)

    def put(self, one: Eligible, compared: int = 0, nearest: float = 0.0) -> None:
        """Let it wait; `compared` picks are known to be no nearer than `nearest`."""
        worth = (1 - self._diversity) * one.pick.score - self._diversity * nearest
        place = (not one.must, -worth, -one.pick.score, one.pick.story.id)
        heapq.heappush(self._heap, (*place, next(self._turn), compared, nearest, one))

    def pop(self) -> Eligible | None:
        """The best that waits, by its likeness to all that is in."""
        while self._heap:
            *_, compared, nearest, one = heapq.heappop(self._heap)
            if compared == len(self._taken):
                return one
            nearest = max(nearest, *(likeness(one, other) for other in self._taken[compared:]))
            self.put(one, len(self._taken), nearest)
        return None

    def drain(self) -> list[Eligible]:
        """All that still wait."""
        left = [entry[-1] for entry in self._heap]
        self._heap.clear()
        return left


def fill(waiting: Sequence[Eligible], spec: DigestSpec, leads: Leads, again: Again) -> tuple[list[Pick], list[Held]]:
    """Fill the digest while there is room. The first always goes in, and so does what a rule wants and what corrects.

    Whether the reader knows the same text under another name is looked up only for what is about to go in: `again` may turn
    it into an update or send it back.
    """
    taken: list[Eligible] = []
    held: list[Held] = []
    queue = _Queue(waiting, taken, spec.diversity)
    opened: set[str] = set()
    room = spec.max_words
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
        own = leads(best.pick.story)
        verdict = again(best, own)
        if isinstance(verdict, Held):
            held.append(verdict)
        elif verdict is not None:
            queue.put(verdict)
        elif best.pick.kind is ItemKind.NEW and not own.isdisjoint(opened):
            held.append(_held(best, because(ReasonCode.SAME_TEXT)))
        else:
            taken.append(best)
            room -= best.words
            opened |= own
    return [one.pick for one in taken], held


def _full(spec: DigestSpec, taken: int, room: int, least: int) -> Reason | None:
    """Why no story can go in any more; None while one can."""
    if taken >= spec.max_stories:
        return because(ReasonCode.STORIES_FULL, count=spec.max_stories)
    return _no_words(spec, room) if taken and least > room else None


def _no_words(spec: DigestSpec, room: int) -> Reason:
    return because(ReasonCode.WORDS_FULL, most=spec.max_words, left=max(0, room))


def _held(candidate: Eligible, reason: Reason) -> Held:
    return Held(candidate.pick.story.id, candidate.name, candidate.pick.score, reason)
