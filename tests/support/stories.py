"""Stories for tests, in one line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from digests.model import Item, Match, Reported, Source, Story

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


def source(article: int, title: str = "", text: str = "", *, hours: float = 1.0, **more: Any) -> Source:
    """An article that arrived `hours` before NOW, in English and from an outlet of its own unless said otherwise."""
    more.setdefault("outlet", f"Outlet {article}")
    more.setdefault("language", "en")
    return Source(article=article, title=title, text=text, arrived=NOW - timedelta(hours=hours), **more)


def story(name: str, *sources: Source, topic: str = "World", **more: Any) -> Story:
    """A story of these sources under one topic."""
    arrivals = [s.arrived for s in sources]
    more.setdefault("topics", (Match(topic, 0.9),) if topic else ())
    more.setdefault("language", sources[0].language)
    return Story(id=name, sources=sources, first=min(arrivals), last=max(arrivals), **more)


def after_reading(before: Reported | None, item: Item, at: datetime) -> Reported:
    """What a reader knows of a story after reading `item`: the ledger's next entry for it."""
    return Reported(
        story=item.story,
        last_reported=at,
        headline=item.headline,
        facts=item.facts | (before.facts if before else frozenset()),
        articles=frozenset(s.article for s in item.sources) | (before.articles if before else frozenset()),
    )
