"""Stories ranked by how well they match an interest, or by how much they are like a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.store import Database
from aggregator.store.stories import search as search_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.prefilter import shown_words
from aggregator.stories.profile.interests import InterestProfile
from aggregator.stories.query import LONGEST
from digests.model import Story
from digests.reasons import Reason

_TERMS = 8  # words with which candidates are found
_OF_WORD = 50  # articles: the newest that have one of these words
_CANDIDATES = 20  # stories that are compared
_WORDS, _LETTERS = 400, 40  # of a text that are looked at, and of one word: the index finds beginnings


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story with its rank and the reasons for it."""

    story: Story
    score: float
    reasons: tuple[Reason, ...]


def rank_by_profile(stories: Iterable[Story], profile: InterestProfile) -> list[Ranked]:
    """Rank stories by an interest, each by its most similar source, with the reasons."""
    ranked = []
    for story in stories:
        scored = max((profile.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        ranked.append(Ranked(story, scored.score, scored.reasons))
    return sorted(ranked, key=lambda one: (-one.score, one.story.id))


def nearest_stories(db: Database, profile: InterestProfile, words: Sequence[str], own: str = "") -> list[Ranked]:
    """Return the stories nearest to a profile, best first, without the story `own`.

    Candidates contain one of the first `words`; those with the most and the rarest of these words are compared.
    """
    weights: dict[str, float] = defaultdict(float)
    for word in words[:_TERMS]:
        hits = search_store.matching_entries(db, [[word]], _OF_WORD)
        for story in {hit.story for hit in hits if hit.story and hit.story != own}:
            weights[story] += 1 / len(hits)
    ids = sorted(weights, key=lambda story: (-weights[story], story))[:_CANDIDATES]
    return [one for one in rank_by_profile(story_store.stories(db, ids=ids), profile) if one.score > 0]


def nearest_to_interest(db: Database, profile: InterestProfile) -> list[Ranked]:
    """Return the stories nearest to an interest: those with its own words, names and heaviest terms are compared."""
    names = [name for name, _ in profile.names]
    return nearest_stories(
        db, profile, plain_words(" ".join([*profile.interest.words, *names, *profile.written_terms]))
    )


def plain_words(text: str) -> tuple[str, ...]:
    """Return the beginnings of the words of a text that is no query."""
    plain = "".join(letter if letter.isalnum() else " " for letter in text)
    quoted = [f'"{word[:_LETTERS]}"' for word in plain.split()[:_WORDS]]
    while quoted and sum(map(len, quoted)) + len(quoted) > LONGEST:
        del quoted[-max(1, len(quoted) // 10) :]
    return shown_words(" ".join(quoted)) if quoted else ()
