"""The fields that queries match: the same in searches, rules and digests."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.store.records import EntryRecord
from aggregator.stories.query import Subject
from digests.model import Match, Source, Story


def story_subjects(story: Story) -> list[Subject]:
    """Return the query fields of a story: one subject per source, with the names of all outlets that carry it."""
    topics = _lines([match.name for match in story.topics])
    return [source_subject(story, source, topics) for source in story.sources]


def source_subject(story: Story, source: Source, topics: str) -> Subject:
    """Return the query fields of one source of a story."""
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


def entry_subject(entry: EntryRecord, topics: Sequence[Match], story: str) -> Subject:
    """Return the query fields of an entry."""
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
    """Join names with line breaks, so that an anchored pattern can match each of them."""
    return "\n".join(names)
