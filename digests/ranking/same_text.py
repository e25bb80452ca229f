"""Recognizes a text that another outlet printed too, where the stories of both were kept apart.

One equal sentence proves little: reports in one form of words share it. Two articles have the same text only when their
first long sentence is equal and no number or name that one of them gives is missing in the other. An outlet that
publishes the same words again reports again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from digests.language.keys import name_keys, number_keys, sentence_key
from digests.language.sentences import walk
from digests.language.tokens import word_count
from digests.model import Source, Story

_LEAD_WORDS = 9  # two different events can have the same shorter first sentence
_LEAD_CHARS = 600


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of an article: the key of its first long sentence, and keys of numbers and names."""

    key: str
    outlet: str
    title: frozenset[str]
    numbers: frozenset[str]  # of title and text
    marks: frozenset[str]  # numbers and names of both


def opening(source: Source, story: Story) -> Opening | None:
    """Return the opening of an article; None if it has no long sentence."""
    return _opening(source.title, source.text[:_LEAD_CHARS], source.outlet, source.language or story.language)


# The editions of one slot look at the same articles.
@lru_cache(maxsize=4096)
def _opening(headline: str, text: str, outlet: str, language: str | None) -> Opening | None:
    lead = next((text[a:b] for a, b in walk(text, language) if word_count(text[a:b]) >= _LEAD_WORDS), None)
    if lead is None:
        return None
    title = number_keys(headline, language) | name_keys(headline, language)
    numbers = number_keys(f"{headline}\n{text}", language)
    marks = title | numbers | name_keys(text, language)
    return Opening(sentence_key(lead, language), outlet.casefold(), title, numbers, marks)


def openings(story: Story, sources: Iterable[Source]) -> frozenset[Opening]:
    """Return the openings of these articles of a story."""
    return frozenset(found for source in sources if (found := opening(source, story)) is not None)


def is_same_text(one: Opening, other: Opening) -> bool:
    """Whether two outlets printed the same text; it may be cut, and have a dateline."""
    return (
        one.key == other.key
        and one.outlet != other.outlet
        and (one.numbers <= other.numbers or other.numbers <= one.numbers)
        and one.title <= other.marks
        and other.title <= one.marks
    )
