"""The stories that are still open, and the articles in them."""

from __future__ import annotations

from base64 import b32encode
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.profiles import StoryProfile
from aggregator.stories.grouping.views import SOUGHT, IndexedArticle

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=1)  # clocks of outlets may be ahead by so much
OLDEST = timedelta(days=5 * 365)  # dates of publication before this are errors


def moment(published: datetime | None, arrived: datetime, default: datetime) -> datetime:
    """Return when a document was published; `default` if its date is missing, in the future or very old."""
    if published is None or not arrived - OLDEST <= published <= arrived + AHEAD:
        return default
    return min(published, arrived)


def story_id(entry: int, moment: datetime) -> str:
    """Return the stable id of a story that `entry` opens at `moment`: ten letters and digits."""
    digest = blake2b(f"{entry} {moment.isoformat()}".encode(), digest_size=8).digest()
    return b32encode(digest).decode().lower()[:10]


def turn(entry: int, title: str, published: datetime | None, arrived: datetime, now: datetime) -> tuple[Any, ...]:
    """Return the sort key of an entry among those that arrived together: publication; without a date it comes last."""
    return moment(published, arrived, default=now), title, entry


def held_since(stories: Iterable[tuple[datetime, int]], since: datetime, most: int) -> datetime:
    """Return the moment after which a story needs an article to be held: `since`, or later if `most` articles are reached.

    A story is given as when its latest article arrived, and how many articles it has.
    """
    articles = 0
    for arrived, count in sorted(stories, reverse=True):
        articles += count
        if articles > most:
            return max(arrived, since)
    return since


@dataclass(slots=True)
class WindowStory:
    """An open story: its articles by order of arrival, and what they say as a whole."""

    id: str
    slots: list[int] = field(default_factory=list)
    profile: StoryProfile = field(default_factory=StoryProfile)
    first: datetime = _NEVER  # publications
    last: datetime = _NEVER
    arrived: datetime = _NEVER  # of its latest article


class ArticleWindow:
    """Articles and stories with their index. Every change goes through here, so that the counts stay true.

    A story ends after `longest` without a new article, or earlier where more than `most` articles would be held.
    """

    def __init__(self, longest: timedelta = timedelta(days=60), most: int = 50_000) -> None:
        self._longest, self._most = longest, most
        self.index = Index()
        self.articles: dict[int, IndexedArticle] = {}  # by slot
        self.by_entry: dict[int, int] = {}  # article's entry to slot
        self.stories: dict[str, WindowStory] = {}

    def insert(self, article: IndexedArticle, story: str) -> None:
        """Put a new article into `story`, which is opened if it is not there."""
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
        self._date(less)
        return less

    def merge(self, ended: str, into: str) -> list[int]:
        """Move every article of `ended` into `into`; return their slots."""
        slots = list(self.stories[ended].slots)
        for slot in slots:
            self.move(slot, into)
        return slots

    def forget(self, now: datetime) -> list[IndexedArticle]:
        """Drop the stories that have been quiet for too long, and the quietest of more than can be held; return their articles."""
        since = held_since(((s.arrived, len(s.slots)) for s in self.stories.values()), now - self._longest, self._most)
        gone = [s for s in self.stories.values() if s.arrived <= since]
        dropped = [self.articles[slot] for story in gone for slot in story.slots]
        for article in dropped:
            self._leave(article)
            del self.articles[article.slot]
            del self.by_entry[article.entry]
        slots = {a.slot for a in dropped}
        self.index.remove(slots, [a.terms for a in dropped])
        return dropped

    def _join(self, article: IndexedArticle, story: str) -> None:
        home = self.stories.get(story)
        if home is None:
            home = self.stories[story] = WindowStory(story)
        article.story = story
        insort(home.slots, article.slot)
        home.profile.add(article)
        if len(home.slots) == 1:
            home.first = home.last = article.published
            home.arrived = article.arrived
        else:
            home.first, home.last = min(home.first, article.published), max(home.last, article.published)
            home.arrived = max(home.arrived, article.arrived)

    def _leave(self, article: IndexedArticle) -> None:
        home = self.stories[article.story]
        home.slots.remove(article.slot)
        if home.slots:
            home.profile.add(article, -1.0)
            self._date(home)
        else:
            del self.stories[home.id]

    def _date(self, story: WindowStory) -> None:
        held = [self.articles[s] for s in story.slots]
        story.first, story.last = min(a.published for a in held), max(a.published for a in held)
        story.arrived = max(a.arrived for a in held)
