"""Workers that start at the same moment, with one configuration: none fails, and none undoes what another did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from aggregator.store import Database
from aggregator.store.editions import digests
from aggregator.store.intake import feeds
from aggregator.store.records import DigestConfigRow, FeedConfigRow
from aggregator.store.schema.tables import digest, feed
from tests.support.stored import NOW

pytestmark = pytest.mark.postgres
URL = "https://a.example/feed"
NEXT = NOW + timedelta(days=1)


@pytest.fixture
def store(postgres_database: str) -> Iterator[Database]:
    db = Database.open(postgres_database)
    with db.write() as connection:
        connection.execute(text("TRUNCATE feed, digest CASCADE"))
    yield db
    db.close()


def while_another_writes(db: Database, writing: object, work: Callable[[], object]) -> None:
    """Run `work` while another transaction has written and is not committed; commit it when `work` waits or ends."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test reports it
            failed.append(error)

    thread = threading.Thread(target=run)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with db.write() as connection:
        connection.execute(writing)  # type: ignore[call-overload]
        thread.start()
        while thread.is_alive():
            with db.read() as looking:
                if looking.execute(waiting).scalar():
                    break
    thread.join(30)
    assert failed == []


def test_two_workers_may_insert_the_same_new_feeds(store: Database) -> None:
    row = {"url": URL, "configured": URL, "options": {}, "added": NOW, "next_check": NOW, "aliases": [], "hints": {}}
    wanted = [FeedConfigRow(URL), FeedConfigRow("https://b.example/feed")]
    while_another_writes(store, insert(feed).values(row), lambda: feeds.sync_subscriptions(store, wanted, NOW))
    assert sorted(one.url for one in feeds.feeds_by_id(store).values()) == [one.url for one in wanted]


def test_a_start_does_not_set_back_a_slot_that_another_worker_moves_on(store: Database) -> None:
    configured = [DigestConfigRow("daily", "0 7 * * * UTC", NEXT)]
    digests.sync_digests(store, [DigestConfigRow("daily", "0 7 * * * UTC", NOW)], NOW)
    moving = update(digest).where(digest.c.name == "daily").values(next_slot=NEXT)
    while_another_writes(store, moving, lambda: digests.sync_digests(store, configured, NOW))
    assert digests.records(store)["daily"].next_slot == NEXT
