"""The stories that are still open, and the articles in them."""

from __future__ import annotations

import itertools
from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.profiles import StoryProfile
from aggregator.stories.grouping.views import SOUGHT, IndexedArticle

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
PATIENCE = 4  # times its own widest gap so far that a story is waited for


@dataclass(slots=True)
class WindowStory:
    """An open story: its articles by order of arrival, and what they say as a whole."""

    id: str
    slots: list[int] = field(default_factory=list)
    profile: StoryProfile = field(default_factory=StoryProfile)
    first: datetime = _NEVER  # arrivals
    last: datetime = _NEVER


class ArticleWindow:
    """Articles and stories with their index. Every change goes through here, so that the counts stay true.

    A story ends after half of `longest` without a new article; one that has been slow before, after up to all of it.
    """

    def __init__(self, longest: timedelta = timedelta(days=14)) -> None:
        self._longest = longest
        self.index = Index()
        self.articles: dict[int, IndexedArticle] = {}  # by slot
        self.by_entry: dict[int, int] = {}  # article's entry to slot
        self.stories: dict[str, WindowStory] = {}
        self._next = 0

    def slot(self) -> int:
        """Return the number of the next article to arrive."""
        return self._next

    def insert(self, article: IndexedArticle, story: str) -> None:
        """Put a new article into `story`, which is opened if it is not there."""
        self._next = max(self._next, article.slot + 1)
        self.articles[article.slot] = article
        self.by_entry[article.entry] = article.slot
        self.index.add(article.slot, article.terms, (article.flags & SOUGHT) > 0)
        self._join(article, story)

    def move(self, slot: int, story: str) -> None:
        """Take an article out of its story and into another; a story left empty ends."""
        article = self.articles[slot]
        self._leave(article)
        self._join(article, story)

    def carry(self, slot: int, entry: int, arrived: datetime) -> None:
        """Note that another entry carries the text of an article."""
        self.articles[slot].carriers.append((entry, arrived))

    def without(self, story: str, article: IndexedArticle) -> WindowStory:
        """Return a story as it would be without an article, which need not be in it; the story itself if it is not."""
        home = self.stories[story]
        if article.story != story or self.articles.get(article.slot) is not article:
            return home
        rest = [self.articles[s] for s in home.slots if s != article.slot]
        less = WindowStory(story, [a.slot for a in rest], home.profile.copy())
        less.profile.add(article, -1.0)
        less.first, less.last = min(a.arrived for a in rest), max(a.arrived for a in rest)
        return less

    def merge(self, ended: str, into: str) -> list[int]:
        """Move every article of `ended` into `into`; return their slots."""
        slots = list(self.stories[ended].slots)
        for slot in slots:
            self.move(slot, into)
        return slots

    def forget(self, now: datetime) -> list[IndexedArticle]:
        """Drop the stories that have been quiet for too long by their own rhythm; return their articles."""
        gone = [s for s in self.stories.values() if now - s.last > self.patience(s)]
        dropped = [self.articles[slot] for story in gone for slot in story.slots]
        for article in dropped:
            self._leave(article)
            del self.articles[article.slot]
            del self.by_entry[article.entry]
        slots = {a.slot for a in dropped}
        self.index.remove(slots, [a.terms for a in dropped])
        return dropped

    def patience(self, story: WindowStory) -> timedelta:
        """Return how long the story may stay quiet: longer for one that has been slow before."""
        times = sorted(self.articles[s].arrived for s in story.slots)
        widest = max((b - a for a, b in itertools.pairwise(times)), default=timedelta())
        return min(self._longest, max(self._longest / 2, PATIENCE * widest))

    def _join(self, article: IndexedArticle, story: str) -> None:
        home = self.stories.get(story)
        if home is None:
            home = self.stories[story] = WindowStory(story)
        article.story = story
        insort(home.slots, article.slot)
        home.profile.add(article)
        self._date(home, article)

    def _leave(self, article: IndexedArticle) -> None:
        home = self.stories[article.story]
        home.slots.remove(article.slot)
        if home.slots:
            home.profile.add(article, -1.0)
            times = [self.articles[s].arrived for s in home.slots]
            home.first, home.last = min(times), max(times)
        else:
            del self.stories[home.id]

    def _date(self, story: WindowStory, joined: IndexedArticle) -> None:
        if len(story.slots) == 1:
            story.first = story.last = joined.arrived
        else:
            story.first, story.last = min(story.first, joined.arrived), max(story.last, joined.arrived)
