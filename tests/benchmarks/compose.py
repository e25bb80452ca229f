"""What composing costs: an edition of 30 stories from 100,000 stored entries, read, chosen, summarized and rendered.

    python -m tests.benchmarks.compose [--entries 100000] [--days 30] [--recipients 300]

The entries arrived evenly over the days, three to a story, from 500 feeds; the texts are invented. Wall and processor
seconds of the best of three, with and without the mail's rendering; the bar is 2 s. Then the same once for recipients
who were sent different earlier editions, so that each knows other stories (bar 20 s for 300), and what one mail of an
edition that is rendered already takes (bar 25 ms).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.pipeline.compose import Composed, Plan, Window, compose
from aggregator.pipeline.issue import Outputs, Sender
from aggregator.pipeline.summarizers import Models
from aggregator.store import Database
from aggregator.store.editions.editions import save_edition
from aggregator.store.intake import feeds
from aggregator.store.outgoing import recipients
from aggregator.store.records import StoryUpdate
from aggregator.store.stories import stories
from aggregator.stories.model import Action, Decision
from digests.channels.recipient import Recipient
from digests.model import DigestSpec, Match
from digests.render.page_links import Links
from digests.render.renderer import Renderer
from digests.summarize.extractive import ExtractiveSummarizer
from feeds.model import Entry
from tests.support.stored import LEASE, NOW, entry, poll, subscribe

FEEDS, SIZE, ROUNDS = 500, 2000, 3  # feeds; entries in one transaction
_THINGS = (
    "bridge",
    "harbour",
    "museum",
    "school",
    "hospital",
    "railway",
    "market",
    "library",
    "stadium",
    "reservoir",
    "theatre",
    "airport",
    "mill",
    "orchard",
)
_DEEDS = (
    "closed",
    "opened",
    "burnt",
    "flooded",
    "doubled",
    "halved",
    "sold",
    "rebuilt",
    "inspected",
    "moved",
    "lost",
    "won",
    "delayed",
    "praised",
)
_TOPICS = ("World", "Politics", "Business", "Technology", "Science", "Health", "Culture", "Sport")
SPEC = DigestSpec("bench", max_stories=30, max_words=4000)


def text(tale: int, part: int) -> str:
    """A report of some 120 words on one event; parts of it share half their sentences."""
    chance = random.Random(tale)
    thing, other = chance.choice(_THINGS), chance.choice(_THINGS)
    shared = (
        f"The {thing} of Town {tale} was {chance.choice(_DEEDS)} on Monday after {chance.randint(4, 900)} "
        "people complained, the mayor said."
    )
    chance = random.Random(tale * 31 + part)
    rest = (
        f"Inspectors {chance.choice(_DEEDS)} the {other} near {chance.choice(_THINGS)} street "
        f"{chance.randint(2, 99)} and counted "
        f"{chance.randint(4, 5000)} {chance.choice(_THINGS)} visitors in week {n}."
        for n in range(6)
    )
    return " ".join([shared, *rest])


def fill(db: Database, entries: int, days: int) -> None:
    """Store the entries with their stories."""
    subscribe(db, *(f"https://f{n}.example/feed" for n in range(FEEDS)))
    for start in range(0, entries, SIZE):
        now = NOW - timedelta(days=days) * max(1 - (start + SIZE) / entries, 0)
        records = feeds.claim(db, list(feeds.feeds_by_id(db)), now, "bench", LEASE)
        each = SIZE // len(records)
        polls = [
            poll(record, [one(start + place * each + n) for n in range(each)], now=now)
            for place, record in enumerate(records)
        ]
        saved = feeds.save_polls(db, polls, "bench", now)
        ids = sorted(key for keys in saved.new.values() for key in keys)
        decided = [
            Decision(k, k, f"s{k - p}", Action.JOINS if p else Action.OPENS)
            for n, k in enumerate(ids)
            if (p := n % 3) >= 0
        ]
        reported = [update(d.story) for d in decided if d.action is Action.OPENS]
        stories.save_grouping(db, decided, stories=reported, now=now)


def one(number: int) -> Entry:
    """The entry with this number: every three report one event."""
    tale, part = divmod(number, 3)
    return entry(
        f"e{number}",
        title=f"Town {tale} hears of its {_THINGS[tale % len(_THINGS)]}",
        text=text(tale, part),
        language="en",
    )


def update(story: str) -> StoryUpdate:
    """What the grouping tick would have described."""
    number = int(story[1:])
    terms = tuple((f"t{(number * 7 + n * 13) % 5000}", 1.0) for n in range(20))
    return StoryUpdate(
        id=story, title=f"Story {number}", language="en", topics=(Match(_TOPICS[number % 8], 0.9),), terms=terms
    )


def measure(db: Database, days: float) -> None:
    """Compose the edition of the last `days`, and render its mail."""
    window = Window(slot=NOW, start=NOW - timedelta(days=days), end=NOW)
    plan = Plan(SPEC, (Recipient("mail", "reader@x.example"),))
    best = [min(times) for times in zip(*(_round(db, plan, window) for _ in range(ROUNDS)), strict=True)]
    (made,) = asyncio.run(compose(db, plan, window, Models(ExtractiveSummarizer())))
    shown, seen = len(made.edition.items), made.choice.seen
    print(
        f"{shown} of {seen} stories: composed in {best[0]:.2f} s ({best[1]:.2f} s cpu), mail rendered in "
        f"{best[2]:.2f} s; bar 2 s"
    )


def measure_recipients(db: Database, days: float, count: int) -> None:
    """Compose for `count` recipients who have received different stories, and build the mails of one edition."""
    window = Window(slot=NOW, start=NOW - timedelta(days=days), end=NOW)
    readers = tuple(Recipient("mail", f"reader{n}@x.example") for n in range(count))
    known = recipients.ensure(db, readers, NOW)
    (base,) = asyncio.run(compose(db, Plan(SPEC, readers[:1]), window, Models(ExtractiveSummarizer())))
    chance, items = random.Random(7), base.edition.items
    for number in range(10):
        sent = NOW - timedelta(hours=number + 1)
        part = replace(base.edition.sections[0], items=items[3 * number : 3 * number + 3])
        earlier = replace(base.edition, id=f"earlier{number}", slot=sent, composed=sent, sections=(part,))
        got = [reader.id for reader in known if chance.random() < 0.5]
        save_edition(db, earlier, "{}", recipient_ids=got, now=sent)
    wall, cpu = time.perf_counter(), time.process_time()
    made = asyncio.run(compose(db, Plan(SPEC, readers), window, Models(ExtractiveSummarizer())))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{count} recipients, {len(made)} different editions: {wall:.2f} s ({cpu:.2f} s cpu); bar 20 s for 300")
    outputs = Outputs(base.edition, Renderer(), Sender())
    first = time.process_time()
    outputs.message(known[0])
    start = time.process_time()
    size = sum(len(outputs.message(reader)) for reader in known) // count
    each = 1000 * (time.process_time() - start) / count
    print(
        f"first mail {1000 * (start - first):.0f} ms cpu, each other mail of {size} bytes {each:.1f} ms cpu; bar 25 ms"
    )


def _round(db: Database, plan: Plan, window: Window) -> tuple[float, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    (made,) = asyncio.run(compose(db, plan, window, Models(ExtractiveSummarizer())))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall, cpu, _rendered(made)


def _rendered(made: Composed) -> float:
    start = time.perf_counter()
    Renderer().parts(made.edition, Links())
    return time.perf_counter() - start


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--recipients", type=int, default=300)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(str(Path(folder) / "bench.db"))
        db.migrate()
        fill(db, chosen.entries, chosen.days)
        measure(db, 1.0)
        measure_recipients(db, 1.0, chosen.recipients)
        db.close()


if __name__ == "__main__":
    main()
