"""Counts how often each story of a feed is new: `python -m tests.benchmarks.histories [--polls N] [--seeds N]`.

Invented publishers with the habits of real ones are polled, each document twice, through the shipped parser, decisions
and store; the peer is the usual recipe, a set of ids or else links. Printed by habit: polls with the right number of
new entries, stories missed, stories reported again.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.pipeline.fetch import Intake, poll
from aggregator.store import Database
from aggregator.store.intake import feeds
from aggregator.store.records import FeedConfigRow
from aggregator.system.clock import ManualClock
from feeds.http.fake import MemoryFetcher, Page
from feeds.model import Parsed
from feeds.parse import parse
from tests.support.publishers import HABITS, START, STEP, Publisher
from tests.support.stored import feed_entries

URL = "https://news.example/feed.xml"
_LEASE = timedelta(minutes=5)


class InProcess:
    """Parses in this process what the pool's workers parse."""

    async def parse(
        self,
        body: bytes,
        url: str,
        headers: dict[str, str],
        known: Collection[bytes] = (),
        page: Mapping[str, str] | None = None,
    ) -> Parsed:
        """See `aggregator.pipeline.fetch.Parser`."""
        return parse(body, url, headers, known)


class Ours:
    """One feed in a store of its own."""

    def __init__(self) -> None:
        self._db = Database.in_memory()
        self._source = MemoryFetcher()
        self._clock = ManualClock(START)
        feeds.sync_subscriptions(self._db, [FeedConfigRow(URL)], START)

    def poll(self, body: bytes, at: datetime) -> int:
        """The number of entries that this document brought."""
        self._clock.set(at)
        self._source.pages[URL] = Page(body)
        records = feeds.claim(self._db, [feeds.feed(self._db, URL).id], at, "me", _LEASE)
        intake = Intake(self._db, self._source, InProcess(), self._clock, "me")
        (polled,) = asyncio.run(poll(intake, records))
        assert polled.code is None, polled.message
        return polled.new

    def titles(self) -> list[str]:
        """Of everything that was ever new."""
        return [one.title for one in feed_entries(self._db, 1)]

    def close(self) -> None:
        """Give the database back."""
        self._db.close()


class IdOrLink:
    """The usual recipe."""

    def __init__(self) -> None:
        self._seen: set[str | None] = set()

    def poll(self, body: bytes, at: datetime) -> int:
        """See `Ours.poll`."""
        found = {
            entry.guid if entry.guid_origin == "guid" else entry.link_published
            for entry in parse(body, URL, {}).entries
        }
        new = found - self._seen
        self._seen |= new
        return len(new)


@dataclass
class Score:
    """Of one habit."""

    polls: int = 0
    right: int = 0
    missed: int = 0
    again: int = 0


def run(reader: Ours | IdOrLink, publisher: Publisher, polls: int, score: Score) -> None:
    """Poll a publisher through its history, every document twice."""
    before = 0
    for number in range(polls):
        body = publisher.document(number)
        at = START + number * STEP
        found = reader.poll(body, at) + reader.poll(body, at + timedelta(minutes=1))
        wanted = len(publisher.shown) - before
        before = len(publisher.shown)
        score.polls += 1
        score.right += found == wanted
        score.missed += max(0, wanted - found)
        score.again += max(0, found - wanted)


def measure(habits: Iterable[str], polls: int, seeds: int) -> dict[str, tuple[Score, Score]]:
    """Ours and the usual recipe, by habit; the odd seeds hide items and serve stale documents."""
    result = {}
    for habit in habits:
        ours, usual = Score(), Score()
        for seed in range(seeds):
            odd = {"hides": 0.1, "stale": 0.15} if seed % 2 else {}
            reader = Ours()
            run(reader, Publisher(habit, seed, **odd), polls, ours)
            reader.close()
            run(IdOrLink(), Publisher(habit, seed, **odd), polls, usual)
        result[habit] = (ours, usual)
    return result


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--polls", type=int, default=50)
    options.add_argument("--seeds", type=int, default=4)
    given = options.parse_args()
    total = (Score(), Score())
    for habit, pair in measure(HABITS, given.polls, given.seeds).items():
        print(f"{habit:46}", "   ".join(_line(score) for score in pair))
        for whole, part in zip(total, pair, strict=True):
            for name in ("polls", "right", "missed", "again"):
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
    print(f"{'all':46}", "   ".join(_line(score) for score in total), "  (ours; then a set of ids or links)")


def _line(score: Score) -> str:
    return f"{score.right:5}/{score.polls} polls right, {score.missed:3} missed, {score.again:5} again"


if __name__ == "__main__":
    main()
