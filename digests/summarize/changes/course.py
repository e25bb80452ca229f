"""The course of a story: when it reached its sources, on how many days it was reported, and what happened since."""

from __future__ import annotations

from datetime import datetime, timedelta

from digests.model import Reported, Story, outlet_key
from digests.summarize.changes import timeline

_FIRST_REPORT = timedelta(hours=6)  # after the first article; what arrives later is what happened since
_MOST_DAYS, _MOST_STEPS = 5, 5  # these count as 1


def first_report(story: Story) -> Reported:
    """Return what a recipient of the first report knows, so that the recap can say what happened since.

    Related articles are no part of it, because the recap does not tell of them.
    """
    own = [source for source in story.sources if not source.related]
    until = min(source.arrived for source in own) + _FIRST_REPORT
    known = [source for source in own if source.arrived <= until]
    articles = frozenset(source.article for source in known)
    return Reported(story.id, max(source.arrived for source in known), known[0].title, articles=articles)


def reached(story: Story, sources: int) -> datetime | None:
    """Return when so many outlets had reported the story; None: they have not.

    Old news of a first fetch does not count, nor does a related article.
    """
    seen: set[str] = set()
    for source in sorted(story.sources, key=lambda s: (s.arrived, s.article)):
        if not (source.backlog or source.withdrawn or source.related):
            seen.add(outlet_key(source))
            if len(seen) == sources:
                return source.arrived
    return None


def days(story: Story) -> int:
    """Return on how many days the story was reported, in UTC."""
    return len({source.moment.date() for source in story.sources if not source.withdrawn}) or 1


def weight(story: Story) -> float:
    """Return from 0 to 1 how long the story was reported and how often it went on."""
    steps = max(0, len(timeline.of(story)) - 1)
    return (min(1.0, (days(story) - 1) / (_MOST_DAYS - 1)) + min(1.0, steps / _MOST_STEPS)) / 2
