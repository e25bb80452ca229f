from __future__ import annotations

import pytest

from aggregator.stories.grouping import window
from aggregator.stories.grouping.articles import Articles
from aggregator.stories.grouping.engine import STORIES
from aggregator.stories.grouping.profiles import Counted, StoryProfile
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
    monkeypatch.setattr(window, "LAST", 1)
    for number in range(12):
        stories.profile(stories[f"story {number}"])
    assert list(stories._profiles) == ["story 9", "story 10", "story 11"]
    monkeypatch.setattr(window, "PROFILED", size - 1)
    stories.profile(stories["story 0"])
    assert list(stories._profiles) == ["story 0"]  # the one that is asked for is kept


def test_profiles_of_the_stories_of_one_decision_are_kept_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each article that is compared with a large story would read all articles of the story."""
    articles, stories = opened(STORIES)
    monkeypatch.setattr(window, "PROFILED", 10)
    read, counted = list[int](), articles.counted

    def noted(slot: int) -> Counted:
        read.append(slot)
        return counted(slot)

    monkeypatch.setattr(articles, "counted", noted)
    for _ in range(2):
        for number in range(STORIES):
            stories.profile(stories[f"story {number}"])
    assert sorted(read) == list(range(2 * STORIES))


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
