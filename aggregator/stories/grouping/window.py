"""The open stories and their articles."""

from __future__ import annotations

from array import array
from base64 import b32encode
from bisect import insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from aggregator.stories.grouping import views
from aggregator.stories.grouping.articles import Articles
from aggregator.stories.grouping.index import Index, Ints
from aggregator.stories.grouping.profiles import StoryProfile
from aggregator.stories.grouping.stored import Reading
from aggregator.stories.grouping.views import ABROAD, POSTED, IndexedArticle
from aggregator.stories.meanings import Meanings
from aggregator.stories.model import Document, GroupingSettings
from aggregator.stories.record_store import RecordStore

AHEAD = timedelta(hours=1)  # clocks of outlets may be ahead by so much
PROFILED = 20_000  # terms of the stories' profiles that are kept, nine bytes each
LAST = 12  # profiles used last that are kept even so: an article is compared with eight stories, which may be large
OLDEST = timedelta(days=5 * 365)  # dates of publication before this are errors


def moment(published: datetime | None, arrived: datetime, default: datetime) -> datetime:
    """Return when a document was published; `default` if its date is missing, in the future or very old."""
    return min(published, arrived) if published is not None and is_believable(published, arrived) else default


def is_believable(published: datetime | None, arrived: datetime) -> bool:
    """Whether a document has a date of publication that is neither in the future nor very old."""
    return published is not None and arrived - OLDEST <= published <= arrived + AHEAD


def story_id(entry: int, moment: datetime) -> str:
    """Return the stable id of a story that `entry` opens at `moment`: ten letters and digits."""
    digest = blake2b(f"{entry} {moment.isoformat()}".encode(), digest_size=8).digest()
    return b32encode(digest).decode().lower()[:10]


def turn(entry: int, title: str, published: datetime | None, arrived: datetime, now: datetime) -> tuple[Any, ...]:
    """Return the sort key of an entry among those that arrived together: by publication, undated ones last."""
    return moment(published, arrived, default=now), title, entry


def held_since(stories: Iterable[tuple[datetime, int]], since: datetime, most: int) -> datetime:
    """Return the time up to which stories are closed: `since`, or later so that at most `most` articles are kept.

    Each story is given as the arrival of its latest article and its number of articles; those that arrived later stay.
    """
    articles = 0
    for arrived, count in sorted(stories, reverse=True):
        articles += count
        if articles > most:
            return max(arrived, since)
    return since


@dataclass(slots=True)
class WindowStory:
    """An open story: its articles in order of arrival, and its times."""

    id: str
    slots: Sequence[int]
    first: datetime  # publications
    last: datetime
    arrived: datetime  # of its latest article
    but: IndexedArticle | None = None  # an article of the story that is left out: see `without`


@dataclass(slots=True)
class _Grown:
    """The stored part of a story with several articles; its profile is cached separately."""

    slots: array[int]
    first: datetime
    last: datetime
    arrived: datetime


