"""Compares editions chosen for diversity with the best scores: `python -m tests.benchmarks.choosing [--days N]`.

Invented days of news: events of very different weight in eight topics, some of them reported in several stories that
should have been one (as grouping will sometimes leave them). Each day is chosen with the shipped diversity and, as the
peer, by score alone; printed for both: events reported (of those that fit), topics reported, share of the day's
importance that is reported (each event counted once), and stories that repeat an event.
"""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta

from digests.choose import choose
from digests.model import DigestSpec, Match, Source, Story

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
TOPICS = ("World", "Politics", "Business", "Technology", "Science", "Health", "Culture", "Sport")
WEIGHTS = (9, 6, 5, 3, 1, 1, 2, 6)  # how often a topic has news
EVENTS, MOST = 60, 12
_TERMS = 12  # of one event; two stories of one event share two thirds


def day(seed: int) -> tuple[list[Story], dict[str, int], dict[int, int]]:
    """The stories of one day, the event of each, and the importance of each event: how many outlets report it."""
    chance = random.Random(seed)
    stories: list[Story] = []
    event_of: dict[str, int] = {}
    importance: dict[int, int] = {}
    for event in range(EVENTS):
        topic = chance.choices(TOPICS, WEIGHTS)[0]
        voices = min(14, 1 + int(chance.paretovariate(1.1)))
        importance[event] = voices
        parts = 1 if voices < 4 or chance.random() < 0.6 else chance.randint(2, 3)
        for part in range(parts):
            name = f"{event}-{part}"
            event_of[name] = event
            stories.append(_story(name, event, part, topic, max(1, voices // parts), chance))
    return stories, event_of, importance


def _story(name: str, event: int, part: int, topic: str, voices: int, chance: random.Random) -> Story:
    number = (event * 4 + part) * 20
    hours = chance.uniform(0, 24)
    sources = tuple(
        Source(
            number + n,
            f"Outlet {chance.randint(1, 25)}",
            f"Event {name}",
            f"Report {number + n} of {name}.",
            NOW - timedelta(hours=hours),
        )
        for n in range(voices)
    )
    terms = tuple((f"e{event}t{n}" if n % 3 else f"{topic}{chance.randint(1, 30)}", 1.0) for n in range(_TERMS))
    return Story(
        name, sources, NOW - timedelta(hours=hours), NOW - timedelta(hours=hours), (Match(topic, 0.9),), terms=terms
    )


def judged(seed: int, diversity: float) -> tuple[float, float, float, float]:
    """Of one day's edition: events reported, topics reported, share of importance reported, repeated events."""
    stories, event_of, importance = day(seed)
    picks = choose(stories, {}, DigestSpec("d", max_stories=MOST, max_words=10**6, diversity=diversity), NOW).picks
    events = {event_of[p.story.id] for p in picks}
    best = sum(sorted(importance.values(), reverse=True)[:MOST])
    reported = sum(importance[event] for event in events) / best
    return len(events), len({p.topic for p in picks}), reported, len(picks) - len(events)


def main() -> None:
    """Read the arguments and print a line for each way of choosing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=200)
    days = parser.parse_args().days
    shipped = DigestSpec("d").diversity
    for name, diversity in (
        ("best scores only", 0.0),
        (f"shipped, diversity {shipped}", shipped),
        ("diversity 0.6", 0.6),
    ):
        figures = [judged(seed, diversity) for seed in range(days)]
        events, topics, reported, again = (sum(f[k] for f in figures) / days for k in range(4))
        print(
            f"{name:24} {events:5.2f} events, {topics:4.2f} topics, {100 * reported:5.1f} % of the importance, "
            f"{again:4.2f} stories again, of {MOST} a day"
        )


if __name__ == "__main__":
    main()
