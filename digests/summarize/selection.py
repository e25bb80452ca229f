"""Choosing sentences from those of a story: which set says most of what the sources agree on, in few words.

A set of sentences is held against what its sources expect of it: every term and every pair of terms counts by how many
*other* articles use it, and how many titles. What a set covers of that, and how little else it says, give its worth (an F
measure, as minimum-risk decoding has it); repeating a thing covers nothing. Added to that are place (news comes first) and
what a sentence loses when it cannot stand alone. The set is found greedily and then improved by exchanges.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from digests.language.tokens import sentence_terms
from digests.model import Story
from digests.summarize import standalone as standing
from digests.summarize.candidates import Candidate

_OWN = 0.4  # what a term is worth that only its own article has
_OWN_ALONE = 0.8  # the same in a story of one article, for a term that only one sentence has
_TITLE = 0.3  # what a title adds
_RECALL = 2.0  # covering matters this much more than brevity (the beta of F)
_FIRST = 0.3  # what standing at the top of an article is worth
_FIRST_ALONE = 1.0  # the same in a story of one article, where no other article says what matters
_TOP = 8  # sentences from the top over which that fades
_HELPLESS = 0.15  # what a sentence loses that points back, asks or breaks off a quotation
_PERSONAL = 2  # an I, a we or a you weighs as much as that many of these
_VOICES = 0.1  # what hearing a second outlet is worth
_SHARE = 0.44  # a summary is no longer than this share of its material: little to say takes few words
_LEAST = 25  # but at least this many words if there are so many
_WORDS_A_SENTENCE, _WORDS_A_SENTENCE_ALONE = (
    15,
    25,
)  # how many sentences a number of words may hold: three in 90 of one article
_POOL = 40  # sentences looked at closely
_EXCHANGES = 6
_FEW = 2  # with fewer terms than these a sentence is a scrap
_RETRIES = 5  # choices made without the sentences that hung in the air in those before
_TERMS_A_WORD = 0.55  # content terms in a word of running text
View = frozenset[Hashable]


@dataclass(slots=True)
class _Judge:
    """What terms (view 0) and pairs of terms (view 1) are worth, and how worthy a set of sentences is."""

    pool: Sequence[Candidate]
    views: list[tuple[View, View]]
    value: tuple[dict[Hashable, float], dict[Hashable, float]]
    whole: tuple[float, float]  # what a full summary can cover
    plus: list[float] = field(default_factory=list)  # place and standing of each sentence

    def worth(self, chosen: Sequence[int]) -> float:
        total = 0.0
        for view in (0, 1):
            covered: set[Hashable] = set().union(*(self.views[i][view] for i in chosen))
            said = sum(len(self.views[i][view]) for i in chosen)
            value = self.value[view]
            credit = math.fsum(map(value.__getitem__, covered))  # exact: the order of a set must not matter
            precision, recall = credit / max(1, said), credit / max(1e-9, self.whole[view])
            if credit:
                total += (1 + _RECALL**2) * precision * recall / (_RECALL**2 * precision + recall)
        words = sum(self.pool[i].words for i in chosen)
        if len({source for i in chosen for source in self.pool[i].sources}) > 1:
            total += _VOICES
        return total + sum(self.plus[i] * self.pool[i].words for i in chosen) / max(1, words)


def _views(own: Sequence[str]) -> tuple[View, View]:
    return frozenset(own), frozenset(pairwise(own))


def _judge(story: Story, pool: Sequence[Candidate], room: int) -> _Judge:
    articles = {i for c in pool for i in c.sources}
    titles = [_views(sentence_terms(story.sources[i].title, pool[0].language)) for i in sorted(articles)]
    views = [_views(c.terms) for c in pool]
    value: tuple[dict[Hashable, float], dict[Hashable, float]] = ({}, {})
    others = len(articles) - 1
    lone = _OWN if others else _OWN_ALONE
    for view in (0, 1):
        users: dict[Hashable, set[int]] = {}
        uses: Counter[Hashable] = Counter()
        for candidate, own in zip(pool, views, strict=True):
            for x in own[view]:
                users.setdefault(x, set()).update(candidate.sources)
                uses[x] += 1
        titled = Counter(x for title in titles for x in title[view])
        for x, by in users.items():
            # In a story of one article the other sentences stand in for other articles.
            shared = len(by) - 1 if others else min(uses[x] - 1, 3)
            value[view][x] = (shared + lone + _TITLE * titled[x]) / ((others or 3) + lone + _TITLE * len(titles))
    few = max(1, int(room * _TERMS_A_WORD))
    whole = (sum(sorted(value[0].values(), reverse=True)[:few]), sum(sorted(value[1].values(), reverse=True)[:few]))
    first = _FIRST if others else _FIRST_ALONE
    plus = [first * max(0.0, 1 - c.place / _TOP) - _HELPLESS * _helpless(c) for c in pool]
    return _Judge(pool, views, value, whole, plus)


def _helpless(candidate: Candidate) -> int:
    text = candidate.text
    asks = standing.is_question(text)
    personal = standing.is_personal(text, candidate.language)
    return standing.dangles(text, candidate.language) + asks + (not standing.whole(text)) + _PERSONAL * personal


def _news(pool: Sequence[Candidate]) -> int:
    """Words of the shortest opening of an article: however little a story has, its news must find room."""
    openings = [c.words for c in pool if c.place == 0 and standing.stands_alone(c.text, c.language)]
    return min(openings, default=0)


def _nearest_the_top(pool: Sequence[Candidate], most: int) -> list[Candidate]:
    """Of a story with very many sentences those that stand first in their articles."""
    kept = sorted(range(len(pool)), key=lambda i: (pool[i].place, i))[:most]
    return [pool[i] for i in sorted(kept)]


def choose_sentences(
    story: Story, pool: Sequence[Candidate], words: int, share: float = _SHARE, *, lean: bool = False
) -> list[Candidate]:
    """Choose the set of sentences that tells most within `words`; at least one whenever there is any.

    `share` of the pool's words is the most that is told of it. Without `lean` no sentence is chosen that points back at one
    which is not, as long as another can stand in for it.
    """
    if not pool:
        return []
    pool = _nearest_the_top(pool, _POOL)
    room = min(words, max(_LEAST, int(share * sum(c.words for c in pool)), _news(pool)))
    judge = _judge(story, pool, room)
    alone = len({i for c in pool for i in c.sources}) == 1
    most = max(3, words // (_WORDS_A_SENTENCE_ALONE if alone else _WORDS_A_SENTENCE))
    chosen: list[int] = []
    barred = _scraps(pool)
    for _ in range(_RETRIES):
        chosen = _exchanged(judge, _greedy(judge, room, most, barred), room, barred)
        hanging = _hanging(pool, chosen)
        if lean or not hanging:
            break
        barred |= hanging
    else:
        chosen = [i for i in chosen if i not in _hanging(pool, chosen)] or chosen[:1]
    return [pool[i] for i in chosen]


def _scraps(pool: Sequence[Candidate]) -> frozenset[int]:
    """What tells nothing by itself: `Rear.`, `Not even close.`, a question, what leads up to a list. None if all are such."""
    scraps = {
        i
        for i, c in enumerate(pool)
        if len(set(c.terms)) < _FEW or standing.is_question(c.text) or c.text.rstrip().endswith((":", "："))
    }
    return frozenset(scraps) if len(scraps) < len(pool) else frozenset()


def _hanging(pool: Sequence[Candidate], chosen: Sequence[int]) -> frozenset[int]:
    """Those of the chosen that point back at a sentence which was not chosen: `he` would become somebody else.

    Nothing hangs that nothing could stand in for.
    """
    at = {(pool[i].source, pool[i].place) for i in chosen}
    hanging = {
        i for i in chosen if (pool[i].source, pool[i].place - 1) not in at and _leans(pool[i].text, pool[i].language)
    }
    return frozenset(hanging) if len(hanging) < len(pool) else frozenset()


def _leans(text: str, language: str) -> bool:
    return standing.dangles(text, language) or not standing.whole(text)


def _greedy(judge: _Judge, room: int, most: int, barred: frozenset[int]) -> list[int]:
    chosen: list[int] = []
    free = [i for i in range(len(judge.pool)) if i not in barred]
    while len(chosen) < most:
        left = room - sum(judge.pool[i].words for i in chosen)
        fitting = [i for i in free if i not in chosen and judge.pool[i].words <= left]
        if not fitting:
            break
        chosen.append(max(fitting, key=lambda i: (judge.worth([*chosen, i]), -i)))
    return chosen or [min(free or range(len(judge.pool)), key=lambda i: (judge.pool[i].words, i))]


def _exchanged(judge: _Judge, chosen: list[int], room: int, barred: frozenset[int]) -> list[int]:
    """Exchange one sentence for another while the set gains by it."""
    best = judge.worth(chosen)
    for _ in range(_EXCHANGES):
        found = _one_exchange(judge, chosen, room, best, barred)
        if found is None:
            break
        chosen, best = found
    return chosen


def _one_exchange(
    judge: _Judge, chosen: list[int], room: int, best: float, barred: frozenset[int]
) -> tuple[list[int], float] | None:
    for out in chosen:
        rest = [i for i in chosen if i != out]
        left = room - sum(judge.pool[i].words for i in rest)
        for entering in range(len(judge.pool)):
            if entering in chosen or entering in barred or judge.pool[entering].words > left:
                continue
            worth = judge.worth([*rest, entering])
            if worth > best + 1e-9:
                return [*rest, entering], worth
    return None


def in_reading_order(taken: Sequence[Candidate]) -> list[Candidate]:
    """Put sentences in an order that reads: the opening of an article first, details after, by their place."""
    if not taken:
        return []

    def opening(candidate: Candidate) -> tuple[bool, int, int, int]:
        alone = standing.stands_alone(candidate.text, candidate.language)
        return (not alone, candidate.place, -len(candidate.sources), candidate.source)

    first = min(taken, key=opening)
    rest = sorted((c for c in taken if c is not first), key=lambda c: (c.source != first.source, c.source, c.place))
    return [first, *rest]
