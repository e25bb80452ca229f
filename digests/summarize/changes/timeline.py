"""The timeline of a story: which article added something new, and when."""

from __future__ import annotations

from datetime import timedelta

from digests.language.keys import name_keys, number_keys
from digests.language.tokens import sentence_terms
from digests.model import Moment, Story
from digests.summarize import headline

SAME_TIME = timedelta(hours=3)  # counts further apart are an earlier and a later one, and do not contradict each other
_LIMIT = 12


def of(story: Story) -> tuple[Moment, ...]:
    """Return the titles of articles that added a number, a name or mostly new words, in order of time.

    Empty for a story with a single moment.
    """
    outlets = [s.outlet for s in story.sources]
    known: set[str] = set()
    spoken: set[str | None] = set()
    moments: list[Moment] = []
    for index in sorted(range(len(story.sources)), key=lambda i: (story.sources[i].moment, i)):
        source = story.sources[index]
        language = source.language or story.language
        title = headline.without_outlet(source.title, outlets)
        own = set(sentence_terms(title, language))
        counts = number_keys(title, language)
        marks = counts | name_keys(title, language)
        # In the first article of a language all words and spellings are new, so only a number is evidence of news.
        new = (
            marks - known or len(own - known) > 0.6 * len(own) if language in spoken or not moments else counts - known
        )
        if title and new:
            moments.append(Moment(source.moment, title, index))
        spoken.add(language)
        known |= own | marks
    moments = moments[:1] + moments[1:][-(_LIMIT - 1) :]
    return tuple(moments) if len(moments) > 1 else ()
