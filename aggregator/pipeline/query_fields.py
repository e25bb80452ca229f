"""What a query sees: the same fields mean the same in search, in rules and in the selection of a digest."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.records import EntryRecord
from aggregator.stories.query import Subject
from digests.model import Match, Source, Story


def of_story(story: Story) -> list[Subject]:
    """A story as a query sees it: each source speaks for it, under the names of all that carry it."""
    topics = _lines([match.name for match in story.topics])
    return [of_source(story, source, topics) for source in story.sources]


def of_source(story: Story, source: Source, topics: str) -> Subject:
    """One source of a story."""
    return Subject(
        title=source.title,
        text=source.text,
        source=_lines([source.outlet, *(carrier.outlet for carrier in source.carriers)]),
        feed=source.feed,
        author=_lines(source.authors),
        language=source.language or "",
        topic=topics,
        story=story.id,
        arrived=source.arrived,
    )


def of_entry(entry: EntryRecord, topics: Sequence[Match], story: str) -> Subject:
    """One entry, before its story is told."""
    return Subject(
        title=entry.title,
        text=entry.text,
        source=entry.outlet,
        feed=entry.feed_url,
        author=_lines(entry.authors),
        language=entry.language or "",
        topic=_lines([match.name for match in topics]),
        story=story,
        arrived=entry.arrived,
    )


def _lines(names: Sequence[str]) -> str:
    """Several names in one field, a line each, so that an anchored pattern may meet any of them."""
    return "\n".join(names)