class OpenStories:
    """The open stories by id. For a story with one article, as most are, only the slot of the article is kept.

    Only the profiles used most recently are cached; others are computed again from the articles.
    """

    def __init__(self, articles: Articles) -> None:
        self._articles = articles
        self._single: dict[str, int] = {}
        self._grown: dict[str, _Grown] = {}
        self._profiles: OrderedDict[str, StoryProfile] = OrderedDict()

    def __getitem__(self, story: str) -> WindowStory:
        """Return a story; raises KeyError if it is not open."""
        slot = self._single.get(story)
        if slot is not None:
            return self._of_one(story, slot)
        home = self._grown[story]
        return WindowStory(story, home.slots, home.first, home.last, home.arrived)

    def __contains__(self, story: str) -> bool:
        """Whether a story is open."""
        return story in self._single or story in self._grown

    def __len__(self) -> int:
        """How many stories are open."""
        return len(self._single) + len(self._grown)

    def get(self, story: str) -> WindowStory | None:
        """Return a story; None if it is not open."""
        try:
            return self[story]
        except KeyError:
            return None

    def size(self, story: str) -> int:
        """Return how many articles a story has; raises KeyError if it is not open."""
        return 1 if story in self._single else len(self._grown[story].slots)

    def first_slot(self, story: str) -> int:
        """Return the slot of the first article of a story; raises KeyError if it is not open."""
        slot = self._single.get(story)
        return self._grown[story].slots[0] if slot is None else slot

    def latest(self) -> Iterator[tuple[str, datetime, int]]:
        """Yield each story's id, the arrival of its latest article, and its number of articles."""
        for story, slot in self._single.items():
            yield story, self._articles.times(slot)[0], 1
        for story, grown in self._grown.items():
            yield story, grown.arrived, len(grown.slots)

    def join(self, article: IndexedArticle) -> None:
        """Add an article to its story, which is opened if it is not open."""
        story = article.story
        alone = self._single.pop(story, None)
        if alone is not None:
            arrived, published = self._articles.times(alone)
            self._grown[story] = _Grown(array("i", [alone]), published, published, arrived)
        home = self._grown.get(story)
        if home is None:
            self._single[story] = article.slot
            return
        insort(home.slots, article.slot)
        if story in self._profiles:
            self._profiles[story].add(article)
        home.first, home.last = min(home.first, article.published), max(home.last, article.published)
        home.arrived = max(home.arrived, article.arrived)

    def leave(self, article: IndexedArticle) -> None:
        """Take an article out of its story; a story left empty ends."""
        if self._single.pop(article.story, None) is not None:
            return
        home = self._grown[article.story]
        home.slots.remove(article.slot)
        if len(home.slots) > 1:
            if article.story in self._profiles:
                self._profiles[article.story].remove(article)
            self._date(home)
        else:
            del self._grown[article.story]
            self._profiles.pop(article.story, None)
            self._single[article.story] = home.slots[0]

    def close(self, story: str) -> Sequence[int]:
        """End a story and return the slots of its articles; raises KeyError if it is not open."""
        slot = self._single.pop(story, None)
        self._profiles.pop(story, None)
        return self._grown.pop(story).slots if slot is None else [slot]

    def without(self, story: str, article: IndexedArticle) -> WindowStory:
        """Return a story as it would be without `article`; the story itself if the article is not in it."""
        home = self[story]
        if article.story != story:
            return home
        rest = [slot for slot in home.slots if slot != article.slot]
        if len(rest) == 1:
            return self._of_one(story, rest[0])
        less = WindowStory(story, rest, home.first, home.last, home.arrived, but=article)
        if rest:
            self._date(less)
        return less

    def profile(self, story: WindowStory) -> StoryProfile:
        """Return the profile of all articles of a story, which must not be changed."""
        if len(story.slots) == 1:
            return StoryProfile.of([self._articles.counted(story.slots[0])])
        profile = self._profiles.get(story.id)
        if profile is None:
            slots = self._grown[story.id].slots
            profile = self._profiles[story.id] = StoryProfile.of([self._articles.counted(slot) for slot in slots])
            over = sum(len(one.terms) for one in self._profiles.values()) - PROFILED
            while over > 0 and len(self._profiles) > LAST:
                over -= len(self._profiles.popitem(last=False)[1].terms)
        else:
            self._profiles.move_to_end(story.id)
        if story.but is not None:
            profile = profile.copy()
            profile.remove(story.but)
        return profile

    def _of_one(self, story: str, slot: int) -> WindowStory:
        arrived, published = self._articles.times(slot)
        return WindowStory(story, [slot], published, published, arrived)

    def _date(self, story: WindowStory | _Grown) -> None:
        arrived, published = zip(*map(self._articles.times, story.slots), strict=True)
        story.first, story.last, story.arrived = min(published), max(published), max(arrived)


