from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from aggregator.pipeline import group
from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import LEASE, GroupingStage, release_grouping
from aggregator.store import Database
from aggregator.store.errors import StoreError
from aggregator.store.stories import readings, stories
from aggregator.stories.grouping import features
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document, GroupingSettings, Placed
from aggregator.stories.profile.topics import Classifier
from aggregator.system.clock import ManualClock
from feeds.model import Entry
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, RATES
from tests.support.stored import DAY, HOUR, NOW, entry, publish

NEWS = [*QUAKE_PERU[:2], *QUAKE_IRAN[:2], RATES[1]]
LATER = [QUAKE_PERU[2]]
WINDOW = timedelta(days=14)


def items(reported: list[tuple[str, str]], name: str) -> list[Entry]:
    return [entry(f"{name}{n}", title=title, text=text, language="en") for n, (title, text) in enumerate(reported)]


def grouping_stage(db: Database, owner: str) -> GroupingStage:
    return GroupingStage(db, Describer(Classifier()), partial(Grouper, GroupingSettings(window=WINDOW)), owner)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    store = Database.open(f"sqlite:///{tmp_path / 'news.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The entries whose text was read, as they are."""
    seen: list[int] = []
    whole = features.extract

    def extract(document: Document, *more: object) -> features.Features:
        seen.append(document.entry)
        return whole(document, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", extract)
    return seen


def test_another_process_takes_up_the_window_without_reading_what_was_read(db: Database, read: list[int]) -> None:
    known = publish(db, items(NEWS, "a"))
    grouping_stage(db, "one").run(NOW)
    assert sorted(read) == known
    (late,) = publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW + HOUR)
    second = grouping_stage(db, "two").run(NOW + HOUR)
    assert sorted(read) == [*known, late]
    assert (second.entries, second.joined) == (1, 1)


def test_what_an_earlier_version_read_is_read_again_once(db: Database, read: list[int]) -> None:
    known = publish(db, items(NEWS, "a"))
    grouping_stage(db, "one").run(NOW)
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE comparison SET form = 'earlier'")
    read.clear()
    for name in ("two", "three"):
        publish(db, items(LATER, name), url=f"https://{name}.example/feed", now=NOW + HOUR)
        grouping_stage(db, name).run(NOW + HOUR)
    assert sorted(entry for entry in read if entry in known) == known


def test_a_writer_that_was_paused_and_wakes_up_late_writes_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "BATCH", 2)
    known = publish(db, items(NEWS, "a"))
    later, followed = NOW + LEASE + HOUR, list[int]()
    paused, successor = grouping_stage(db, "one"), grouping_stage(db, "two")

    def sleep_past_the_lease(_: int, _of: int) -> None:
        if not followed:
            followed.append(successor.run(later).entries)

    assert paused.run(NOW, sleep_past_the_lease).entries == 0
    assert followed == [len(known) - 2], "the first two were written before the pause"
    assert events(db) == len(known), "each entry was placed once"
    (late,) = publish(db, items(LATER, "b"), url="https://b.example/feed", now=later)
    assert paused.run(later + HOUR).joined == 1, "it loads the window again and goes on"
    assert {p.document.entry for p in stories.placed(db, NOW - DAY)} == {*known, late}


def test_decisions_that_could_not_be_written_are_made_again(db: Database, tmp_path: Path) -> None:
    """The window in memory has them already; if it stayed, each entry would be compared with itself."""
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    stage, undisturbed = grouping_stage(db, "one"), grouping_stage(other, "one")
    for store, grouping in ((db, stage), (other, undisturbed)):
        publish(store, items(NEWS[:2], "a"))
        grouping.run(NOW)
        publish(store, items([*NEWS[2:], *LATER], "b"), url="https://b.example/feed", now=NOW + HOUR)
    with db.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON story_event BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    with pytest.raises(StoreError):
        stage.run(NOW + HOUR)
    assert events(db) == 2
    with db.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER refuse")
    assert stage.run(NOW + HOUR) == undisturbed.run(NOW + HOUR)
    assert grouped(db) == grouped(other)
    other.close()


def grouped(db: Database) -> list[tuple[int, int]]:
    """Each entry with the first entry of its article."""
    return sorted((one.document.entry, one.article) for one in stories.placed(db, NOW - DAY))


def events(db: Database) -> int:
    """How many entries were placed, counting one that was placed twice twice."""
    with db.read() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM story_event WHERE entry_id IS NOT NULL").scalar_one()


def test_a_writer_that_keeps_its_lease_is_followed_when_it_dies(db: Database) -> None:
    publish(db, items(NEWS, "a"))
    first, second = (
        GroupingStage(db, Describer(Classifier()), Grouper, name, keeps_lease=True) for name in ("one", "two")
    )
    assert first.run(NOW).entries == len(NEWS)
    publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW)
    assert second.run(NOW + group.KEPT_LEASE / 2).entries == 0
    assert second.run(NOW + group.KEPT_LEASE).entries == 1


