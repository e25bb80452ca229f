"""An entry that kills, freezes or stops the process that groups is set aside after some tries; the others go on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from aggregator.pipeline.describe import Describer
from aggregator.pipeline.group import GroupingStage, release_grouping
from aggregator.store import Database, attempts, leases
from aggregator.store.attempts import Attempts
from aggregator.store.intake import entries
from aggregator.stories.grouping import features
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document
from aggregator.stories.profile.topics import Classifier
from aggregator.system.hang import HangDetector
from tests.support.poison import POISON
from tests.support.statements import counting
from tests.support.stored import NOW, entry, publish
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names

TITLES = ["A ferry ran aground off Lund", f"{POISON} of the day", "A library opened in Orr", "Barley is short in Weiss"]


def fill(url: str) -> Database:
    db = Database.open(url)
    publish(db, [entry(str(n), title=title, text=f"{title}, they said on Monday.") for n, title in enumerate(TITLES)])
    return db


def group_until_done(db: Database, url: str, where: str, how: str) -> list[int]:
    """Start processes that group, one after another as a service manager does; return how each ended."""
    ended = []
    while len(ended) < 9 and 0 not in ended:
        words = [sys.executable, "-m", "tests.support.poison", url, where, how]
        ended.append(subprocess.run(words, check=False, capture_output=True, timeout=120).returncode)
        title = f"Item {len(ended)} of the day's list of {len(ended) * 100} changes"
        publish(db, [entry(f"more{len(ended)}", title=title, text=f"{title}.")])
        with db.read() as connection:
            holder = connection.execute(text("SELECT value FROM meta WHERE key = 'grouping'")).scalar()
        release_grouping(db, holder or "")  # as another worker does when one has died
    return ended


def titles(db: Database) -> set[str]:
    with db.read() as connection:
        rows = connection.execute(text("SELECT title FROM entry WHERE grouped AND article_id IS NOT NULL"))
        return set(rows.scalars())


@pytest.mark.parametrize(
    ("where", "how", "sign", "deaths", "work"),
    [
        ("read", "kill", signal.SIGKILL, 2, "group"),
        ("read", "freeze", signal.SIGPROF, 2, "group"),
        ("describe", "kill", signal.SIGKILL, 3, "describe"),
    ],
)
def test_an_entry_that_kills_its_process_is_set_aside(
    server_or_file_url: str, where: str, how: str, sign: signal.Signals, deaths: int, work: str
) -> None:
    db = fill(server_or_file_url)
    ended = group_until_done(db, server_or_file_url, where, how)
    assert ended == [-sign] * deaths + [0]
    assert titles(db) >= set(TITLES), "each entry has a story, also the one at fault"
    (found,) = attempts.aside(db)
    ending = {"kill": "ended with status -9", "freeze": "computed longer than 4 s"}[how]
    assert (found.work, found.why) == (work, f"a process of its own {ending}")
    assert attempts.unfinished(db, "group") == {}, "nothing else is suspected"
    publish(db, [entry("later", title="A bridge closes in Orr", text="It closes on Monday.")], now=NOW)
    assert group_until_done(db, server_or_file_url, where, how) == [0], "the successor does not read it again either"
    db.close()


def test_an_entry_of_the_window_that_kills_its_process_is_set_aside(server_or_file_url: str) -> None:
    """As after an update whose form of the features is another: the window is read again when it is loaded."""
    db = fill(server_or_file_url)
    GroupingStage(db, Describer(Classifier()), Grouper, "before").run(NOW)
    with db.write() as connection:
        connection.execute(text("DELETE FROM comparison"))
    publish(db, [entry("later", title="A bridge closes in Orr", text="It closes on Monday.")])
    assert group_until_done(db, server_or_file_url, "read", "kill") == [-signal.SIGKILL] * 2 + [0]
    (found,) = attempts.aside(db)
    assert found.work == "group"
    assert attempts.unfinished(db, "group") == {}, "nothing else is suspected"
    assert titles(db) >= {*TITLES, "A bridge closes in Orr"}
    db.close()


def test_loading_the_window_tries_only_what_it_reads(server_or_file_url: str) -> None:
    """A copy of an article is in the window by its number; it has no reading and needs none."""
    db, said = fill(server_or_file_url), f"{TITLES[0]}, they said on Monday."
    publish(db, [entry("copy", title=TITLES[0], text=said)], url="https://b.example/feed")
    assert GroupingStage(db, Describer(Classifier()), Grouper, "before").run(NOW).carried == 1
    publish(db, [entry("later", title="A bridge closes in Orr", text="It closes on Monday.")])
    with counting(db) as heard:
        GroupingStage(db, Describer(Classifier()), Grouper, "after").run(NOW)
    assert sum("INSERT INTO attempt" in one for one in heard) == 1, "of the new entry"
    db.close()


def test_an_entry_at_which_grouping_hangs_is_interrupted_and_set_aside(
    server_or_file_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db, hang, whole = fill(server_or_file_url), HangDetector(), features.extract

    def extract(document: Document, *more: object) -> features.Features:
        while POISON in document.title:
            pass
        return whole(document, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", extract)
    stage, done = GroupingStage(db, Describer(Classifier()), Grouper, "me", hang=hang), threading.Event()

    def interrupt() -> None:
        while not done.wait(0.05):
            hang.interrupt(timedelta(seconds=0.3))

    watching = threading.Thread(target=interrupt)
    watching.start()
    with hang.running():
        grouped = stage.run(NOW)
    done.set()
    watching.join()
    assert grouped.entries == len(TITLES)
    (found,) = attempts.aside(db)
    assert (found.work, found.why) == ("group", "Hung: a step computed for longer than its limit")
    assert not entries.ungrouped(db, 1)
    assert leases.holder_of(db, "grouping", NOW) is None
    db.close()


def test_a_slow_machine_reads_the_window_again_without_an_interruption(
    server_or_file_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry takes a small part of the limit, and all of them together more than that."""
    db, hang, whole = Database.open(server_or_file_url), HangDetector(), features.extract
    publish(db, [entry(str(n), title=f"Item {n} of list {n * 7}", text=f"They said {n * 11}.") for n in range(300)])
    GroupingStage(db, Describer(Classifier()), Grouper, "before").run(NOW)
    with db.write() as connection:
        connection.execute(text("DELETE FROM comparison"))
    publish(db, [entry("later", title="A bridge closes in Orr", text="It closes on Monday.")])

    def slowly(document: Document, *more: object) -> features.Features:
        until = time.thread_time() + 0.005
        while time.thread_time() < until:
            pass
        return whole(document, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", slowly)
    stage, done = GroupingStage(db, Describer(Classifier()), Grouper, "after", hang=hang), threading.Event()
    interrupted: list[bool] = []

    def interrupt() -> None:
        while not done.wait(0.05):
            interrupted.append(hang.interrupt(timedelta(seconds=1)))

    watching = threading.Thread(target=interrupt)
    watching.start()
    try:
        with hang.running():
            assert stage.run(NOW).entries == 1
    finally:
        done.set()
        watching.join()
        db.close()
    assert not any(interrupted)


def test_a_step_that_waits_is_not_interrupted() -> None:
    hang, waiting = HangDetector(), threading.Event()
    threading.Timer(0.3, waiting.set).start()
    with hang.running(), hang.step():
        while not waiting.wait(0.05):
            assert not hang.interrupt(timedelta(seconds=0.2)), "it used no processor time"
    assert not hang.interrupt(timedelta(0)), "nothing runs"


def test_a_database_that_fails_is_no_fault_of_the_entries(server_or_file_url: str) -> None:
    from aggregator.store.errors import Unreachable

    db = fill(server_or_file_url)
    for _ in range(9):
        tries = Attempts(db, "group", lambda: NOW)
        with pytest.raises(Unreachable), tries.trying([1, 2]):
            raise Unreachable
    assert attempts.unfinished(db, "group") == {}
    assert attempts.aside(db) == []
    db.close()


@pytest.mark.parametrize("hit", [0.1, 0.2])
def test_random_kills_set_nothing_innocent_aside(hit: float, db: Database) -> None:
    """200 kills from outside, of which `hit` of the tries take one, over 50 keys; and one key that always kills.

    `poison` is found by a process of its own, after two deaths.
    """
    chance, poison, kills, deaths = random.Random(1), "7", 0, 0
    while kills < 200:
        tries = Attempts(db, "group", lambda: NOW)
        if poison in tries.doubtful:
            tries.set_aside(poison, "it kills a process of its own")
        for keys in tries.parts([str(n) for n in range(50)], 50):
            tries.begin([key for key in keys if not tries.is_aside(key)])
            at_fault, killed = poison in keys and not tries.is_aside(poison), chance.random() < hit
            if at_fault or killed:
                deaths += at_fault
                kills += killed and not at_fault
                break
            tries.ended(keys)
    assert [one.key for one in attempts.aside(db)] == [poison]
    assert deaths == 2
