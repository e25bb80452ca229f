"""Which articles of a story an edition reports as one event, and which it only lists as related.

Grouping brings articles together from half a likelihood on, so that one event is reported once. A headline, a summary
and a comparison of numbers need more: they are of one part of the story, whose articles are firmly of one event.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from digests.model import Source, Story, outlets
from digests.ranking.forms import SECONDARY, of_article

_LATEST = timedelta(days=1)  # before the newest article: what is news of the story


def related_last(story: Story, known: Collection[int] = frozenset()) -> Story:
    """Return the story with the articles of other parts marked as related, after the others.

    The part that is reported has a report rather than an opinion, a live blog or a list, and most outlets that are
    new: of articles that are not `known`, and of the last day. What was changed or withdrawn is never only related,
    because its readers must learn of that.
    """
    parts: dict[int, list[Source]] = {}
    for source in story.sources:
        parts.setdefault(source.part, []).append(source)
    if len(parts) == 1:
        return story
    since = max(source.moment for source in story.sources) - _LATEST

    def news(part: int) -> tuple[bool, int, int, int, datetime]:
        standing = [source for source in parts[part] if not source.withdrawn]
        fresh = [source for source in standing if source.article not in known]
        latest = [source for source in fresh if source.moment > since]
        report = any(source.text and of_article(source) not in SECONDARY for source in latest)
        newest = max(source.moment for source in parts[part])
        return report, outlets(latest), outlets(fresh), outlets(standing), newest

    reported = max(parts, key=news)
    marked = [replace(s, related=s.part != reported and not s.withdrawn and s.revised is None) for s in story.sources]
    return replace(story, sources=tuple(sorted(marked, key=lambda source: source.related)))


def reported_part(story: Story) -> Story:
    """Return the story without its related articles; the places of the others stay the same."""
    return replace(story, sources=tuple(source for source in story.sources if not source.related))
