"""A story's course: which article brought something new, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.language.tokens import sentence_terms
from digests.model import Moment, Source, Story
from digests.summarize import facts, headline

_LIMIT = 12
_TRUSTED = timedelta(days=3)  # a publisher's date further back than this from its arrival is no help


def moment_of(source: Source) -> datetime:
    """When an article came out: the publisher's date if it can be true, else its arrival."""
    published = source.published
    if published is not None and source.arrived - _TRUSTED <= published <= source.arrived:
        return published
    return source.arrived


def of(story: Story) -> tuple[Moment, ...]:
    """Titles of the articles that added a number, a name or mostly new words, in order of time; withdrawals too.

    Empty for a story with a single moment.
    """
    outlets = [s.outlet for s in story.sources]
    known: set[str] = set()
    spoken: set[str | None] = set()
    moments: list[Moment] = []
    for index in sorted(range(len(story.sources)), key=lambda i: (moment_of(story.sources[i]), i)):
        source = story.sources[index]
        language = source.language or story.language
        title = headline.without_outlet(source.title, outlets)
        own = set(sentence_terms(title, language))
        counts = facts.number_keys(title, language)
        marks = counts | facts.name_keys(title, language)
        # In a language that has not spoken yet all words and spellings are new; only a number can tell that something is.
        new = (
            marks - known or len(own - known) > 0.6 * len(own) if language in spoken or not moments else counts - known
        )
        if title and new:
            moments.append(Moment(moment_of(source), title, index))
        spoken.add(language)
        known |= own | marks
    moments = moments[:1] + moments[1:][-(_LIMIT - 1) :]
    return tuple(moments) if len(moments) > 1 else ()
