"""What the process that polled an entry read of it is used by the process that groups, and decides nothing itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from aggregator.pipeline import group
from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage, ReadingStage
from aggregator.store import Database
from aggregator.store.errors import Locked
from aggregator.store.intake import entries
from aggregator.store.stories import stories
from aggregator.stories.encoder import Vector
from aggregator.stories.grouping import features
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.stored import unpack
from aggregator.stories.model import Decision, Document, GroupingSettings
from aggregator.stories.profile.topics import Classifier
from aggregator.system.hang import HangDetector
from feeds.model import Entry
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, RATES
from tests.aggregator.stories.test_encoder import Lengths
from tests.support.stored import HOUR, NOW, entry, publish
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

KEPT = "SELECT article_id, form, reading FROM comparison ORDER BY 1"
NEWS = [*QUAKE_PERU, *QUAKE_IRAN, *RATES]


def items(name: str = "a") -> list[Entry]:
    """News, with a copy of the first, an empty entry, and one with odd characters."""
    odd = [("", ""), ("Ünïcode \u2028 \x85 lines\n😀", "42 % of 7½ million, 12時30分 🦊\n\nhttps://a.example/x?y=1#z")]
    reported = [entry(f"{name}{n}", title=t, text=x, language="en") for n, (t, x) in enumerate([*NEWS, *odd])]
    return [*reported, replace(reported[0], guid=f"{name}copy", link="https://a.example/copy")]


def grouping(db: Database) -> GroupingStage:
    return GroupingStage(db, Describer(Classifier()), Grouper, "writer")


def reading(db: Database) -> ReadingStage:
    return ReadingStage(db, Grouper, HangDetector())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The entries whose features were read, as they are."""
    seen: list[int] = []
    whole = features.extract

    def extract(document: Document, *more: object) -> features.Features:
        if "poison" in document.title:
            raise ValueError("poison")
        seen.append(document.entry)
        return whole(document, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", extract)
    return seen


def rows(db: Database, query: str) -> list[tuple[object, ...]]:
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def compared(packed: bytes) -> tuple[object, ...]:
    """What a reading has; a window changes the order of its terms, and upper and lower case of words as written."""
    one = unpack(packed)
    assert one is not None
    vector = None if one.vector is None else one.vector.tolist()
    shown = {term: word.casefold() for term, word in one.features.shown.items()}
    return (
        one.features.language,
        one.features.terms,
        shown,
        one.head,
        one.hashes.tolist(),
        one.title_keys.tolist(),
        vector,
    )


def everything(db: Database) -> list[list[tuple[object, ...]]]:
    """All that grouping writes."""
    return [
        [(key, form, *compared(bytes(packed))) for key, form, packed in rows(db, KEPT)],
        rows(
            db, "SELECT story_id, what, entry_id, article_id, other_story, score, evidence FROM story_event ORDER BY id"
        ),
        rows(db, "SELECT id, story_id, lead_id, copy_of, origin FROM article ORDER BY id"),
        rows(db, "SELECT id, title, topics FROM story ORDER BY id"),
    ]


def test_what_was_read_ahead_changes_no_decision(db: Database, read: list[int]) -> None:
    undisturbed = Database.in_memory()
    for turn, now in (("a", NOW), ("b", NOW + HOUR)):
        for store in (db, undisturbed):
            known = publish(store, items(turn), url=f"https://{turn}.example/feed", now=now)
            if store is db:
                reading(store).run(known)
                assert len(rows(store, "SELECT entry_id FROM read_ahead")) == len(known)
            read.clear()
            grouping(store).run(now)
            assert bool(read) == (store is undisturbed), "the process that groups reads nothing"
    assert everything(db) == everything(undisturbed)
    assert all(everything(db))
    assert rows(db, "SELECT entry_id FROM read_ahead") == []
    undisturbed.close()


def test_an_entry_that_was_revised_meanwhile_is_read_again(db: Database, read: list[int]) -> None:
    first, second = publish(db, items()[:2])
    reading(db).run([first, second])
    read.clear()
    title, said = RATES[0]
    publish(db, changed=[replace(items()[0], title=title, text=said, content_hash="new")], now=NOW + HOUR)
    grouping(db).run(NOW + HOUR)
    assert read == [first]
    assert rows(db, "SELECT count(*) FROM comparison") == [(2,)]


def test_a_reading_under_other_settings_is_not_used(db: Database, read: list[int]) -> None:
    """As while workers are updated one by one, and where the languages were changed."""
    known = publish(db, items()[:3])
    ReadingStage(db, lambda: Grouper(GroupingSettings(languages=("de",))), HangDetector()).run(known)
    read.clear()
    grouping(db).run(NOW)
    assert sorted(read) == known
    assert rows(db, "SELECT DISTINCT form FROM comparison") == [(Grouper().form,)]
    assert rows(db, "SELECT entry_id FROM read_ahead") == [], "it is deleted all the same"


def test_what_a_writer_of_an_earlier_version_left_is_deleted(db: Database) -> None:
    """It knows no readings ahead: it groups these entries and leaves the rows."""
    known = publish(db, items()[:3])
    reading(db).run(known)
    stories.save_grouping(db, [Grouper().add(one.document) for one in entries.entries(db, known)], now=NOW)
    later = publish(db, items("b")[3:4], url="https://b.example/feed", now=NOW + HOUR)
    grouping(db).run(NOW + HOUR)
    assert rows(db, "SELECT entry_id FROM read_ahead") == []
    reading(db).run([*known, *later])
    assert rows(db, "SELECT entry_id FROM read_ahead") == [], "grouped entries are not read"


def test_a_reading_that_comes_while_its_entry_is_decided_is_deleted(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two processes work at the same time."""
    known, whole = publish(db, items()[:3]), Grouper.add

    def add(grouper: Grouper, document: Document, packed: bytes | None = None) -> Decision:
        reading(db).run([document.entry])
        return whole(grouper, document, packed)

    monkeypatch.setattr(Grouper, "add", add)
    grouping(db).run(NOW)
    assert rows(db, "SELECT article_id FROM comparison ORDER BY 1") == [(key,) for key in known]
    assert rows(db, "SELECT entry_id FROM read_ahead") == []


def test_an_entry_at_which_reading_fails_is_left_to_grouping(db: Database, read: list[int]) -> None:
    known = publish(db, [*items()[:2], entry("p", title="A poison of the day", text="It is one.")])
    reading(db).run(known)
    assert rows(db, "SELECT entry_id FROM read_ahead ORDER BY 1") == [(key,) for key in known[:2]]
    grouping(db).run(NOW)
    assert rows(db, "SELECT count(*) FROM entry WHERE grouped") == [(3,)]
    assert rows(db, "SELECT work FROM attempt WHERE aside IS NOT NULL") == [("group",)]


def test_the_reading_of_an_entry_that_is_set_aside_is_not_kept(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grouping fails at it, not reading: the window must not get its text back from the reading after a restart."""
    known = publish(db, [*items()[:2], entry("p", title="A poison of the day", text="It is one.")])
    reading(db).run(known)
    whole = Grouper.add

    def add(grouper: Grouper, document: Document, packed: bytes | None = None) -> Decision:
        if "poison" in document.title and document.text:
            raise ValueError("poison")
        return whole(grouper, document, packed)

    monkeypatch.setattr(Grouper, "add", add)
    grouping(db).run(NOW)
    assert rows(db, "SELECT key FROM attempt WHERE aside IS NOT NULL") == [(str(known[2]),)]
    *_, (key, _, packed) = rows(db, KEPT)
    shown = entries.entries(db, known[2:])[0].document.without_text()
    expected = Grouper().read(shown)
    assert expected is not None
    assert (key, compared(bytes(packed))) == (known[2], compared(expected))
    assert rows(db, "SELECT entry_id FROM read_ahead") == []


def test_an_encoder_that_hangs_is_interrupted_and_holds_up_no_other_thread(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    class Hanging(Lengths):
        def encode(self, texts: Sequence[str]) -> Vector:
            while True:
                began.set()

    monkeypatch.setattr(group, "TURN", timedelta(0))
    known, hang = publish(db, items()[:2]), HangDetector()
    stage = ReadingStage(db, lambda: Grouper(encoder=Hanging()), hang)
    hanging, other = (threading.Thread(target=stage.run, args=[[key]], daemon=True) for key in known)
    hanging.start()
    assert began.wait(60)
    other.start()
    other.join(10)
    assert not other.is_alive()
    assert hang.interrupt(timedelta(0))
    hanging.join(60)
    assert not hanging.is_alive()


def test_reading_that_hangs_is_interrupted(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    known = publish(db, items()[:2])
    began, whole = threading.Event(), features.extract

    def extract(document: Document, *more: object) -> features.Features:
        while document.entry == known[0]:
            began.set()
        return whole(document, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", extract)
    hang = HangDetector()
    thread = threading.Thread(target=ReadingStage(db, Grouper, hang).run, args=[known])
    thread.start()
    assert began.wait(60)
    while not hang.interrupt(timedelta(0)):
        pass
    thread.join(60)
    assert rows(db, "SELECT entry_id FROM read_ahead") == [(known[1],)]


def test_a_database_that_cannot_be_written_costs_only_the_readings(db: Database) -> None:
    known = publish(db, items()[:2])

    def refuse(_: Connection) -> None:
        raise Locked

    reading(db.guarded(refuse)).run(known)
    assert rows(db, "SELECT entry_id FROM read_ahead") == []


def test_where_the_encoder_does_not_respond_nothing_is_read_ahead(db: Database) -> None:
    """As on a machine that does not reach it, while the one that groups does."""
    known = publish(db, items()[:2])
    ReadingStage(db, lambda: Grouper(encoder=Lengths((0.0, 0.0))), HangDetector()).run(known)
    assert rows(db, "SELECT entry_id FROM read_ahead") == []


def test_the_encoder_is_asked_once_for_what_was_read_ahead() -> None:
    writer = Lengths()
    documents = [Document(n, title, said, NOW, "north", language="en") for n, (title, said) in enumerate(NEWS)]
    ahead, beside, alone = Grouper(encoder=Lengths()), Grouper(encoder=writer), Grouper(encoder=Lengths())
    assert [beside.add(one, ahead.read(one)) for one in documents] == [alone.add(one) for one in documents]
    assert writer.batches == []
