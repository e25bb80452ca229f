"""Selection of the sentences of a summary: the set that covers most of what the sources agree on, in few words.

Every term and every pair of terms has a value: how many *other* articles and how many titles use it. The worth of a
set is an F measure of the value that it covers (recall) and of how little else it says (precision), as in
minimum-risk decoding; repetition covers nothing. Position in the article adds worth, and a sentence that depends on
another one loses some. The set is found greedily and then improved by exchanges.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from digests.language.tokens import sentence_terms, unspaced
from digests.model import Story
from digests.summarize import standalone
from digests.summarize.candidates import Candidate

_OWN = 0.4  # value of a term that only its own article has
_OWN_ALONE = 0.8  # the same in a story of one article, for a term of a single sentence
_TITLE = 0.3  # value that a title adds
_RECALL = 2.0  # weight of recall against precision (the beta of F)
_FIRST = 0.6  # worth of the first position in an article
_FIRST_ALONE = 1.0  # the same in a story of one article, where no other article says what matters
_TOP = 8  # positions over which that worth falls to zero
_DEPENDENT = 0.15  # loss of a sentence that points back, is a question or has part of a quotation
_PERSONAL = 2  # "I", "we" or "you" counts as that many of these
_VOICES = 0.1  # worth of a second outlet
SHARE = 0.44  # longest summary as a share of the words of its candidates
_LEAST = 25  # words that a summary may have in any case
_WORDS_A_SENTENCE, _WORDS_A_SENTENCE_ALONE = (
    15,
    25,
)  # words for each sentence allowed; three sentences in any case
_POOL = 40  # candidates at most
_EXCHANGES = 6
_FEW = 2  # terms that a sentence needs
_SCRAP = 5  # words: a sentence with fewer ("Things are always evolving") adds nothing
_RETRIES = 5  # attempts, each without the dangling sentences of the ones before
_TERMS_A_WORD = 0.55  # content terms in a word of running text
View = frozenset[Hashable]


@dataclass(slots=True)
class _Judge:
    """The values of terms (view 0) and pairs of terms (view 1), and the worth of a set of sentences."""

    pool: Sequence[Candidate]
    views: list[tuple[View, View]]
    value: tuple[dict[Hashable, float], dict[Hashable, float]]
    whole: tuple[float, float]  # highest value that a summary can cover
    plus: list[float] = field(default_factory=list)  # worth of position and independence of each sentence

    def worth(self, chosen: Sequence[int]) -> float:
        total = 0.0
        for view in (0, 1):
            covered: set[Hashable] = set().union(*(self.views[i][view] for i in chosen))
            said = sum(len(self.views[i][view]) for i in chosen)
            value = self.value[view]
            credit = math.fsum(map(value.__getitem__, covered))  # exact, so that the order of a set does not matter
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
            # In a story of one article its other sentences take the part of other articles.
            shared = len(by) - 1 if others else min(uses[x] - 1, 3)
            value[view][x] = (shared + lone + _TITLE * titled[x]) / ((others or 3) + lone + _TITLE * len(titles))
    few = max(1, int(room * _TERMS_A_WORD))
    whole = (sum(sorted(value[0].values(), reverse=True)[:few]), sum(sorted(value[1].values(), reverse=True)[:few]))
    first = _FIRST if others else _FIRST_ALONE
    plus = [first * max(0.0, 1 - c.place / _TOP) - _DEPENDENT * _dependence(c) for c in pool]
    return _Judge(pool, views, value, whole, plus)


def _dependence(candidate: Candidate) -> int:
    text = candidate.text
    asks = standalone.is_question(text)
    personal = standalone.is_personal(text, candidate.language)
    return standalone.dangles(text, candidate.language) + asks + (not standalone.whole(text)) + _PERSONAL * personal


def _news(pool: Sequence[Candidate]) -> int:
    """Return the words of the shortest first sentence: a summary must have room for it."""
    openings = [c.words for c in pool if c.place == 0 and standalone.stands_alone(c.text, c.language)]
    return min(openings, default=0)


def _first_in_articles(pool: Sequence[Candidate], most: int, opening: Candidate | None) -> list[Candidate]:
    """Return the opening and the sentences that come first in their articles, `most` in all."""
    kept = sorted(range(len(pool)), key=lambda i: (pool[i] is not opening, pool[i].place, i))[:most]
    return [pool[i] for i in sorted(kept)]


def choose_sentences(
    story: Story,
    pool: Sequence[Candidate],
    words: int,
    share: float = SHARE,
    *,
    lean: bool = False,
    opening: Candidate | None = None,
) -> list[Candidate]:
    """Choose the set of sentences with the highest worth within `words`; at least one whenever there is any.

    The set has at most `share` of the words in the pool. Without `lean` no sentence is chosen that points back at one
    which is not chosen, as long as another can replace it. `opening` is a sentence of the pool that is chosen anyway.
    """
    if not pool:
        return []
    pool = _first_in_articles(pool, _POOL, opening)
    room = min(words, max(_LEAST, int(share * sum(c.words for c in pool)), _news(pool)))
    judge = _judge(story, pool, room)
    alone = len({i for c in pool for i in c.sources}) == 1
    most = max(3, words // (_WORDS_A_SENTENCE_ALONE if alone else _WORDS_A_SENTENCE))
    chosen: list[int] = []
    barred = _uninformative(pool)
    given = [i for i, c in enumerate(pool) if c is opening]
    for _ in range(_RETRIES):
        chosen = _exchanged(judge, _greedy(judge, given, room, most, barred), given, room, barred)
        dangling = _dangling(pool, chosen).difference(given)
        if lean or not dangling:
            break
        barred |= dangling
    else:
        chosen = [i for i in chosen if i not in _dangling(pool, chosen)] or chosen[:1]
    return [pool[i] for i in chosen]


def _uninformative(pool: Sequence[Candidate]) -> frozenset[int]:
    """Return the sentences without information (few terms, questions, introductions of lists); none if all are."""
    uninformative = {i for i, c in enumerate(pool) if len(set(c.terms)) < _FEW or says_nothing(c)}
    return frozenset(uninformative) if len(uninformative) < len(pool) else frozenset()


def says_nothing(candidate: Candidate) -> bool:
    """Whether a sentence is a scrap, asks, or introduces a list."""
    text = candidate.text
    if standalone.is_question(text) or text.rstrip().endswith((":", "：")):
        return True
    return candidate.words < _SCRAP and not unspaced(text[:1]) and not any(map(str.isdigit, text))


def _dangling(pool: Sequence[Candidate], chosen: Sequence[int]) -> frozenset[int]:
    """Return the chosen that point back at a sentence which was not chosen: `he` would then mean somebody else.

    None if no other sentence is left to replace them.
    """
    at = {(pool[i].source, pool[i].place) for i in chosen}
    dangling = {
        i
        for i in chosen
        if (pool[i].source, pool[i].place - 1) not in at and standalone.leans(pool[i].text, pool[i].language)
    }
    return frozenset(dangling) if len(dangling) < len(pool) else frozenset()


def _greedy(judge: _Judge, given: Sequence[int], room: int, most: int, barred: frozenset[int]) -> list[int]:
    chosen = list(given)
    free = [i for i in range(len(judge.pool)) if i not in barred]
    while len(chosen) < most:
        left = room - sum(judge.pool[i].words for i in chosen)
        fitting = [i for i in free if i not in chosen and judge.pool[i].words <= left]
        if not fitting:
            break
        chosen.append(max(fitting, key=lambda i: (judge.worth([*chosen, i]), -i)))
    return chosen or [min(free or range(len(judge.pool)), key=lambda i: (judge.pool[i].words, i))]


def _exchanged(judge: _Judge, chosen: list[int], given: Sequence[int], room: int, barred: frozenset[int]) -> list[int]:
    """Exchange one sentence for another while that raises the worth; those given stay."""
    best = judge.worth(chosen)
    for _ in range(_EXCHANGES):
        found = _one_exchange(judge, chosen, given, room, best, barred)
        if found is None:
            break
        chosen, best = found
    return chosen


def _one_exchange(
    judge: _Judge, chosen: list[int], given: Sequence[int], room: int, best: float, barred: frozenset[int]
) -> tuple[list[int], float] | None:
    for out in (i for i in chosen if i not in given):
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
    """Return sentences in reading order: the opening of an article first, then details by their position."""
    if not taken:
        return []

    def opening(candidate: Candidate) -> tuple[bool, int, int, int]:
        alone = standalone.stands_alone(candidate.text, candidate.language)
        return (not alone, candidate.place, -len(candidate.sources), candidate.source)

    first = min(taken, key=opening)
    rest = sorted((c for c in taken if c is not first), key=lambda c: (c.source != first.source, c.source, c.place))
    return [first, *rest]
