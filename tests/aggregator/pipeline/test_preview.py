"""The archive grouped again: which stories were joined and which were split, named by their titles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aggregator.pipeline import preview
from aggregator.pipeline.preview import ReplayResult, replay
from aggregator.store import Database
from aggregator.store.stories import stories
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Action, Decision, Document, Move, MoveReason
from tests.support.stored import DAY, NOW, entry, publish


class Together(Grouper):
    """An engine that puts everything into one story at first, and moves the last article out when it looks back."""

    def __init__(self, *, move: bool = False) -> None:
        super().__init__()
        self._move, self._last = move, 0
        self.titles: list[str] = []

    def add(self, document: Document) -> Decision:
        self._last = document.entry
        self.titles.append(document.title)
        return Decision(document.entry, document.entry, "all", Action.JOINS)

    def tidy(self, now: datetime) -> list[Move]:
        return [Move(self._last, "all", "own", MoveReason.LATER)] if self._move else []

    def forget(self, now: datetime) -> int:
        return 0


@pytest.fixture
def db(tmp_path: Path) -> Iterable[Database]:
    db = Database.open(f"sqlite:///{tmp_path / 'a.db'}")
    db.migrate()
    ids = publish(db, [entry("a", title="A"), entry("b", title="B"), entry("c", title="C")])
    stories.save_grouping(db, [Decision(i, i, f"s{i}", Action.OPENS) for i in ids], now=NOW)
    yield db
    db.close()


def kinds_and_parts(done: ReplayResult) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    return [(c.kind, c.parts) for c in done.changes]


def test_stories_that_come_together_are_named(db: Database) -> None:
    done = replay(db, Together(), NOW - DAY)
    assert (done.entries, done.before, done.after) == (3, 3, 1)
    assert kinds_and_parts(done) == [("joined", (("A",), ("B",), ("C",)))]


def test_a_later_look_back_counts(db: Database) -> None:
    done = replay(db, Together(move=True), NOW - DAY)
    assert done.after == 2
    assert kinds_and_parts(done) == [("joined", (("A",), ("B",)))]


def test_a_replay_reports_how_far_it_is(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "TIDY_INTERVAL", 1)
    seen: list[tuple[int, int]] = []
    replay(db, Together(), NOW - DAY, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_an_empty_archive_has_nothing_to_replay(db: Database) -> None:
    done = replay(db, Grouper(), NOW + timedelta(days=400))
    assert (done.entries, done.changes) == (0, ())


def test_what_arrived_together_is_grouped_in_order_of_publication(db: Database) -> None:
    dated = [entry(name, title=name.upper(), published=NOW - DAY * n) for n, name in enumerate("de")]
    ids = publish(db, dated, url="https://b.example/feed", now=NOW + timedelta(minutes=1))
    late = publish(db, [entry("f", title="F", published=NOW - DAY * 9)], url="https://c.example/feed", now=NOW + DAY)
    stories.save_grouping(db, [Decision(i, i, f"s{i}", Action.OPENS) for i in (*ids, *late)], now=NOW)
    engine = Together()
    replay(db, engine, NOW - DAY)
    assert engine.titles == ["E", "D", "A", "B", "C", "F"]
