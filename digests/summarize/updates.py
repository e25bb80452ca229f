"""What is new in a story to a reader who was told of it: the facts of articles that came since."""

from __future__ import annotations

from dataclasses import dataclass

from digests.model import Sentence, Story, Told
from digests.summarize import candidates, facts
from digests.summarize.candidates import Candidate
from digests.summarize.selection import choose, in_reading_order
from digests.summarize.words import term_set

_LEAD = 5  # sentences of an article in which its news must stand
_UNKNOWN = 0.6  # share of a sentence's terms that are new, for new content without a new number or name
_FEWEST = 5  # such terms at least


@dataclass(frozen=True, slots=True)
class News:
    """A sentence that tells something not told before, and what that is in words."""

    candidate: Candidate
    why: str


@dataclass(frozen=True, slots=True)
class _Known:
    """All that the told articles say: their terms by language, and the keys of their numbers and names."""

    terms: dict[str, set[str]]
    keys: set[str]


def _known(story: Story, told: Told) -> _Known:
    known: dict[str, set[str]] = {}
    keys = set(told.facts)
    for source in story.sources:
        if source.article not in told.articles:
            continue
        language = source.language or story.language
        for text in (source.title, source.text, source.previous_text or ""):
            if text:
                known.setdefault(language or "", set()).update(term_set(text, language))
                keys |= facts.number_keys(text, language) | facts.name_keys(text, language)
    return _Known(known, keys)


def _why(candidate: Candidate, known: _Known) -> str:
    """What a sentence tells beyond what is known, in words; empty when nothing."""
    own = set(candidate.terms)
    language_known = known.terms.get(candidate.language)
    if facts.sentence_key(candidate.text, candidate.language) in known.keys:
        return ""
    fresh = own - (language_known or set())
    numbers = facts.number_keys(candidate.text, candidate.language) - known.keys
    if numbers and len(own) >= 3:
        return "new number " + ", ".join(sorted(key[2:] for key in numbers))
    if language_known is None:
        return ""  # in a language none of the told articles is in, only numbers can be compared
    share = len(fresh) / len(own) if own else 0.0
    new_names = facts.name_keys(candidate.text, candidate.language) - known.keys
    if new_names and share >= 0.3 and len(fresh) >= 3:
        return "new name " + ", ".join(sorted(key[2:] for key in new_names))
    if share >= _UNKNOWN and len(fresh) >= _FEWEST:
        return "new content"
    return ""


def news(story: Story, told: Told) -> tuple[News, ...]:
    """Sentences from the top of articles that had not arrived when the reader was last told, with new facts in them.

    One more carrier, or the known facts in other words, gives nothing. Backlog and withdrawn articles give nothing.
    """
    fresh = [
        index
        for index, source in enumerate(story.sources)
        if source.article not in told.articles and not source.withdrawn and not source.backlog
    ]
    if not fresh:
        return ()
    known = _known(story, told)
    found: list[News] = []
    for index in fresh:
        for candidate in candidates.of_source(story, index)[:_LEAD]:
            why = _why(candidate, known)
            if why:
                found.append(News(candidate, why))
    return tuple(found)


def sentences_of(story: Story, told: Told, words: int) -> tuple[Sentence, ...]:
    """The sentences of an update, each marked `new`, within `words`; at least one if there is any news."""
    pool = [item.candidate for item in news(story, told)]
    return tuple(Sentence(c.text, c.sources, new=True) for c in in_reading_order(choose(story, pool, words)))
