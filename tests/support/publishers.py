"""Invented publishers with the habits that real ones have: each gives a feed's document at any poll.

A publisher brings out stories, edits some of them and lets the oldest roll out of a window; its habit says what it does
to guids, links and dates meanwhile. Every title is unique, so a test can tell which stories it was given.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
STEP = timedelta(hours=3)  # between two polls
WINDOW = 12  # items in a document
_NOUNS = [
    "ferry",
    "harbour",
    "council",
    "bridge",
    "school",
    "museum",
    "river",
    "market",
    "train",
    "library",
    "airport",
    "orchard",
    "clinic",
    "stadium",
    "tunnel",
]
_VERBS = ["opens", "closes", "wins", "loses", "delays", "plans", "reviews", "repairs", "funds", "rejects"]
_WHERE = ["Almena", "Verran", "Tarn", "Ostra", "Lindholm", "Quay", "Darro", "Velm", "Corvita", "Ladde"]


@dataclass(frozen=True)
class Story:
    """What the publisher means, whatever it writes. `edition` counts its edits, `headline` those of its title."""

    number: int
    out: datetime
    edition: int = 0
    headline: int = 0

    @property
    def title(self) -> str:
        pick = random.Random(self.number)
        words = (
            f"{pick.choice(_WHERE)} {pick.choice(_NOUNS)} {pick.choice(_VERBS)} {pick.choice(_NOUNS)} after "
            f"{pick.choice(_NOUNS)} dispute case{self.number}"
        )
        return words + (f", officials now say {self.headline}" if self.headline else "")

    @property
    def slug(self) -> str:
        return "-".join(self.title.lower().replace(",", "").split())

    @property
    def text(self) -> str:
        return f"The report on case{self.number} runs to several sentences. This is edition {self.edition} of it."


@dataclass(frozen=True)
class Item:
    """An item as a document says it; None leaves the element out."""

    title: str
    link: str | None
    guid: str | None
    date: datetime | None
    text: str

    def xml(self) -> str:
        parts = [f"<title>{escape(self.title)}</title>", f"<description>{escape(self.text)}</description>"]
        if self.link is not None:
            parts.append(f"<link>{escape(self.link)}</link>")
        if self.guid is not None:
            parts.append(f'<guid isPermaLink="false">{escape(self.guid)}</guid>')
        if self.date is not None:
            parts.append(f"<pubDate>{format_datetime(self.date)}</pubDate>")
        return "<item>" + "".join(parts) + "</item>"


def _plain(story: Story, poll: int) -> Item:
    return Item(
        story.title,
        f"https://news.example/2026/case{story.number}",
        f"tag:news.example,2026:{10_000 + story.number}",
        story.out,
        story.text,
    )


def _changed(**how: Callable[[Story, int], object]) -> Callable[[Story, int], Item]:
    """The plain item with some of its values replaced."""
    return lambda story, poll: replace(_plain(story, poll), **{name: make(story, poll) for name, make in how.items()})  # type: ignore[arg-type]


def _moved(poll: int) -> bool:
    """From then on, everything that a publisher changes once has changed."""
    return poll >= 8


HABITS: dict[str, Callable[[Story, int], Item]] = {
    "nothing odd": _plain,
    "a guid that counts revisions": _changed(
        guid=lambda s, _: f"https://news.example/2026/case{s.number}#{s.edition}",
        date=lambda s, _: s.out + timedelta(hours=5 * s.edition),
    ),
    "guids that change with every document": _changed(guid=lambda s, poll: f"{poll * 7919 + s.number:08d}"),
    "no guid, session parameters in links": _changed(
        guid=lambda *_: None, link=lambda s, poll: f"https://news.example/case{s.number}?sid={poll * 31:x}"
    ),
    "no guid, campaign parameters in links": _changed(
        guid=lambda *_: None,
        link=lambda s, poll: f"https://news.example/case{s.number}?utm_source=rss&utm_campaign={poll}",
    ),
    "links turn from http to https": _changed(
        guid=lambda *_: None, link=lambda s, poll: f"http{'s' if _moved(poll) else ''}://news.example/case{s.number}"
    ),
    "guids and links move to another host": _changed(
        guid=lambda s, poll: f"https://{'new' if _moved(poll) else 'old'}.example/case{s.number}",
        link=lambda s, poll: f"https://{'new' if _moved(poll) else 'old'}.example/case{s.number}",
    ),
    "the same without dates": _changed(
        guid=lambda s, poll: f"https://{'new' if _moved(poll) else 'old'}.example/case{s.number}",
        link=lambda s, poll: f"https://{'new' if _moved(poll) else 'old'}.example/case{s.number}",
        date=lambda *_: None,
    ),
    "another system with other guids and links": _changed(
        guid=lambda s, poll: f"post-{s.number}-8812" if _moved(poll) else f"{s.number:06d}",
        link=lambda s, poll: f"https://news.example/{'a/' + s.slug if _moved(poll) else f'?p={s.number}'}",
    ),
    "one guid for all": _changed(guid=lambda *_: "https://news.example/"),
    "one guid and one link for all": _changed(guid=lambda *_: "news", link=lambda *_: "https://news.example/"),
    "no guid and no link": _changed(guid=lambda *_: None, link=lambda *_: None),
    "guids by position": _changed(guid=lambda s, _: f"item-{s.number % WINDOW}"),
    "links that follow the headline": _changed(link=lambda s, _: f"https://news.example/{s.slug}"),
    "no guid, dates that follow the edits": _changed(
        guid=lambda *_: None, date=lambda s, _: s.out + timedelta(hours=7 * s.edition)
    ),
    "no dates": _changed(date=lambda *_: None),
    "many items on one page": _changed(
        link=lambda *_: "https://news.example/live/storm",
        guid=lambda s, _: f"https://news.example/live/storm#post-{s.number}",
    ),
    "items that differ in a number": _changed(
        title=lambda s, _: f"Version 4.{s.number} of the tide tables is out",
        link=lambda *_: "https://news.example/tables",
        guid=lambda s, _: f"tables-4.{s.number}",
    ),
}  # fmt: skip


@dataclass
class Publisher:
    """One feed through its history. `seed` fixes what happens; `titles` of the stories that have been out so far."""

    habit: str
    seed: int = 0
    hides: float = 0.0  # the share of items that a document leaves out at random
    stale: float = 0.0  # the share of polls that a cache answers with an old document

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.habit} {self.seed}")
        self._stories: list[Story] = []
        self._documents: list[tuple[bytes, frozenset[int]]] = []
        self.shown: set[int] = set()  # numbers of all stories that any document held

    def document(self, poll: int) -> bytes:
        """The document of the next poll."""
        now = START + poll * STEP
        for _ in range(self._random.choice((0, 0, 1, 1, 2, 3)) if poll else WINDOW):
            self._stories.append(Story(len(self._stories), now - timedelta(minutes=self._random.randrange(1, 170))))
        for place in range(max(0, len(self._stories) - WINDOW), len(self._stories)):
            if self._random.random() < 0.05:
                self._stories[place] = self._edited(self._stories[place])
        window = [s for s in self._stories[-WINDOW:] if self._random.random() >= self.hides]
        made = HABITS[self.habit]
        items = "".join(made(story, poll).xml() for story in reversed(window))
        body = f'<rss version="2.0"><channel><title>N</title><link>https://news.example/</link>{items}</channel></rss>'
        self._documents.append((body.encode(), frozenset(s.number for s in window)))
        if self._random.random() < self.stale:
            body_then, numbers = self._random.choice(self._documents[-4:])
        else:
            body_then, numbers = self._documents[-1]
        self.shown |= numbers
        return body_then

    def _edited(self, story: Story) -> Story:
        """A later edition; one in three gets another headline too."""
        return replace(story, edition=story.edition + 1, headline=story.headline + (self._random.random() < 0.33))
