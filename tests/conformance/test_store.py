"""Feeds and entries: the same suite on the twin in memory, on a file of SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from aggregator.store import Database, leases, meta
from aggregator.store.editions import summaries
from aggregator.store.errors import InstanceHeld, LeaseLost, NotFound
from aggregator.store.intake import entries, feeds
from aggregator.store.intake.polls import save_polls
from aggregator.store.records import FeedConfigRow, FetchRecord, Poll, Spend
from feeds.model import Enclosure, FeedPlan, Hints, Validators
from tests.support.stored import DAY, HOUR, LEASE, MINUTE, NOW, entry, poll, publish, revisions, subscribe

URL = "https://a.example/feed"
OTHER = "https://b.example/feed"


def claimed(db: Database, owner: str = "me", limit: int = 10) -> list[feeds.FeedRecord]:
    return feeds.claim_due(db, NOW, owner, LEASE, limit)


# ── subscriptions ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_subscriptions_follow_the_configuration(db: Database) -> None:
    assert feeds.sync_subscriptions(
        db, [FeedConfigRow(URL, "A"), FeedConfigRow(OTHER, options={"full_text": True})], NOW
    ) == (
        [URL, OTHER],
        [],
    )
    assert feeds.sync_subscriptions(db, [FeedConfigRow(OTHER, "B", weight=2.0)], NOW) == ([], [URL])
    assert not feeds.feed(db, URL).subscribed
    assert [*feeds.subscribed_urls(db).values()] == [OTHER]
    found = feeds.feed(db, "b")
    assert (found.name, found.weight, found.options) == ("B", 2.0, {})


def test_a_feed_that_comes_back_keeps_its_id_and_is_due_at_once(db: Database) -> None:
    publish(db, [entry("one")])
    before = feeds.feed(db, URL)
    subscribe(db)
    assert feeds.claim_due(db, NOW + DAY, "me", LEASE, 10) == []
    later = NOW + DAY
    assert feeds.sync_subscriptions(db, [FeedConfigRow(URL)], later) == ([URL], [])
    assert [f.id for f in feeds.claim_due(db, later, "me", LEASE, 10)] == [before.id]


def test_a_feed_that_moved_is_found_by_its_former_address(db: Database) -> None:
    subscribe(db, URL)
    (record,) = claimed(db)
    moved = poll(record, url="https://new.example/feed", aliases=(URL,))
    feeds.save_polls(db, [moved], "me", NOW)
    assert feeds.sync_subscriptions(db, [FeedConfigRow(URL, "Same")], NOW) == ([], [])
    assert feeds.feed(db, URL).url == "https://new.example/feed"


def test_a_feed_does_not_move_onto_another(db: Database) -> None:
    subscribe(db, URL, OTHER)
    first, _second = claimed(db)
    feeds.save_polls(db, [poll(first, url=OTHER, aliases=(URL,))], "me", NOW)
    assert feeds.feed(db, first.id).url == URL
    (line,) = feeds.history(db, first.id)
    assert "subscribed already" in line.notes[0]


def test_feeds_are_found_by_id_address_and_name_or_not_at_all(db: Database) -> None:
    feeds.sync_subscriptions(db, [FeedConfigRow(URL, "The Paper")], NOW)
    assert feeds.feed(db, URL) == feeds.feed(db, "the paper") == feeds.feed(db, feeds.feed(db, URL).id)
    with pytest.raises(NotFound):
        feeds.feed(db, "nobody")
    with pytest.raises(NotFound):
        feeds.feed(db, 99)


# ── claims ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_takes_what_is_due_longest_overdue_first(db: Database) -> None:
    subscribe(db, *(f"https://{n}.example/" for n in range(4)))
    records = claimed(db)
    feeds.save_polls(db, [poll(r, next_check=NOW + (4 - n) * MINUTE) for n, r in enumerate(records)], "me", NOW)
    due = feeds.claim_due(db, NOW + 3 * MINUTE, "me", LEASE, 2)
    assert [f.id for f in due] == [records[3].id, records[2].id]


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(db: Database) -> None:
    subscribe(db, URL)
    (mine,) = claimed(db, "me")
    assert claimed(db, "you") == []
    assert feeds.claim(db, [mine.id], NOW, "you", LEASE) == []
    assert [f.id for f in feeds.claim(db, [mine.id], NOW, "me", LEASE)] == [mine.id]
    assert [f.id for f in feeds.claim_due(db, NOW + LEASE, "you", LEASE, 1)] == [mine.id]


def test_a_released_feed_is_due_again(db: Database) -> None:
    subscribe(db, URL)
    (mine,) = claimed(db)
    feeds.release(db, [mine.id], "you")
    assert claimed(db) == []
    feeds.release(db, [mine.id], "me")
    assert len(claimed(db)) == 1


def test_a_gone_feed_is_not_asked_until_somebody_wants_it(db: Database) -> None:
    subscribe(db, URL)
    (mine,) = claimed(db)
    feeds.save_polls(db, [poll(mine, gone=True, next_check=NOW)], "me", NOW)
    assert claimed(db) == []
    assert feeds.make_due(db, NOW) == 0
    assert feeds.make_due(db, NOW, [mine.id]) == 1
    assert len(claimed(db)) == 1


# ── polls ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_poll_gives_back_all_that_was_put_in(db: Database) -> None:
    subscribe(db, URL)
    (record,) = claimed(db)
    full = entry(
        "g",
        link="https://a.example/1",
        link_published="https://a.example/1?x",
        authors=("Ann", "Bo"),
        published=NOW - DAY,
        updated=NOW,
        summary_html="<p>s</p>",
        content_html="<p>c</p>",
        language="de",
        image="https://a.example/i.png",
        enclosures=(Enclosure("https://a.example/a.mp3", "audio/mpeg", 7),),
        categories=("X",),
        teaser=True,
        source_title="Other Paper",
        links=("https://c.example/",),
        title_published="Title",
    )
    state = replace(
        record.state,
        validators=Validators("e", "lm", "bh"),
        next_check=NOW + HOUR,
        failures=2,
        error_code="dns",
        error_message="gone?",
        redirect_to="https://n.example/",
        redirect_seen=1,
        aliases=("https://old.example/",),
        rate=1.5,
        polls=3,
        hints=Hints(60, frozenset({1, 2}), frozenset({6}), 3600),
        hub="https://hub.example/",
    )
    plan = FeedPlan(state, (full,), backlog=frozenset({"g"}), notes=("hello",))
    (key,) = feeds.save_poll(
        db, record.id, "me", plan, FetchRecord(NOW, 200, title="A", site="https://a.example/"), NOW
    )
    (stored,) = entries.entries(db, [key])
    assert feeds.feed(db, record.id).state == state
    assert (feeds.feed(db, record.id).title, feeds.feed(db, record.id).site) == ("A", "https://a.example/")
    for name in (
        "guid",
        "title",
        "text",
        "link",
        "link_published",
        "authors",
        "published",
        "updated",
        "summary_html",
        "content_html",
        "language",
        "image",
        "enclosures",
        "categories",
        "teaser",
        "source_title",
        "links",
        "title_published",
        "content_hash",
    ):
        assert getattr(stored, name) == getattr(full, name), name
    assert (stored.arrived, stored.backlog, stored.outlet) == (NOW, True, "Other Paper")


def test_entries_arrive_in_the_order_of_their_ids(db: Database) -> None:
    first = publish(db, [entry("b"), entry("a")])
    second = publish(db, [entry("c")], url=OTHER)
    assert [e.guid for e in entries.ungrouped(db, 10)] == ["b", "a", "c"]
    assert sorted(first + second) == first + second


def test_saving_a_poll_again_adds_nothing(db: Database) -> None:
    publish(db, [entry("a"), entry("b")])
    assert len(publish(db, [entry("a"), entry("c"), entry("c")])) == 1
    assert [e.guid for e in entries.ungrouped(db, 10)] == ["a", "b", "c"]


def test_a_changed_entry_keeps_what_it_said(db: Database) -> None:
    (key,) = publish(db, [entry("a", text="first")])
    publish(db, changed=[entry("a", text="second")], now=NOW + HOUR)
    publish(db, changed=[entry("a", text="second")], now=NOW + 2 * HOUR)
    publish(db, changed=[entry("a", text="third")], now=NOW + 3 * HOUR)
    (stored,) = entries.entries(db, [key])
    assert (stored.text, stored.arrived, stored.revised) == ("third", NOW, NOW + 3 * HOUR)
    assert revisions(db, key) == [
        ("first", NOW + HOUR),
        ("second", NOW + 3 * HOUR),
    ]


def test_a_poll_without_its_lease_writes_nothing(db: Database) -> None:
    subscribe(db, URL)
    (record,) = claimed(db, "me")
    feeds.claim_due(db, NOW + LEASE, "you", LEASE, 1)
    with pytest.raises(LeaseLost):
        feeds.save_poll(db, record.id, "me", poll(record, [entry("a")]).plan, FetchRecord(NOW, 200), NOW)
    assert entries.ungrouped(db, 10) == []
    assert feeds.history(db, record.id) == []


def test_one_lost_lease_costs_no_other_feed(db: Database) -> None:
    subscribe(db, URL, OTHER)
    mine, lost = claimed(db)
    feeds.release(db, [lost.id], "me")
    saved = save_polls(db, [poll(lost, [entry("x")]), poll(mine, [entry("a")])], "me", NOW)
    assert saved.lost == (lost.id,)
    assert list(saved.new) == [mine.id]


def test_known_entries_are_found_by_guid_link_or_hash(db: Database) -> None:
    publish(db, [entry("a", link="https://a.example/1"), entry("b", content_hash="h"), entry("c"), entry("d")])
    publish(db, [entry("a")], url=OTHER)
    key = feeds.feed(db, URL).id
    found = feeds.known_entries(db, key, ["c", "new"], ["https://a.example/1"], ["h"])
    assert sorted(known.guid for known in found) == ["a", "b", "c"]
    assert feeds.known_entries(db, key, []) == []


def test_recent_entries_are_the_newest_of_one_feed(db: Database) -> None:
    publish(db, [entry("a"), entry("b"), entry("c", link="https://a.example/c")])
    publish(db, [entry("d")], url=OTHER)
    found = feeds.recent_entries(db, feeds.feed(db, URL).id, limit=2)
    assert [(known.guid, known.link) for known in found] == [("c", "https://a.example/c"), ("b", None)]


def test_more_guids_than_one_statement_takes(db: Database) -> None:
    publish(db, [entry("a")])
    many = [str(n) for n in range(12_000)]
    assert [k.guid for k in feeds.known_entries(db, feeds.feed(db, URL).id, [*many, "a"], many, many)] == ["a"]


def test_characters_that_no_database_keeps_cost_no_entry(db: Database) -> None:
    (key,) = publish(db, [entry("a\0b", title="nul \0 and lone \ud800 surrogate", authors=("\udfff\0",))])
    (stored,) = entries.entries(db, [key])
    assert stored.guid == "ab"
    assert stored.title == "nul  and lone ? surrogate"


def test_what_a_feed_takes_back_and_publishes_again_is_marked(db: Database) -> None:
    mine = publish(db, [entry("a", published=NOW - DAY), entry("b")])
    (other,) = publish(db, [entry("a")], url=OTHER)
    (record,) = feeds.claim(db, [feeds.feed(db, URL).id], NOW + HOUR, "me", LEASE)
    plan = poll(record).plan
    feeds.save_polls(
        db, [Poll(record.id, replace(plan, withdrawn=("a", "nobody")), FetchRecord(NOW))], "me", NOW + HOUR
    )
    stored = {e.id: (e.withdrawn, e.revised) for e in entries.entries(db, [*mine, other])}
    assert stored == {mine[0]: (True, NOW + HOUR), mine[1]: (False, None), other: (False, None)}
    (known,) = feeds.known_entries(db, record.id, ["a"])
    assert (known.withdrawn, known.published, known.updated) == (True, NOW - DAY, None)
    (record,) = feeds.claim(db, [record.id], NOW + DAY, "me", LEASE)
    back = replace(poll(record).plan, restored=(entry("a", updated=NOW + DAY),))
    feeds.save_polls(db, [Poll(record.id, back, FetchRecord(NOW))], "me", NOW + DAY)
    (known,) = feeds.known_entries(db, record.id, ["a"])
    assert (known.withdrawn, known.published, known.updated) == (False, NOW - DAY, NOW + DAY)


def test_the_words_of_a_page_stand_until_the_page_or_the_feed_has_others_as_long(db: Database) -> None:
    def read() -> list[tuple[str, str, bool, bool]]:
        return [(e.title, e.text, e.full_text, e.teaser) for e in entries.entries(db, [key])]

    (key,) = publish(db, [entry("a", title="A", text="long", full_text=True)])
    assert read() == [("A", "long", True, False)]
    publish(db, changed=[entry("a", title="B", text="short", teaser=True), entry("b")])
    assert read() == [("B", "long", True, False)]
    publish(db, changed=[entry("a", title="B", text="longer", full_text=True)])
    assert read() == [("B", "longer", True, False)]
    publish(db, changed=[entry("a", title="B", text="all of it")])
    assert read() == [("B", "all of it", False, False)]
    publish(db, changed=[entry("a", title="B", text="short", teaser=True)])
    assert read() == [("B", "short", False, True)]
    assert [text for text, _ in revisions(db, key)] == ["long", "long", "longer", "all of it"]


def test_health_and_counts_tell_failing_silent_and_busy_feeds_apart(db: Database) -> None:
    subscribe(db, URL, OTHER, "https://c.example/", now=NOW - 30 * DAY)
    bad, silent, busy = feeds.claim_due(db, NOW, "me", LEASE, 3)
    failed = Poll(bad.id, replace(poll(bad, failures=3, error_code="dns").plan), FetchRecord(NOW, code="dns"))
    good = poll(busy, [entry("a"), entry("b")], last_new=NOW)
    feeds.save_polls(db, [failed, poll(silent, last_new=NOW - 20 * DAY), good], "me", NOW)
    counts = entries.counts_since(db, NOW - HOUR, NOW)
    assert (counts.feeds_checked, counts.feeds_failed, counts.feeds_silent) == (3, 1, 1)
    assert [trouble.code for trouble in counts.troubles] == ["dns"]
    assert feeds.count_subscribed(db) == (3, 1)
    assert {h.feed.id: (h.entries, h.per_day) for h in feeds.list_feeds(db, NOW)} == {
        bad.id: (0, 0.0),
        silent.id: (0, 0.0),
        busy.id: (2, 2 / 14),
    }


def test_a_feed_keeps_the_notes_of_its_last_document_while_nothing_changes(db: Database) -> None:
    subscribe(db, URL, OTHER)
    [record, _] = feeds.claim_due(db, NOW, "me", LEASE, 2)

    def polled(parser: str, *notes: str) -> Poll:
        return replace(
            poll(record),
            plan=replace(poll(record).plan, notes=notes),
            fetch=FetchRecord(NOW, status=200, parser=parser),
        )

    for at, outcome in enumerate((polled("fast", "too large"), polled(""), polled("fast", "cut", "moved"), polled(""))):
        feeds.claim(db, [record.id], NOW + at * MINUTE, "me", LEASE)
        feeds.save_polls(db, [replace(outcome, fetch=replace(outcome.fetch, at=NOW + at * MINUTE))], "me", NOW)
        noted = {one.feed.id: one.notes for one in feeds.list_feeds(db, NOW)}
        assert noted.pop(record.id) == (("too large",) if at < 2 else ("cut", "moved"))
        assert set(noted.values()) == {()}


# ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_summary_cache_keeps_the_last_word(db: Database) -> None:
    assert summaries.get(db, "k") is None
    summaries.put(db, "k", "one", NOW)
    summaries.put(db, "k", "two", NOW)
    assert summaries.get(db, "k") == "two"


def test_what_models_cost_adds_up_by_day(db: Database) -> None:
    summaries.add_spend(db, NOW.date(), 0.25)
    assert summaries.add_spend(db, NOW.date(), 0.5, calls=2) == Spend(3, 0.75)
    assert summaries.spend(db, NOW.date()) == Spend(3, 0.75)
    assert summaries.spend(db, (NOW + DAY).date()) == Spend()


def test_one_daemon_a_database(db: Database) -> None:
    meta.acquire_instance(db, "first", NOW, LEASE)
    with pytest.raises(InstanceHeld, match="first"):
        meta.acquire_instance(db, "second", NOW, LEASE)
    meta.renew_instance(db, "first", NOW + MINUTE, LEASE)
    meta.acquire_instance(db, "second", NOW + MINUTE + LEASE, LEASE)
    with pytest.raises(LeaseLost):
        meta.renew_instance(db, "first", NOW, LEASE)
    meta.release_instance(db, "first")
    with pytest.raises(InstanceHeld):
        meta.acquire_instance(db, "third", NOW, LEASE)
    meta.release_instance(db, "second")
    meta.acquire_instance(db, "third", NOW, LEASE)


def test_a_named_lease_is_one_owners_at_a_time(db: Database) -> None:
    assert leases.acquire(db, "grouping", "a", NOW, LEASE)
    assert not leases.acquire(db, "grouping", "b", NOW, LEASE)
    leases.release(db, "grouping", "b")
    assert leases.acquire(db, "grouping", "a", NOW, LEASE)
    assert leases.acquire(db, "grouping", "b", NOW + LEASE, LEASE)


def test_a_fence_refuses_a_writer_whose_lease_has_passed_on(db: Database) -> None:
    first = leases.acquire_fenced(db, "grouping", "a", NOW, LEASE)
    assert first is not None
    assert leases.acquire_fenced(db, "grouping", "b", NOW, LEASE) is None
    assert leases.acquire_fenced(db, "grouping", "a", NOW + LEASE / 2, LEASE) == first
    second = leases.acquire_fenced(db, "grouping", "b", NOW + 2 * LEASE, LEASE)
    assert second is not None
    assert not leases.extend(db, "grouping", "a", NOW + 2 * LEASE, LEASE)
    late, present = (db.guarded(partial(leases.check, fence=fence)) for fence in (first, second))
    meta.put(present, "k", "new")
    with pytest.raises(LeaseLost):
        meta.put(late, "k", "old")
    assert meta.get(db, "k") == "new"
    leases.release(db, "grouping", "b")
    third = leases.acquire_fenced(db, "grouping", "a", NOW + 2 * LEASE, LEASE)
    assert third is not None
    assert third.number > second.number > first.number


def test_a_named_lease_of_a_clock_that_was_ahead_counts_as_ended(db: Database) -> None:
    assert leases.acquire(db, "grouping", "a", NOW + 1000 * LEASE, LEASE)
    assert leases.acquire(db, "grouping", "b", NOW, LEASE)


def test_small_facts_are_kept(db: Database) -> None:
    assert meta.get(db, "k") is None
    meta.put(db, "k", "v")
    assert meta.get(db, "k") == "v"


# ── feeds whose polls do not end ─────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_whose_polls_do_not_end_is_found_and_set_aside(db: Database) -> None:
    """A process dies while it polls one of three feeds, and each successor too."""
    bad, *good = subscribed = [URL, OTHER, "https://c.example/feed"]
    subscribe(db, *subscribed)
    now, claims = NOW, []
    for _ in range(9):
        taken = feeds.claim_due(db, now, f"process {len(claims)}", LEASE, 10)
        claims.append([one.url for one in taken])
        if bad not in claims[-1]:
            feeds.save_polls(db, [poll(one, now=now) for one in taken], f"process {len(claims) - 1}", now)
        now += LEASE
    together, alone = claims[:2], claims[2:]
    assert together == [subscribed, subscribed], "twice it may be another cause"
    assert sorted(url for claim in alone for url in claim) == sorted([bad, bad, *good])
    assert all(len(claim) <= 1 for claim in alone)
    failing = feeds.feed(db, bad).state
    assert (failing.error_code, failing.error_message) == ("poll-ends-process", "4 polls ended or stopped the program")
    assert failing.next_check
    assert failing.next_check - now < HOUR
    assert [one.url for one in feeds.claim_due(db, now + HOUR, "next", LEASE, 10)] == [bad], "it is tried again"
    assert bad not in [one.url for one in feeds.claim_due(db, now + HOUR + LEASE, "next", LEASE, 10)]
    later = feeds.feed(db, bad).state.next_check
    assert later
    assert later - now > 2 * HOUR, "and then rarely"


def test_a_feed_that_is_released_or_polled_is_no_suspect(db: Database) -> None:
    subscribe(db, URL, OTHER)
    for _ in range(9):
        feeds.release(db, [one.id for one in claimed(db)], "me")
    for turn in range(9):
        now = NOW + turn * DAY
        records = feeds.claim_due(db, now, "me", LEASE, 10)
        assert len(records) == 2
        feeds.save_polls(db, [poll(one, now=now) for one in records], "me", now)


def test_a_feed_that_was_set_aside_and_is_released_is_tried_again(db: Database) -> None:
    """A process that stops in order before the poll has not used up the try."""
    subscribe(db, URL)
    now = NOW
    for turn in range(5):
        feeds.claim_due(db, now, f"process {turn}", LEASE, 10)
        now += LEASE
    now += HOUR
    for _ in range(2):
        (record,) = feeds.claim_due(db, now, "me", LEASE, 10)
        feeds.release(db, [record.id], "me")
        assert feeds.feed(db, URL).state.error_code == "poll-ends-process"


def test_a_due_time_that_is_set_during_a_poll_is_kept(db: Database) -> None:
    """A hub pushes while the feed is read: the poll may have come too early for what is pushed."""
    subscribe(db, URL)
    (record,) = claimed(db)
    assert feeds.is_leased(db, record.id, NOW)
    feeds.make_due(db, NOW + MINUTE, [record.id])
    under_way = replace(poll(record, next_check=NOW + DAY), due=record.state.next_check)
    feeds.save_polls(db, [under_way], "me", NOW)
    assert feeds.feed(db, URL).state.next_check == NOW + MINUTE
    assert not feeds.is_leased(db, record.id, NOW)
