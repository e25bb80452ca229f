"""Subscriptions at hubs, on the twin in memory, on a file of SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

from aggregator.store import Database
from aggregator.store.intake import feeds, push
from aggregator.store.records import FeedConfigRow
from feeds.websub import Push, PushState
from tests.support.stored import DAY, HOUR, LEASE, NOW, poll, subscribe

URL = "https://a.example/feed"
HUB = "https://hub.example/"


def with_hub(db: Database, hub: str | None = HUB, topic: str = URL) -> int:
    """A feed whose last poll named this hub; its id."""
    subscribe(db, URL)
    (record,) = feeds.claim(db, [feeds.feed(db, URL).id], NOW, "me", LEASE)
    feeds.save_polls(db, [poll(record, hub=hub, hub_topic=topic if hub else None)], "me", NOW)
    return record.id


def subscription(feed: int, **changes: object) -> Push:
    return replace(Push(feed, HUB, URL, "token", "secret", next_ask=NOW + HOUR), **changes)  # type: ignore[arg-type]


def test_a_feed_with_a_hub_is_due_until_it_has_a_subscription(db: Database) -> None:
    feed = with_hub(db)
    ((record, known),) = push.due(db, NOW, 10)
    assert (record.id, known, record.state.hub, record.state.hub_topic) == (feed, None, HUB, URL)
    push.save(db, [subscription(feed)])
    assert push.due(db, NOW, 10) == []
    assert [known for _, known in push.due(db, NOW + HOUR, 10)] == [subscription(feed)]


def test_another_hub_or_topic_makes_it_due_at_once(db: Database) -> None:
    feed = with_hub(db)
    push.save(db, [subscription(feed)])
    with_hub(db, "https://other.example/")
    assert [record.id for record, _ in push.due(db, NOW, 10)] == [feed]
    with_hub(db, HUB, "https://a.example/renamed")
    assert [record.id for record, _ in push.due(db, NOW, 10)] == [feed]


def test_a_feed_without_a_hub_is_never_due(db: Database) -> None:
    with_hub(db, None)
    assert push.due(db, NOW + DAY, 10) == []


def test_a_subscription_is_found_by_its_token_and_comes_back_whole(db: Database) -> None:
    active = subscription(with_hub(db), state=PushState.ACTIVE, lease_until=NOW + DAY, failures=2)
    push.save(db, [active])
    assert push.by_token(db, "token") == active
    assert push.by_token(db, "another") is None


def test_only_a_confirmed_lease_lets_the_feed_rest(db: Database) -> None:
    feed = with_hub(db)
    push.save(db, [subscription(feed)])
    assert feeds.feed(db, feed).pushed_until is None
    push.save(db, [subscription(feed, state=PushState.ACTIVE, lease_until=NOW + DAY)])
    assert feeds.feed(db, feed).pushed_until == NOW + DAY
    push.save(db, [subscription(feed, state=PushState.REFUSED)])
    assert feeds.feed(db, feed).pushed_until is None


def test_subscriptions_of_feeds_that_left_are_forgotten(db: Database) -> None:
    feed = with_hub(db)
    push.save(db, [subscription(feed, state=PushState.ACTIVE, lease_until=NOW + DAY)])
    assert push.forget(db) == 0
    feeds.sync_subscriptions(db, [FeedConfigRow("https://b.example/feed")], NOW)
    assert push.forget(db) == 1
    assert push.by_token(db, "token") is None
    assert feeds.feed(db, feed).pushed_until is None
