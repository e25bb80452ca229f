"""Days of labelled news: fetched by the program once, then composed again and again in memory.

`database` has the program fetch each day's feeds at 06:55, one feed an outlet, over HTTP on loopback. `editions`
composes the edition of each day at 07:00 from the stored stories as they were then, with what earlier editions
reported. This takes a second a day, so that weights and rules can be judged quickly.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store.database import Database
from aggregator.store.stories import stories as story_store
from aggregator.system.clock import ManualClock
from digests.choose import as_of, choose
from digests.model import DigestSpec, Pick, Reported, Story
from digests.ranking import importance
from digests.summarize.extractive import summarize_story
from feeds.http.fake import Page
from tests.support.origin import Origin

HOUR = 7  # of the day, at which an edition is composed
DAY, FETCHED_BEFORE = timedelta(days=1), timedelta(minutes=5)
LEADING_DAYS = 3  # stories with an article of these days may be in an edition
MOST, LEAST = 30, 0.28  # as configured without settings of one's own
FRONT, HARD = frozenset({"general"}), frozenset({"general", "world", "nation", "business"})
_ITEM = (
    "<item><guid isPermaLink='false'>{id}</guid><title>{title}</title><link>{url}</link><pubDate>{date}</pubDate>"
    "<description>{text}</description></item>"
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def mornings(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the hour of the edition of each day, from that after `first` until that after `last`."""
    now = datetime.combine(first.date(), time(HOUR), UTC)
    now += DAY if now <= first else timedelta()
    while now < last + DAY:
        yield now
        now += DAY


def database(docs: Path, folder: Path) -> Database:
    """Return the database of the documents, which is filled if it does not exist."""
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        asyncio.run(_fetch_days(list(rows(docs)), unfinished))
        unfinished.rename(folder)
    return Database.open(f"sqlite:///{folder / 'days.db'}")


async def _fetch_days(documents: Sequence[Mapping[str, Any]], folder: Path) -> None:
    by_outlet: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = defaultdict(list)
    for row in documents:
        by_outlet[row["source"]].append((datetime.fromisoformat(row["time"]), row))
    paths = {outlet: f"/{re.sub(r'[^a-zA-Z0-9.-]', '_', outlet)}" for outlet in by_outlet}
    times = [at for listed in by_outlet.values() for at, _ in listed]
    clock = ManualClock(min(times))
    async with Origin() as origin:
        feeds = "".join(f'[[feed]]\nurl = "{origin.url(paths[o])}"\nname = {json.dumps(o)}\n' for o in by_outlet)
        file = folder / "days.toml"
        file.write_text(
            f'[storage]\nurl = "sqlite:///days.db"\n[fetch]\nallow_private = true\nfull_text = "never"\n'
            f'[[digest]]\nname = "day"\nschedule = "0 {HOUR} * * *"\nto = ["folder:out"]\n{feeds}',
            encoding="utf-8",
        )
        program = Program.open(load(file), clock)
        try:
            for now in mornings(min(times), max(times)):
                clock.set(now - FETCHED_BEFORE)
                for outlet, listed in by_outlet.items():
                    origin.on(paths[outlet], Page(_feed(outlet, [r for at, r in listed if now - DAY < at <= now])))
                await program.fetching.fetch()
                program.stories.group()
        finally:
            await program.aclose()
            program.close()


def _feed(outlet: str, listed: Sequence[Mapping[str, Any]]) -> bytes:
    items = "".join(
        _ITEM.format(
            id=escape(str(row["id"])),
            title=escape(row["title"]),
            url=escape(row.get("url") or ""),
            date=format_datetime(datetime.fromisoformat(row["time"])),
            text=escape(row.get("text") or ""),
        )
        for row in listed
    )
    head = f"<title>{escape(outlet)}</title><link>https://{escape(outlet)}/</link>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


class Labels:
    """The parts of a news service in which a story's articles were shown."""

    def __init__(self, docs: Path, gold: Path) -> None:
        ids = {row.get("url"): row["id"] for row in rows(docs)}
        topics = {row["id"]: frozenset(row["topics"]) for row in rows(gold)}
        self.by_url = {url: topics.get(name, frozenset()) for url, name in ids.items()}
        self.ids = frozenset(ids.values())

    def among(self, story: Story, parts: frozenset[str]) -> bool:
        """Whether an article of the story was in one of these parts."""
        return any(self.by_url.get(source.url, frozenset()) & parts for source in story.sources)


def editions(
    stories: Sequence[Story], weights: Callable[[date], Mapping[str, float]] | None = None
) -> Iterator[tuple[date, tuple[Pick, ...]]]:
    """Yield each day's edition, with the importance of stories by the weights of that day, else by the package's.

    The edition of the first day is left out, as it only says what the recipient knows.
    """
    reported: dict[str, Reported] = {}
    spec = DigestSpec("day", max_stories=MOST, min_score=LEAST)
    for number, now in enumerate(mornings(min(s.first for s in stories), max(s.last for s in stories))):
        since = now - LEADING_DAYS * DAY
        known = [s for s in stories if s.first <= now and (one := as_of(s, now)) and one.last > since]
        by_weight = weights(now.date()) if weights else importance.weights()
        with patch.object(importance, "weights", lambda by_weight=by_weight: by_weight):
            picks = choose(known, reported, spec, now).picks
        if number:
            yield now.date(), picks
        for pick in picks:
            reported[pick.story.id] = _report(pick, reported.get(pick.story.id), now)


def _report(pick: Pick, earlier: Reported | None, now: datetime) -> Reported:
    summary = summarize_story(pick.story, words=90, kind=pick.kind, reported=pick.reported)
    facts, articles = summary.facts, frozenset(source.article for source in pick.story.sources)
    if earlier is not None:
        facts, articles = facts | earlier.facts, articles | earlier.articles
    return Reported(pick.story.id, now, summary.headline, facts, articles)


def stored_stories(docs: Path, folder: Path) -> list[Story]:
    """Return the stories of the documents, as the program groups them."""
    return list(story_store.stories(database(docs, folder)))