class ArticleWindow:
    """Articles and stories with their index. Every change goes through here, so that the counts stay true.

    A story ends after a time without a new article, or earlier if the window would hold more articles than is set.
    """

    def __init__(self, records: RecordStore, settings: GroupingSettings, *, encoded: bool = False) -> None:
        self._longest, self._most = settings.window, settings.articles
        self.index = Index(records)
        self.meanings = Meanings(encoded=encoded)
        self.articles = Articles(records)
        self.stories = OpenStories(self.articles)

    def articles_of(self, documents: Sequence[Document], readings: Sequence[Reading]) -> list[IndexedArticle]:
        """Return documents as articles that may be inserted."""
        interned = views.interned([reading.features for reading in readings], self.index)
        return [
            IndexedArticle(
                entry=document.entry,
                slot=document.entry,
                arrived=document.arrived,
                published=moment(document.published, document.arrived, default=document.arrived),
                source=document.source,
                language=reading.features.language,
                terms=terms,
                flags=flags,
                words=views.words(flags),
                has_body=views.has_body(flags),
                vector=reading.vector if len(terms) else None,  # without terms nothing can be compared
                own=own,
                head=reading.head,
                title_keys=reading.title_keys,
                dated=is_believable(document.published, document.arrived),
            )
            for document, reading, (terms, flags, own) in zip(documents, readings, interned, strict=True)
        ]

    def insert(self, article: IndexedArticle, story: str) -> None:
        """Put a new article into `story`, which is opened if it is not there."""
        self.insert_all([(article, story)])

    def insert_all(self, placed: Sequence[tuple[IndexedArticle, str]]) -> None:
        """Put new articles into their stories, as `insert` does."""
        for article, story in placed:
            article.story = story
        articles = [article for article, _ in placed]
        self.articles.add_all(articles)
        self.index.add(
            [a.slot for a in articles], [a.terms for a in articles], [(a.flags & POSTED) > 0 for a in articles]
        )
        for article in articles:
            self.meanings.add(article.slot, article.language, article.vector)
            self.stories.join(article)

    def nearest(self, article: IndexedArticle, wanted: int, most: int) -> Ints:
        """Return the slots of the articles that share most of the terms in the `wanted` views, the best first."""
        sought = (article.flags & wanted) > 0
        return self.index.candidates(article.terms[sought], self.index.weights_of(article.terms)[sought], most)

    def nearest_foreign(self, article: IndexedArticle, searched: int, most: int, but: list[int]) -> list[int]:
        """Return up to `most` articles in other languages among the `searched` nearest by terms, except those in `but`.

        It returns at most one article of each story, so that a large story does not take all places.
        """
        found: dict[str, int] = {}
        if self.articles.only_in(article.language):
            return []
        for slot in self.articles.foreign(article.language, self.nearest(article, ABROAD, searched)).tolist():
            if slot not in but:
                found.setdefault(self.articles.story(slot), slot)
            if len(found) == most:
                break
        return list(found.values())

    def move(self, slot: int, story: str) -> None:
        """Take an article out of its story and into another; a story left empty ends."""
        article = self.articles[slot]
        self.stories.leave(article)
        self.articles.move(slot, story)
        self.stories.join(article)

    def merge(self, ended: str, into: str) -> None:
        """Move every article of `ended` into `into`."""
        for slot in self.stories.close(ended):
            self.articles.move(slot, into)
            self.stories.join(self.articles[slot])

    def forget(self, now: datetime) -> list[int]:
        """Close the stories that are quiet for too long or exceed the limit; return the slots of their articles."""
        latest = list(self.stories.latest())
        since = held_since(((arrived, count) for _, arrived, count in latest), now - self._longest, self._most)
        gone = [story for story, arrived, _ in latest if arrived <= since]
        slots = [slot for story in gone for slot in self.stories.close(story)]
        terms = []
        for slot in slots:
            article = self.articles[slot]
            terms.append(article.terms)
            self.meanings.remove(slot, article.language, article.vector)
            self.articles.remove(slot)
        self.index.remove(set(slots), terms, self._sought)
        return slots

    def _sought(self) -> Iterator[tuple[int, Ints]]:
        """Yield the slot of each article with the terms that the index has of it."""
        for slot in self.articles:
            article = self.articles[slot]
            yield slot, article.terms[(article.flags & POSTED) > 0]
