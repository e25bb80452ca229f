"""Random histories: whatever merges, moves, fails and repeats, nothing is reported twice and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.errors import AlreadyReported
from aggregator.store.outgoing import deliveries, recovery
from aggregator.store.records import EditionDraft, NewDelivery
from aggregator.store.stories import search, stories
from aggregator.stories.model import Action, Decision, Move, MoveReason
from digests.model import ItemKind
from digests.outbox import Policy, State, Step, WhenUnknown
from tests.support.stored import LEASE, MINUTE, NOW, edition, entry, feed_entries, item, ledger_rows, publish, readers

PICK = st.integers(0, 10**6)


@dataclass
class Heard:
    """What one reader has really received: articles, by the deliveries that were accepted."""

    articles: set[int] = field(default_factory=set)


class History(RuleBasedStateMachine):
    """Feeds publish, the engine groups, merges and splits, two digests are sent, deliveries fail or are lost."""

    @initialize()
    def begin(self) -> None:
        self.db = Database.in_memory()
        self.now = NOW
        self.count = 0
        self.readers = readers(self.db, "ann@x.example", "bob@x.example")
        self.heard = {reader: Heard() for reader in self.readers}
        self.contents: dict[tuple[str, int], set[int]] = {}
        # Something is reported from the start, so that every later turn is about it.
        for _ in range(2):
            self.arrive(False, 0)
            self.arrive(True, 0)
        self.compose("morning", [0, 1], 4)
        self.deliver("sent")

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()

    def tick(self) -> None:
        self.now += MINUTE
        self.count += 1

    def alive(self) -> list[str]:
        return sorted(story.id for story in stories.stories(self.db))

    @rule(join=st.booleans(), pick=PICK)
    def arrive(self, join: bool, pick: int) -> None:
        self.tick()
        (key,) = publish(self.db, [entry(f"e{self.count}")], now=self.now)
        known = self.alive()
        if join and known:
            decision = Decision(key, key, known[pick % len(known)], Action.JOINS)
        else:
            decision = Decision(key, key, f"s{key}", Action.OPENS)
        stories.save_grouping(self.db, [decision], now=self.now)

    @rule(one=PICK, two=PICK)
    def bridge(self, one: int, two: int) -> None:
        known = self.alive()
        if known:
            self.tick()
            (key,) = publish(self.db, [entry(f"e{self.count}")], now=self.now)
            target, ended = known[one % len(known)], known[two % len(known)]
            stories.save_grouping(self.db, [Decision(key, key, target, Action.BRIDGES, merged=(ended,))], now=self.now)

    @rule(one=PICK, two=PICK, split=st.booleans())
    def move(self, one: int, two: int, split: bool) -> None:
        known = self.alive()
        if known:
            self.tick()
            origin = known[one % len(known)]
            (whole,) = stories.stories(self.db, ids=[origin])
            target = f"x{self.count}" if split else known[two % len(known)]
            stories.save_grouping(
                self.db, [], [Move(whole.sources[-1].article, origin, target, MoveReason.LATER)], now=self.now
            )

    @rule(
        digest=st.sampled_from(["morning", "evening"]), who=st.sampled_from([[0], [1], [0, 1]]), most=st.integers(1, 4)
    )
    def compose(self, digest: str, who: list[int], most: int) -> None:
        """Send each audience what is new to it, as the pipeline does."""
        self.tick()
        for reader in (self.readers[n] for n in who):
            whole = stories.stories(self.db)
            known = editions.reported(self.db, [reader], [story.id for story in whole])[reader]
            fresh = [story for story in whole if story.id not in known][:most]
            items = [item(s.id, articles=[source.article for source in s.sources]) for s in fresh]
            made = edition(items, slot=self.now, digest=digest, audience=str(reader))
            new = NewDelivery(reader, f"<{made.id}>", b"mail", expires=self.now + 20 * MINUTE)
            editions.save_editions(self.db, [EditionDraft(made, "{}", "S", (new,), (reader,))], now=self.now)
            self.contents[made.id, reader] = {source.article for one in items for source in one.sources}

    @rule(outcome=st.sampled_from(["sent", "sent", "refused", "later", "crash", "crash after the dot"]))
    def deliver(self, outcome: str) -> None:
        self.tick()
        deliveries.expire(self.db, self.now)
        for one in deliveries.claim_due(self.db, self.now, "me", LEASE, 10):
            if outcome != "crash":
                deliveries.mark_dot(self.db, one.id, "me", self.now)
            if outcome == "sent":
                stated = self.contents[one.edition_id, one.recipient_id]
                assert not stated & self.heard[one.recipient_id].articles, "reported twice"
                self.heard[one.recipient_id].articles |= stated
                deliveries.record(self.db, one.id, "me", Step(State.SENT, 1), self.now)
            elif outcome == "refused":
                deliveries.record(self.db, one.id, "me", Step(State.FAILED, 1), self.now)
            elif outcome == "later":
                deliveries.record(self.db, one.id, "me", Step(State.QUEUED, 1, self.now + 2 * MINUTE), self.now)

    @rule()
    def recover(self) -> None:
        self.now += LEASE
        back = recovery.recover(self.db, self.now, Policy(WhenUnknown.HOLD))
        for key in back.unknown:
            deliveries.settle(self.db, key, False, self.now)

    @rule(pick=PICK)
    def insist(self, pick: int) -> None:
        """A program that forgot everything is refused by the ledger."""
        whole = stories.stories(self.db)
        reader = self.readers[pick % 2]
        known = editions.reported(self.db, [reader], [story.id for story in whole])[reader]
        told_by_name = [s for s in whole if s.id in known and known[s.id].articles >= {x.article for x in s.sources}]
        if told_by_name and any(row for row in self._ledger(reader, told_by_name[0].id, told_by_name[0].absorbed)):
            self.tick()
            made = edition([item(told_by_name[0].id, ItemKind.NEW, articles=[1])], slot=self.now, digest="mad")
            try:
                editions.save_edition(self.db, made, "{}", recipient_ids=[reader], now=self.now)
            except AlreadyReported:
                return
            raise AssertionError("reported as new twice")

    def _ledger(self, reader: int, story: str, absorbed: tuple[str, ...]) -> list[str]:
        return [stated for stated, _ in ledger_rows(self.db, reader) if stated in {story, *absorbed}]

    @rule()
    def index(self) -> None:
        search.index_entries(self.db, 5)

    @invariant()
    def every_article_stands_in_one_living_story(self) -> None:
        if not hasattr(self, "db"):
            return
        placed = [source.article for story in stories.stories(self.db) for source in story.sources]
        assert len(placed) == len(set(placed)) == self.arrived()

    def arrived(self) -> int:
        return len([e for e in feed_entries(self.db, 1) if e.article_id == e.id]) if self.count else 0

    @invariant()
    def what_was_heard_is_reported(self) -> None:
        """No recipient would get an article again that reached them."""
        if not hasattr(self, "db"):
            return
        whole = stories.stories(self.db)
        known = editions.reported(self.db, self.readers, [story.id for story in whole])
        for reader, heard in self.heard.items():
            for story in whole:
                if heard.articles & {source.article for source in story.sources}:
                    assert story.id in known[reader]


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck)
)
