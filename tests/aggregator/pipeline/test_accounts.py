"""The counts of the footer: each entry of a period is in exactly one class, whatever the stream is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from aggregator.pipeline.compose import Composed, Plan, Window, compose
from aggregator.pipeline.summarizers import Models
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.editions import entries as stored_groups
from aggregator.store.outgoing import recipients
from aggregator.store.records import EditionDraft, StoryUpdate
from aggregator.store.schema import tables
from aggregator.store.stories import stories
from aggregator.stories import query
from aggregator.stories.model import Action, Decision
from digests import codec
from digests.channels.recipient import Recipient
from digests.model import DigestSpec, Match
from digests.reasons import EntryClass, ReasonCode
from digests.summarize.fake import LeadSummarizer
from tests.support.reports import THINGS, report
from tests.support.stored import DAY, NOW, entry, publish

ADA = Recipient("mail", "ada@x.example")
FATES = ("plain", "plain", "mute", "drop", "sport", "query")


@dataclass
class Stream:
    """A store into which entries come, and the editions that were composed of it."""

    db: Database
    now: datetime = NOW
    count: int = 0
    articles: list[int] = field(default_factory=list)
    homes: dict[int, str] = field(default_factory=dict)

    def arrive(self, tale: int, fate: str, *, old: bool, grouped: bool) -> None:
        """A new entry; as the first fetch of a feed brings it if it is old."""
        self.count += 1
        text = report(tale, self.count) + (" Excluded." if fate == "query" else "")
        age = timedelta(days=3 * (self.count % 2)) if old else timedelta()
        made = entry(
            f"e{self.count}", title=f"{THINGS[tale]} {self.count}", text=text, language="en", published=self.now - age
        )
        (key,) = publish(self.db, [made], now=self.now)
        if old:
            with self.db.write() as connection:
                connection.exec_driver_sql(f"UPDATE entry SET backlog = true WHERE id = {key}")
        if grouped:
            self._place(
                Decision(
                    key, key, self.homes.get(tale, f"s{key}"), Action.JOINS if tale in self.homes else Action.OPENS
                )
            )
            self.homes.setdefault(tale, f"s{key}")
            self.articles.append(key)
            self._describe(self.homes[tale], fate)

    def copy(self, place: int) -> None:
        """Another outlet prints one of the articles."""
        if not self.articles:
            return
        self.count += 1
        article = self.articles[place % len(self.articles)]
        url = f"https://b{self.count % 3}.example/feed"
        (key,) = publish(self.db, [entry(f"c{self.count}", title="Copy")], url=url, now=self.now)
        self._place(Decision(key, article, stories.stories(self.db)[0].id, Action.CARRIES))

    def _place(self, decision: Decision) -> None:
        stories.save_grouping(self.db, [decision], now=self.now)

    def _describe(self, story: str, fate: str) -> None:
        excluded = fate in ("mute", "drop")
        topics = (Match("Sport" if fate == "sport" else "World", 1.0),)
        update = StoryUpdate(
            story, title=story, topics=topics, muted=excluded, dropped=fate == "drop", muted_by=fate if excluded else ""
        )
        stories.save_grouping(self.db, [], stories=[update], now=self.now)

    def send(self, most: int, hours: int) -> Composed:
        """The next edition, saved for its reader."""
        self.now += timedelta(hours=hours)
        last = editions.editions(self.db, "morning", limit=1)
        start = last[0].period_end if last else self.now - DAY
        spec = DigestSpec("morning", topics=("World",), max_stories=most)
        plan = Plan(spec, (ADA,), query.parse("NOT excluded"))
        window = Window(slot=self.now, start=start, end=self.now)
        (composed,) = asyncio.run(compose(self.db, plan, window, Models(LeadSummarizer())))
        reader = recipients.ensure(self.db, [ADA], self.now)[0]
        draft = EditionDraft(
            composed.edition,
            codec.edition_to_json(composed.edition),
            recipient_ids=(reader.id,),
            groups=composed.groups,
        )
        editions.save_editions(self.db, [draft], now=self.now)
        return composed

    def arrived(self, start: datetime, end: datetime) -> set[int]:
        """Ids of the entries of a period, read from the table itself."""
        with self.db.read() as connection:
            rows = connection.execute(select(tables.entry.c.id, tables.entry.c.arrived))
            return {row.id for row in rows if start < row.arrived <= end}

    def shown(self, composed: Composed) -> set[int]:
        """Ids of the articles that stand as sources in an edition."""
        return {source.article for item in composed.edition.items for source in item.sources}


def check(stream: Stream, composed: Composed) -> dict[EntryClass, set[int]]:
    """The sums of one edition; returns the entries of each class."""
    edition, trust = composed.edition, composed.edition.trust
    came = stream.arrived(edition.period_start, edition.period_end)
    listed = [key for group in composed.groups for key in group.entries]
    assert sorted(listed) == sorted(came), "each entry is in exactly one class"
    classes = {kind: {k for g in composed.groups if g.entry_class is kind for k in g.entries} for kind in EntryClass}
    assert {one.entry_class: one.count for one in trust.entries} == {k: len(v) for k, v in classes.items() if v}
    assert trust.entries_seen == sum(one.count for one in trust.entries) == len(came)
    assert classes[EntryClass.SHOWN] == came & stream.shown(composed)
    assert stored_groups.entry_groups(stream.db, edition.id) == composed.groups
    assert codec.edition_from_json(codec.edition_to_json(edition)) == edition
    return classes


_ENTRY = st.tuples(st.just("arrive"), st.integers(0, 5), st.sampled_from(FATES), st.booleans(), st.booleans())
_COPY = st.tuples(st.just("copy"), st.integers(0, 20))
_SEND = st.tuples(st.just("send"), st.integers(1, 3), st.integers(1, 60))


@settings(max_examples=40)
@given(st.lists(st.one_of(_ENTRY, _ENTRY, _COPY, _SEND), min_size=4, max_size=24))
def test_the_sums_add_up_in_any_stream(steps: list[tuple]) -> None:
    stream = Stream(Database.in_memory())
    for step in [*steps, ("send", 2, 1)]:
        match step:
            case ("arrive", tale, fate, old, pending):
                stream.arrive(tale, fate, old=old, grouped=not pending)
            case ("copy", place):
                stream.copy(place)
            case ("send", most, hours):
                check(stream, stream.send(most, hours))
        stream.now += timedelta(minutes=7)
    stream.db.close()


def test_each_class_is_what_it_says() -> None:
    stream = Stream(Database.in_memory())
    for tale, fate in enumerate(("plain", "plain", "mute", "drop", "sport")):
        stream.arrive(tale, fate, old=False, grouped=True)
    stream.copy(0)
    stream.arrive(5, "plain", old=True, grouped=True)  # the seventh: published three days before
    stream.arrive(6, "query", old=False, grouped=True)
    stream.arrive(7, "plain", old=False, grouped=False)
    classes = check(stream, stream.send(1, 1))
    sizes = {kind: len(found) for kind, found in classes.items()}
    assert sizes == {
        EntryClass.SHOWN: 1, EntryClass.COPIES: 1, EntryClass.DROPPED: 1, EntryClass.MUTED: 1, EntryClass.HELD: 1,
        EntryClass.SENT: 0, EntryClass.OUTSIDE: 2, EntryClass.BACKLOG: 1, EntryClass.PENDING: 1,
    }  # fmt: skip
    shown = next(iter(classes[EntryClass.SHOWN]))
    stream.now += timedelta(minutes=1)
    stream.copy(stream.articles.index(shown))
    second = stream.send(5, 1)
    assert {k for k, v in check(stream, second).items() if v} == {EntryClass.COPIES}
    assert len(second.edition.items) == 1, "the one that was held back comes now; it came in before"
    stream.db.close()


def test_each_group_has_its_reason() -> None:
    stream = Stream(Database.in_memory())
    for tale, fate in enumerate(("mute", "drop", "sport", "query", "plain", "plain")):
        stream.arrive(tale, fate, old=False, grouped=True)
    reasons = {(g.entry_class, g.reason.code) for g in stream.send(1, 1).groups if g.reason}
    assert reasons == {
        (EntryClass.MUTED, ReasonCode.RULE),
        (EntryClass.DROPPED, ReasonCode.RULE),
        (EntryClass.OUTSIDE, ReasonCode.OTHER_TOPICS),
        (EntryClass.OUTSIDE, ReasonCode.OTHER_QUERY),
        (EntryClass.HELD, ReasonCode.STORIES_FULL),
    }
    stream.db.close()
