"""The stories that are still open, and the articles in them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.stories.index import Index
from aggregator.stories.profiles import Profile
from aggregator.stories.views import SOUGHT, Article

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
QUIET = timedelta(days=7)  # without a new article a story ends after this …
LONGEST = timedelta(days=30)  # … or after four times its own widest gap, up to this


@dataclass(slots=True)
class Story:
    """An open story: its articles by order of arrival, and what they say as a whole."""

    id: str
    slots: list[int] = field(default_factory=list)
    profile: Profile = field(default_factory=Profile)
    first: datetime = _NEVER  # arrivals
    last: datetime = _NEVER


class Window:
    """Articles and stories with their index. Every change goes through here, so that the counts stay true."""

    def __init__(self) -> None:
        self.index = Index()
        self.articles: dict[int, Article] = {}  # by slot
        self.by_entry: dict[int, int] = {}  # article's entry to slot
        self.stories: dict[str, Story] = {}
        self._next = 0

    def slot(self) -> int:
        """Return the number of the next article to arrive."""
        return self._next

    def insert(self, article: Article, story: str) -> None:
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

    def merge(self, ended: str, into: str) -> list[int]:
        """Move every article of `ended` into `into`; return their slots."""
        slots = list(self.stories[ended].slots)
        for slot in slots:
            self.move(slot, into)
        return slots

    def forget(self, now: datetime) -> list[Article]:
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

    def patience(self, story: Story) -> timedelta:
        """Return how long the story may stay quiet: longer for one that has been slow before."""
        times = sorted(self.articles[s].arrived for s in story.slots)
        widest = max((b - a for a, b in itertools.pairwise(times)), default=timedelta())
        return min(LONGEST, max(QUIET, 4 * widest))

    def _join(self, article: Article, story: str) -> None:
        home = self.stories.get(story)
        if home is None:
            home = self.stories[story] = Story(story)
        article.story = story
        home.slots.append(article.slot)
        home.slots.sort()
        home.profile.add(article)
        self._date(home)

    def _leave(self, article: Article) -> None:
        home = self.stories[article.story]
        home.slots.remove(article.slot)
        if home.slots:
            home.profile.add(article, -1.0)
            self._date(home)
        else:
            del self.stories[home.id]

    def _date(self, story: Story) -> None:
        times = [self.articles[s].arrived for s in story.slots]
        story.first, story.last = min(times), max(times)
