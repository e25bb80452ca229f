"""Random histories through the store: what every reader was reported, over all digests, whatever became of the stories.

Entries arrive late and in copies, stories merge and split, the program is down for days, digests change their hours and
share readers. Whatever happens no reader reads a sentence twice as new, and with room enough nothing that arrived is
lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.pipeline.compose import Composed, Plan, Window, compose
from aggregator.pipeline.summarizers import Models
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import recipients
from aggregator.store.records import EditionDraft
from aggregator.store.stories import stories
from aggregator.stories.model import Action, Decision, Move, MoveReason
from digests import codec
from digests.channels.recipient import Recipient
from digests.model import DigestSpec, ItemKind
from digests.summarize.extractive import ExtractiveSummarizer
from tests.support.reports import THINGS, report
from tests.support.stored import NOW, entry, publish

ADA, BEN, CYD = (Recipient("mail", f"{name}@x.example") for name in ("ada", "ben", "cyd"))
READERS = {
    "morning": (ADA, BEN),
    "evening": (BEN, CYD),
}
WIDE = 10_000


@dataclass
class Desk:
    """A store, the stories in it, and what every reader has read."""

    db: Database
    now: datetime = NOW
    count: int = 0
    home: dict[int, str] = field(default_factory=dict)  # the story of an event
    parts: dict[str, list[int]] = field(default_factory=dict)  # articles of a story
    texts: dict[int, str] = field(default_factory=dict)  # what each article says
    reported: dict[str, set[int]] = field(
        default_factory=dict
    )  # articles that stood among the sources of what was read
    served: dict[str, datetime] = field(default_factory=dict)
    read: dict[str, list[str]] = field(default_factory=dict)
    new: dict[str, list[str]] = field(default_factory=dict)

    def arrive(self, tale: int, part: int, bridges: str = "") -> None:
        self.count += 1
        text = report(tale, part)
        kept = self.parts.get(self.home.get(tale, ""), [])
        if any(text == other and article not in kept for article, other in self.texts.items()):
            # An outlet that publishes the same words again in another story reports again, and is read again.
            text = report(tale, 4 + self.count)
        (key,) = publish(
            self.db, [entry(f"e{self.count}", title=f"{THINGS[tale]} {part}", text=text, language="en")], now=self.now
        )
        story = self.home.setdefault(tale, f"s{key}")
        action = Action.BRIDGES if bridges else Action.JOINS if story in self.parts else Action.OPENS
        decision = Decision(key, key, story, action, merged=(bridges,) if bridges else ())
        stories.save_grouping(self.db, [decision], now=self.now)
        self.parts.setdefault(story, []).append(key)
        self.texts[key] = text

    def merge(self, one: int, other: int) -> None:
        a, b = self.home.get(one), self.home.get(other)
        if a is None or b is None or a == b:
            return
        self.arrive(one, one % 4, bridges=b)
        self.parts[a] += self.parts.pop(b)
        self.home = {tale: a if story == b else story for tale, story in self.home.items()}

    def split(self, tale: int) -> None:
        story = self.home.get(tale)
        if story is None or len(self.parts[story]) < 2:
            return
        article = self.parts[story].pop()
        if any(self.texts[other] == self.texts[article] for other in self.parts[story]):
            self.parts[story].append(article)  # the same words would be read in two stories, as in `arrive`
            return
        stories.save_grouping(
            self.db, [], [Move(article, story, f"split{article}", MoveReason.OTHER_EVENT)], now=self.now
        )
        self.parts[f"split{article}"] = [article]

    def serve(self, digest: str, most: int) -> list[Composed]:
        """Compose and save, as the daemon does at any hour: the window goes back to the last edition of the digest."""
        spec = DigestSpec(digest, max_stories=most, max_words=WIDE)
        window = Window(self.now, self.served.get(digest, NOW - timedelta(days=1)), self.now)
        made = asyncio.run(compose(self.db, Plan(spec, READERS[digest]), window, Models(ExtractiveSummarizer())))
        known = {r.recipient: r for r in recipients.ensure(self.db, READERS[digest], self.now)}
        drafts = [self._draft(one, [*one.recipients, *(known[key] for key in one.fresh)]) for one in made]
        editions.save_editions(self.db, drafts, now=self.now)
        self.served[digest] = self.now
        return made

    def _draft(self, one: Composed, readers: list) -> EditionDraft:  # type: ignore[type-arg]
        for reader in readers:
            for item in one.edition.items:
                if item.kind is ItemKind.NEW:
                    self.new.setdefault(reader.recipient, []).append(item.story)
                fresh = [s.text for s in item.sentences if item.kind is ItemKind.NEW or s.new]
                self.read.setdefault(reader.recipient, []).extend(fresh)
                self.reported.setdefault(reader.recipient, set()).update(s.article for s in item.sources)
        return EditionDraft(
            one.edition, codec.edition_to_json(one.edition), "Subject", (), tuple(r.id for r in readers),
            {p.story.id: tuple(s.article for s in p.story.sources) for p in one.choice.picks},
        )  # fmt: skip


_TALES = st.integers(0, 3)
_STEPS = st.one_of(
    st.tuples(st.just("arrive"), _TALES, st.integers(0, 3)),
    st.tuples(st.just("arrive"), _TALES, st.integers(0, 3)),
    st.tuples(st.just("merge"), _TALES, _TALES),
    st.tuples(st.just("split"), _TALES, st.just(0)),
    st.tuples(st.just("down"), st.integers(1, 9), st.just(0)),
    st.tuples(st.just("serve"), st.sampled_from([0, 1]), st.integers(1, 3)),
    st.tuples(st.just("serve"), st.sampled_from([0, 1]), st.just(WIDE)),
)


def play(desk: Desk, steps: list[tuple[str, int, int]]) -> None:
    for what, one, other in steps:
        desk.now += timedelta(minutes=7)
        match what:
            case "arrive":
                desk.arrive(one, other)
            case "merge":
                desk.merge(one, other)
            case "split":
                desk.split(one)
            case "down":
                desk.now += timedelta(days=one)
            case _:
                desk.serve(("morning", "evening")[one], other)


@settings(max_examples=12)
@given(st.lists(_STEPS, max_size=20))
def test_no_reader_reads_twice_and_then_all_is_quiet(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        desk = Desk(Database.open(str(Path(folder) / "ledger.db")))
        desk.db.migrate()
        play(desk, steps)
        for digest in READERS:
            desk.now += timedelta(minutes=7)
            desk.serve(digest, WIDE)
        for reader, sentences in desk.read.items():
            assert len(sentences) == len(set(sentences)), reader
            assert len(desk.new.get(reader, [])) == len(set(desk.new.get(reader, []))), reader
        for digest in READERS:
            desk.now += timedelta(minutes=7)
            assert all(one.edition.quiet for one in desk.serve(digest, WIDE)), "all is reported"
        desk.db.close()


_ROOMY = _STEPS.map(lambda step: (step[0], step[1], WIDE) if step[0] == "serve" else step)


@settings(max_examples=8)
@given(st.lists(_ROOMY, max_size=16))
def test_with_room_no_reader_misses_an_article_however_long_the_program_was_down(
    steps: list[tuple[str, int, int]],
) -> None:
    with TemporaryDirectory() as folder:
        desk = Desk(Database.open(str(Path(folder) / "ledger.db")))
        desk.db.migrate()
        play(desk, steps)
        desk.now += timedelta(days=9)
        for digest, readers in READERS.items():
            desk.serve(digest, WIDE)
            for reader in readers:
                reported = {desk.texts[article] for article in desk.reported.get(reader, ())}
                assert set(desk.texts.values()) <= reported
        desk.db.close()


def test_what_was_held_back_before_an_outage_is_reported_after_it() -> None:
    with TemporaryDirectory() as folder:
        desk = Desk(Database.open(str(Path(folder) / "ledger.db")))
        desk.db.migrate()
        play(desk, [("arrive", 0, 0), ("arrive", 1, 0), ("serve", 0, 1), ("down", 6, 0), ("serve", 0, 1)])
        assert [len(desk.new[reader]) for reader in READERS["morning"]] == [2, 2]
        desk.db.close()
