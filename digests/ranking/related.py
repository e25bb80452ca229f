"""Which articles of a story an edition reports as one event, and which it only lists as related.

Grouping brings articles together from half a likelihood on, so that one event is reported once. A headline, a summary
and a comparison of numbers need more: they are of one part of the story, whose articles are firmly of one event.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digests.model import Reported, Source, Story, outlets
from digests.ranking.forms import SECONDARY, of_article

_LATEST = timedelta(days=1)  # before the newest article: what is news of the story


def related_last(story: Story, reported: Reported | None = None) -> Story:
    """Return the story with the articles of other parts marked as related, after those of the part with most news."""
    return with_part(story, parts_by_news(story, reported)[0], reported)


def parts_by_news(story: Story, reported: Reported | None = None) -> list[int]:
    """Return the parts of the story, first the one to report.

    It has a report rather than an opinion, a live blog or a list, and most outlets that are new: of articles that the
    recipient does not know, and of the last day. Old news of a first fetch is not new.
    """
    parts: dict[int, list[Source]] = {}
    for source in story.sources:
        parts.setdefault(source.part, []).append(source)
    if len(parts) == 1:
        return list(parts)
    known = reported.articles if reported is not None else frozenset()
    since = max(source.moment for source in story.sources) - _LATEST

    def news(part: int) -> tuple[bool, int, int, int, datetime]:
        standing = [source for source in parts[part] if not source.withdrawn]
        fresh = [source for source in standing if not source.backlog and source.article not in known]
        latest = [source for source in fresh if source.moment > since]
        report = any(source.text and of_article(source) not in SECONDARY for source in latest)
        newest = max(source.moment for source in parts[part])
        return report, outlets(latest), outlets(fresh), outlets(standing), newest

    return sorted(parts, key=news, reverse=True)


def with_part(story: Story, part: int, reported: Reported | None = None) -> Story:
    """Return the story with the articles of other parts than this one marked as related, after the others.

    What was withdrawn, or changed since the recipient was sent it, is never only related: they must learn of that.
    """
    if all(source.part == part for source in story.sources):
        return story
    marked = [
        replace(s, related=s.part != part and not s.withdrawn and not _changed_since(s, reported))
        for s in story.sources
    ]
    # The same order whatever part was reported before: editions share summaries, which point at places in it.
    return replace(story, sources=tuple(sorted(marked, key=lambda s: (s.related, s.arrived, s.article))))


def _changed_since(source: Source, reported: Reported | None) -> bool:
    if reported is None or source.article not in reported.articles:
        return False
    return source.version_at(reported.last_reported) is not None


def reported_part(story: Story) -> Story:
    """Return the story without its related articles; the places of the others stay the same."""
    return replace(story, sources=tuple(source for source in story.sources if not source.related))
