"""The timeline of a story: which article added something new, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from digests.language.keys import name_keys, number_keys
from digests.language.tokens import sentence_terms
from digests.model import Moment, Story
from digests.summarize import headline

SAME_TIME = timedelta(hours=3)  # counts further apart are an earlier and a later one, and do not contradict each other
_LIMIT = 12


def of(story: Story, known: Collection[int] = ()) -> tuple[Moment, ...]:
    """Return the titles of articles that added a number, a name or mostly new words, in order of time.

    Of related articles only those that are `known` to the recipient. Empty for a story with a single moment.
    """
    outlets = [s.outlet for s in story.sources]
    said: set[str] = set()
    spoken: set[str | None] = set()
    moments: list[Moment] = []
    places = (i for i, source in enumerate(story.sources) if not source.related or source.article in known)
    for index in sorted(places, key=lambda i: (story.sources[i].moment, i)):
        source = story.sources[index]
        language = source.language or story.language
        title = headline.without_outlet(source.title, outlets)
        own = set(sentence_terms(title, language))
        counts = number_keys(title, language)
        marks = counts | name_keys(title, language)
        # In the first article of a language all words and spellings are new, so only a number is evidence of news.
        new = marks - said or len(own - said) > 0.6 * len(own) if language in spoken or not moments else counts - said
        if title and new:
            moments.append(Moment(source.moment, title, index))
        spoken.add(language)
        said |= own | marks
    moments = moments[:1] + moments[1:][-(_LIMIT - 1) :]
    return tuple(moments) if len(moments) > 1 else ()
