"""What a query sees of a story and of an entry."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.pipeline.query_fields import story_subjects
from aggregator.stories.query import parse
from digests.model import Match, Source, Story

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_one_query_means_the_same_in_search_and_in_selection() -> None:
    source = Source(
        1, "The Harbour Post", "Ferry late", "Fog.", NOW, url="https://post.example/1", feed="https://post.example/rss"
    )
    story = Story("abc", (source,), NOW, NOW, topics=(Match("World", 0.9),))
    (subject,) = story_subjects(story)
    for query in ('feed:"post.example/rss"', 'source:"harbour post"', "topic:World", "story:abc"):
        assert parse(query).matches(subject, NOW), query
    assert not parse('feed:"post.example/1"').matches(subject, NOW)
