from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage
from aggregator.store import Database
from aggregator.store.stories import stories
from aggregator.stories.grouping import features
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document
from aggregator.stories.profile.topics import Classifier
from feeds.model import Entry
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, RATES
from tests.support.stored import DAY, HOUR, NOW, entry, publish

NEWS = [*QUAKE_PERU[:2], *QUAKE_IRAN[:2], RATES[1]]
LATER = [QUAKE_PERU[2]]
WINDOW = timedelta(days=14)


def items(told: list[tuple[str, str]], name: str) -> list[Entry]:
    return [entry(f"{name}{n}", title=title, text=text, language="en") for n, (title, text) in enumerate(told)]


def room(db: Database, owner: str) -> GroupingStage:
    return GroupingStage(db, Describer(Classifier()), Grouper, owner, WINDOW)


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
    room(db, "one").run(NOW)
    assert read == known
    (late,) = publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW + HOUR)
    second = room(db, "two").run(NOW + HOUR)
    assert read == [*known, late]
    assert (second.entries, second.joined) == (1, 1)


def test_what_was_read_goes_with_the_stories_that_end(db: Database) -> None:
    publish(db, items(NEWS, "a"))
    room(db, "one").run(NOW)
    kept = [p.reading is not None for p in stories.placed(db, NOW - DAY, Grouper().form)]
    assert kept == [True] * len(NEWS)
    living = room(db, "two")
    publish(db, items(LATER, "b"), url="https://b.example/feed", now=NOW + HOUR)
    living.run(NOW + HOUR)
    later = publish(db, items([RATES[0]], "c"), url="https://c.example/feed", now=NOW + 2 * WINDOW)
    living.run(NOW + 2 * WINDOW)
    assert [p.document.entry for p in stories.placed(db, NOW - DAY, Grouper().form) if p.reading] == later


def test_texts_are_compared_word_by_word_after_a_restart_too(db: Database) -> None:
    said = "The weather service warns of gusts of {} km/h in Arvika. Loose objects should be secured. The warning is in force until midnight."
    title = "Warning for Arvika: gusts of {} km/h"
    first = publish(db, [entry("a", title=title.format(90), text=said.format(90), language="en")])[0]
    room(db, "one").run(NOW)
    later = [
        entry("b", title=title.format(90), text=f"KELMAR (Nordpress) - {said.format(90)}", language="en"),
        entry("c", title=title.format(95), text=said.format(95), language="en"),
    ]
    copy, update = publish(db, later, url="https://b.example/feed", now=NOW + HOUR)
    room(db, "two").run(NOW + HOUR)
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
    room(db, "one").run(NOW)
    [found] = stories.stories(db, NOW - DAY)
    [source] = found.sources
    assert sorted([source.outlet, *(carrier.outlet for carrier in source.carriers)]) == ["North", "South"]
