"""How many statements things take: a count, not a time, so that it holds on any machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.intake import feeds
from aggregator.store.outgoing import deliveries
from aggregator.store.stories import stories
from aggregator.stories.model import Action, Decision
from tests.support.statements import counting
from tests.support.stored import (
    DAY,
    HOUR,
    LEASE,
    NOW,
    edition,
    entry,
    item,
    opened,
    poll,
    publish,
    publish_stories,
    readers,
    send,
    subscribe,
)


@pytest.fixture
def db() -> Iterator[Database]:
    store = Database.in_memory()
    yield store
    store.close()


def test_an_unchanged_poll_takes_four_statements_and_its_claim_three(db: Database) -> None:
    subscribe(db, "https://a.example/")
    with counting(db) as seen:
        (record,) = feeds.claim_due(db, NOW, "me", LEASE, 10)
    assert len(seen) == 3, seen  # BEGIN, what is due, UPDATE … RETURNING
    with counting(db) as seen:
        feeds.save_polls(db, [poll(record)], "me", NOW)
    assert len(seen) == 4, seen  # BEGIN, whose it is, state, history


def test_a_poll_with_news_takes_seven_whatever_their_number(db: Database) -> None:
    subscribe(db, "https://a.example/")
    for turn, number in enumerate((1, 200)):
        (record,) = feeds.claim_due(db, NOW + turn * DAY, "me", LEASE, 10)
        news = [entry(f"{turn} {n}") for n in range(number)]
        with counting(db) as seen:
            feeds.save_polls(db, [poll(record, news, now=NOW + turn * DAY)], "me", NOW)
        assert len(seen) == 7, seen


def test_a_hundred_polls_take_as_many_statements_as_one(db: Database) -> None:
    subscribe(db, *(f"https://{n}.example/" for n in range(100)))
    records = feeds.claim_due(db, NOW, "me", LEASE, 100)
    with counting(db) as seen:
        feeds.save_polls(db, [poll(record, [entry("a"), entry("b")]) for record in records], "me", NOW)
    assert len(seen) == 7, seen
    again = feeds.claim_due(db, NOW + DAY, "me", LEASE, 100)
    with counting(db) as seen:
        changed = [poll(record, [entry("c")], [entry("a", text="new")]) for record in again]
        feeds.save_polls(db, changed, "me", NOW + DAY)
    assert len(seen) == 12, seen


def test_what_identity_needs_takes_one_statement(db: Database) -> None:
    publish(db, [entry("a")])
    with counting(db) as seen:
        feeds.known_entries(db, 1, ["a", "b"], ["https://x.example/"], ["h"])
    assert len(seen) == 2, seen


def test_known_entries_are_found_by_indexes(db: Database) -> None:
    publish(db, [entry("a")])
    with counting(db) as seen:
        feeds.known_entries(db, 1, ["a"], ["l"], ["h"])
    query = seen[-1].replace("?", "'x'")
    with db.read() as connection:
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))
        assert plan.count("AND ") == 3  # each index by both of its columns


def test_the_newest_of_a_feed_are_found_by_its_index(db: Database) -> None:
    publish(db, [entry("a")])
    with counting(db) as seen:
        feeds.recent_entries(db, 1, 100)
    query = seen[-1].replace("?", "1")
    with db.read() as connection:
        plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))
        assert "COVERING INDEX" in plan
        assert "SCAN entry" not in plan.replace("USING COVERING INDEX", "")


def test_thousand_stories_take_a_handful_of_statements(db: Database) -> None:
    ids = publish(db, [entry(str(n)) for n in range(1000)])
    stories.save_grouping(db, opened(ids), now=NOW)
    (more,) = publish(db, [entry("more")])
    stories.save_grouping(db, [Decision(more, more, "s1", Action.BRIDGES, merged=("s2",))], now=NOW)
    publish(db, changed=[entry("3", text="new")])
    with counting(db) as seen:
        assert len(stories.stories(db, since=NOW - DAY)) == 999
    assert len(seen) <= 8, seen


def test_saving_decisions_takes_the_same_number_for_one_and_for_many(db: Database) -> None:
    counts = []
    for number in (1, 300):
        ids = publish(db, [entry(f"{number} {n}") for n in range(number)])
        with counting(db) as seen:
            stories.save_grouping(db, opened(ids), now=NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10


def test_an_edition_takes_the_same_number_for_few_and_many_readers(db: Database) -> None:
    ids = publish_stories(db, 40)
    counts = []
    for turn, number in enumerate((1, 50)):
        people = readers(db, *(f"{turn} {n}@x.example" for n in range(number)))
        made = edition([item(story) for story in ids], slot=NOW + turn * HOUR)
        with counting(db) as seen:
            send(db, made, people)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 13, seen
    with counting(db) as seen:
        editions.reported(db, people, ids)
    assert len(seen) <= 6, seen
    with counting(db) as seen:
        deliveries.claim_due(db, NOW, "me", LEASE, 100)
    assert len(seen) == 3, seen


def plan_of(db: Database, statement: str) -> str:
    """How SQLite would carry out a statement."""
    with db.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.replace('?', '1')}")
        return " ".join(row[3] for row in rows)


def test_a_claim_does_not_look_at_what_is_not_due(db: Database) -> None:
    subscribe(db, "https://a.example/")
    with counting(db) as seen:
        feeds.claim_due(db, NOW - DAY, "me", LEASE, 1)
    assert "ix_feed_due" in plan_of(db, seen[-1])


def test_a_few_stories_are_not_looked_for_among_all(db: Database) -> None:
    ids = publish_stories(db, 3)
    with counting(db) as seen:
        stories.records(db, ids)
        stories.count_stories(db, NOW)
        stories.newest(db, NOW, 10)
    plans = [plan_of(db, one) for one in seen if one.startswith("SELECT")]
    assert len(plans) == 3
    assert "merged_into" not in " ".join(plans), "nearly all stories are merged into none"