def test_what_was_read_goes_with_the_stories_that_end(db: Database) -> None:
    publish(db, items(NEWS, "a"))
    grouping_stage(db, "one").run(NOW)
    kept = [p.reading is not None for p in stories.placed(db, NOW - DAY, Grouper().form)]
    assert kept == [True] * len(NEWS)
    living = grouping_stage(db, "two")
    publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW + HOUR)
    living.run(NOW + HOUR)
    later = publish(db, items([RATES[0]], "c"), url="https://c.example/feed", now=NOW + 2 * WINDOW)
    living.run(NOW + 2 * WINDOW)
    assert [p.document.entry for p in stories.placed(db, NOW - DAY, Grouper().form) if p.reading] == later


def test_texts_are_compared_word_by_word_after_a_restart_too(db: Database) -> None:
    said = (
        "The weather service warns of gusts of {} km/h in Arvika. Loose objects should be secured. The "
        "warning is in force until midnight."
    )
    title = "Warning for Arvika: gusts of {} km/h"
    first = publish(db, [entry("a", title=title.format(90), text=said.format(90), language="en")])[0]
    grouping_stage(db, "one").run(NOW)
    later = [
        entry("b", title=title.format(90), text=f"KELMAR (Nordpress) - {said.format(90)}", language="en"),
        entry("c", title=title.format(95), text=said.format(95), language="en"),
    ]
    copy, update = publish(db, later, url="https://b.example/feed", now=NOW + HOUR)
    grouping_stage(db, "two").run(NOW + HOUR)
    home = {p.document.entry: p.article for p in stories.placed(db, NOW - DAY)}
    assert (home[copy], home[update]) == (first, update)


def test_an_outlet_is_named_once_as_carrier_and_never_beside_itself(db: Database) -> None:
    title, text = NEWS[0]
    for name in ("a", "b", "c", "c2"):
        row = entry(name, title=title, text=text, language="en")
        publish(
            db,
            [replace(row, source_title={"b": "North", "a": "North"}.get(name, "South"))],
            url=f"https://{name}.example/feed",
        )
    grouping_stage(db, "one").run(NOW)
    [found] = stories.stories(db, NOW - DAY)
    [source] = found.sources
    assert sorted([source.outlet, *(carrier.outlet for carrier in source.carriers)]) == ["North", "South"]


def test_the_order_in_which_feeds_respond_changes_nothing(tmp_path: Path) -> None:
    dated = [replace(item, published=NOW - HOUR * n) for n, item in enumerate(items([*NEWS, *LATER], "a"))]
    found = []
    for number, order in enumerate((dated, dated[::-1], dated[3:] + dated[:3])):
        store = Database.open(f"sqlite:///{tmp_path / f'{number}.db'}")
        store.migrate()
        for n, item in enumerate(order):
            publish(store, [item], url=f"https://{item.guid}.example/feed", now=NOW + n * timedelta(seconds=1))
        grouping_stage(store, "one").run(NOW + HOUR)
        stories_of: dict[str, set[str]] = {}
        for one in stories.placed(store, NOW - DAY):
            stories_of.setdefault(one.story, set()).add(one.document.title)
        found.append(sorted(map(sorted, stories_of.values())))
        store.close()
    assert found[0] == found[1] == found[2]
    assert any(len(titles) > 1 for titles in found[0])


def test_more_articles_than_are_held_are_not_read_again(db: Database) -> None:
    first = publish(db, items(NEWS[:2], "a"))
    grouping_stage(db, "one").run(NOW)
    last = publish(db, items(NEWS[4:], "b"), url="https://b.example/feed", now=NOW + HOUR)
    grouping_stage(db, "one").run(NOW + HOUR)
    since = NOW - WINDOW
    assert stories.held_since(db, since, 10) == since
    held = stories.placed(db, stories.held_since(db, since, 2))
    assert [p.document.entry for p in held] == last
    assert first


def test_a_window_that_takes_longer_to_load_than_the_lease_lasts_is_not_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "_PAGE", 1)
    publish(db, items(NEWS, "a"))
    grouping_stage(db, "one").run(NOW)
    clock = ManualClock(NOW + HOUR)

    class Slow(Grouper):
        def restore(self, placed: Iterable[Placed]) -> None:
            clock.advance(LEASE / 2)
            assert other.run(clock.now()).entries == 0, "the other process must not take over meanwhile"
            super().restore(placed)

    other = grouping_stage(db, "other")
    slow = GroupingStage(db, Describer(Classifier()), lambda: Slow(GroupingSettings(window=WINDOW)), "slow", clock.now)
    publish(db, items(LATER, "b"), url="https://b.example/feed", now=clock.now())
    assert slow.run(clock.now()).entries == 1


def test_a_writer_that_stops_is_followed_at_once(db: Database) -> None:
    one, two = (GroupingStage(db, Describer(Classifier()), Grouper, name, keeps_lease=True) for name in ("one", "two"))
    publish(db, items(NEWS[:1], "a"))
    assert one.run(NOW).entries == 1
    publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW)
    assert two.run(NOW).entries == 0
    release_grouping(db, "two")
    assert two.run(NOW).entries == 0, "only its holder gives it up"
    release_grouping(db, "one")
    assert two.run(NOW).entries == 1
