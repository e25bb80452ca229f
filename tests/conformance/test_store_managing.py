"""What the pages that manage read and write: the same suite on all stores."""

from __future__ import annotations

from dataclasses import replace

from aggregator.store import Database
from aggregator.store.editions import digests
from aggregator.store.intake import feeds
from aggregator.store.intake.activity import daily_activity
from aggregator.store.outgoing import recipients
from aggregator.store.records import DigestConfigRow, FetchRecord, SuppressedAddress
from tests.support.stored import DAY, LEASE, NOW, entry, poll, readers, subscribe


def test_the_activity_of_feeds_by_day(db: Database) -> None:
    subscribe(db, "https://a.example/", "https://b.example/", now=NOW - 30 * DAY)
    for days, guids in ((20, "x"), (13, "a"), (1, "bc"), (0, "d")):
        now = NOW - days * DAY
        busy, quiet = sorted(feeds.claim_due(db, NOW + 400 * DAY, "me", LEASE, 2), key=lambda record: record.url)
        saved = poll(busy, [entry(guid) for guid in guids], now=now)
        fetched = replace(saved.fetch, added_bytes=100 * len(guids)) if saved.fetch else FetchRecord(now)
        feeds.save_polls(db, [replace(saved, fetch=fetched)], "me", now)
        feeds.release(db, [busy.id, quiet.id], "me")
    found = daily_activity(db, [busy.id, quiet.id], NOW, 14)
    assert found[busy.id].entries == (1, *[0] * 11, 2, 1)
    assert found[busy.id].added_bytes[-2:] == (200, 100)
    assert found[quiet.id].entries == found[quiet.id].added_bytes == (0,) * 14
    assert daily_activity(db, [], NOW) == {}


def test_suppressed_addresses_newest_first(db: Database) -> None:
    recipients.suppress(db, "Ann@x.example", "complained", NOW - DAY)
    recipients.suppress(db, "bob@x.example", "by hand", NOW)
    assert recipients.list_suppressed(db) == [
        SuppressedAddress("bob@x.example", "by hand", NOW),
        SuppressedAddress("ann@x.example", "complained", NOW - DAY),
    ]


def test_feedback_on_a_story_by_recipient(db: Database) -> None:
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    recipients.add_feedback(db, ann, "s1", 1, NOW)
    recipients.add_feedback(db, bob, "s1", -1, NOW)
    recipients.add_feedback(db, bob, "s1", 0, NOW + DAY)
    assert recipients.feedback_on(db, "s1") == {ann: 1, bob: 0}
    assert recipients.feedback_on(db, "s2") == {}


def test_all_digests_by_name(db: Database) -> None:
    digests.sync_digests(db, [DigestConfigRow("a", "x", NOW), DigestConfigRow("b", "alert", None)], NOW)
    digests.sync_digests(db, [DigestConfigRow("a", "x", NOW)], NOW)
    found = digests.records(db)
    assert (found["a"].next_slot, found["a"].active, found["b"].active) == (NOW, True, False)
