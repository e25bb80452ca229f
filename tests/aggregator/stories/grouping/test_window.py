from __future__ import annotations

import pytest

from aggregator.stories.grouping import window
from aggregator.stories.grouping.articles import Articles
from aggregator.stories.grouping.profiles import StoryProfile
from aggregator.stories.grouping.window import OpenStories
from aggregator.stories.record_store import MemoryRecords
from tests.aggregator.stories.grouping.test_articles import article


def opened(many: int) -> tuple[Articles, OpenStories]:
    """Return stories of two articles each, with about twenty terms an article."""
    articles = Articles(MemoryRecords())
    stories = OpenStories(articles)
    for slot in range(2 * many):
        one = article(20 + slot % 2, f"story {slot // 2}")
        one.slot = one.entry = slot
        articles.add(one)
        stories.join(one)
    return articles, stories


def test_profiles_of_stories_are_kept_up_to_a_number_of_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    _, stories = opened(12)
    size = len(stories.profile(stories["story 0"]).terms)
    monkeypatch.setattr(window, "PROFILED", 3 * size)
    for number in range(12):
        stories.profile(stories[f"story {number}"])
    assert list(stories._profiles) == ["story 9", "story 10", "story 11"]
    monkeypatch.setattr(window, "PROFILED", size - 1)
    stories.profile(stories["story 0"])
    assert list(stories._profiles) == ["story 0"]  # the one that is asked for is kept


def test_a_profile_without_one_article_leaves_the_kept_one_as_it_is() -> None:
    articles, stories = opened(1)
    third = article(25, "story 0")
    articles.add(third)
    stories.join(third)
    less = stories.profile(stories.without("story 0", third))
    rest = StoryProfile.of([articles.counted(slot) for slot in (0, 1)])
    assert less.terms.tolist() == rest.terms.tolist()
    assert len(stories.profile(stories["story 0"]).terms) > len(rest.terms)
    assert stories.profile(stories.without("story 0", third)).counts.tolist() == rest.counts.tolist()
