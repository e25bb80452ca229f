"""Stories ranked by how well they match an interest, or by how much they are like a text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.store import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.records import EntryRecord, Hit, StoryRecord
from aggregator.store.stories import search as search_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.prefilter import shown_words
from aggregator.stories.profile.interests import InterestProfile
from aggregator.stories.query import LONGEST
from digests.language import tokens
from digests.model import Story
from digests.reasons import Reason

_TERMS = 6  # words with which candidates are found
_OF_WORD = 50  # articles: the newest that have one of these words
_CANDIDATES = 20  # stories that are compared
_RAREST = 1_000  # weight of a word that only one article has
_LEAST_LETTERS = 3  # of a word with which candidates are found: too many words begin with fewer
_WORDS, _LETTERS = 400, 40  # of a text that are looked at, and of one word: the index finds beginnings


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story with its rank and the reasons for it."""

    story: Story
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NearStory:
    """A story that is near a profile, with its score and the reasons for it."""

    id: str
    title: str
    score: float
    reasons: tuple[Reason, ...]


def rank_by_profile(stories: Iterable[Story], profile: InterestProfile) -> list[Ranked]:
    """Rank stories by an interest, each by its most similar source, with the reasons."""
    ranked = []
    for story in stories:
        scored = max((profile.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        ranked.append(Ranked(story, scored.score, scored.reasons))
    return sorted(ranked, key=lambda one: (-one.score, one.story.id))


def nearest_stories(db: Database, profile: InterestProfile, words: Sequence[str], own: str = "") -> list[NearStory]:
    """Return the stories nearest to a profile, best first, without the story `own`.

    Candidates contain one of the first `words`; those with the most and the rarest of these words are compared, each
    by its article with the most and the rarest.
    """
    weights: Counter[str] = Counter()  # of stories
    articles: dict[str, Counter[int]] = defaultdict(Counter)  # of each story, with their weights
    for word in [word for word in words if len(word) >= _LEAST_LETTERS or tokens.unspaced(word)][:_TERMS]:
        hits = _newest_with(db, word)
        weight = _RAREST // len(hits) if hits else 0
        weights.update(dict.fromkeys({hit.story for hit in hits if hit.story and hit.story != own}, weight))
        for hit in hits:
            articles[hit.story or ""][hit.entry] += weight
    ids = sorted(weights, key=lambda story: (-weights[story], story))[:_CANDIDATES]
    chosen = {articles[story].most_common(1)[0][0]: story for story in ids}
    records = story_store.records(db, ids)
    found = [
        _near(records[chosen[one.id]], one, profile)
        for one in entry_store.searched_entries(db, list(chosen))
        if chosen[one.id] in records
    ]
    return sorted((one for one in found if one.score > 0), key=lambda one: (-one.score, one.id))


def _newest_with(db: Database, word: str) -> list[Hit]:
    """Return the newest entries with a word; with its other endings too, if few have the word itself."""
    hits = search_store.matching_entries(db, [[word]], _OF_WORD, whole=True)
    return hits if len(hits) == _OF_WORD else search_store.matching_entries(db, [[word]], _OF_WORD)


def _near(record: StoryRecord, article: EntryRecord, profile: InterestProfile) -> NearStory:
    scored = profile.score(article.title, article.text, article.language)
    return NearStory(record.id, record.title or article.title or record.id, scored.score, scored.reasons)


def nearest_to_interest(db: Database, profile: InterestProfile) -> list[NearStory]:
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
