"""One poll, decided."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide import PollSettings, conditions, decide
from feeds.errors import ConnectFailed, FeedError, Gone, HttpStatus, NotAFeed, RateLimited
from feeds.model import (
    Entry,
    FeedPlan,
    FeedState,
    Fetched,
    GuidOrigin,
    Hints,
    KnownEntry,
    Parsed,
    Redirect,
    Validators,
)

NOW = datetime(2024, 5, 6, 10, 30, tzinfo=UTC)
URL = "https://example.org/feed"
SETTINGS = PollSettings()
OLD, NEWER = Validators('"1"', None, "a"), Validators('"2"', None, "b")
KNOWN_FEED = FeedState(URL, validators=OLD, polls=3, rate=6.0, last_success=NOW - timedelta(hours=1))


def answer(body: bytes | None = b"<rss/>", *redirects: Redirect, **facts: object) -> Fetched:
    status = 304 if body is None else 200
    return Fetched(URL, URL, status, {}, body, NEWER, redirects, **facts)  # type: ignore[arg-type]


def entry(guid: str, age: timedelta | None = timedelta(0), **facts: object) -> Entry:
    published = None if age is None else NOW - age
    return Entry(guid, GuidOrigin.GUID, f"title {guid}", published=published, content_hash=guid, **facts)  # type: ignore[arg-type]


def feed(*entries: Entry, **facts: object) -> Parsed:
    return Parsed("rss20", entries=entries, **facts)  # type: ignore[arg-type]


def poll(
    state: FeedState, fetched: Fetched | FeedError, parsed: Parsed | FeedError | None = None, *known: KnownEntry
) -> FeedPlan:
    return decide(NOW, state, fetched, parsed, known, SETTINGS)


def test_an_error_is_counted_and_reported_and_keeps_what_was_known():
    plan = poll(KNOWN_FEED, ConnectFailed("no connection to example.org"))
    assert (plan.state.failures, plan.state.error_code) == (1, "connect")
    assert plan.state.error_message == "no connection to example.org"
    assert (plan.state.validators, plan.state.last_success) == (OLD, KNOWN_FEED.last_success)
    assert (plan.state.last_check, plan.new, plan.changed, plan.notes) == (NOW, (), (), ())
    assert plan.state.next_check is not None
    assert poll(plan.state, HttpStatus(500)).state.failures == 2


def test_validators_are_saved_only_after_the_body_was_parsed():
    assert poll(KNOWN_FEED, answer(), NotAFeed()).state.validators == OLD
    assert poll(KNOWN_FEED, answer(), NotAFeed()).state.error_code == "not-a-feed"
    assert poll(KNOWN_FEED, answer(), feed()).state.validators == NEWER
    assert poll(KNOWN_FEED, answer(None)).state.validators == NEWER


def test_a_body_must_have_been_parsed():
    with pytest.raises(ValueError, match="parse it first"):
        poll(KNOWN_FEED, answer(), None)


def test_an_unchanged_feed_is_a_success_that_brings_nothing():
    plan = poll(replace(KNOWN_FEED, failures=2, error_code="dns"), answer(None))
    assert (plan.state.failures, plan.state.error_code, plan.state.last_success, plan.state.polls) == (0, None, NOW, 4)
    assert plan.notes == ("recovered: it had failed 2 times in a row (dns)",)
    assert plan.state.last_new is None
    assert (plan.state.rate or 0) < 6.0


def test_410_stops_and_says_so_once():
    plan = poll(KNOWN_FEED, Gone(410))
    assert (plan.state.gone, plan.state.next_check, plan.state.error_code) == (True, None, "gone")
    assert plan.notes[0].startswith("gone")
    again = poll(plan.state, ConnectFailed())
    assert (again.state.gone, again.state.next_check, again.notes) == (True, None, ())
    back = poll(plan.state, answer(), feed(entry("1")))
    assert not back.state.gone
    assert back.notes[0].startswith("back")
    assert back.state.next_check is not None


def test_the_wait_a_server_asks_for_is_kept():
    plan = poll(KNOWN_FEED, RateLimited(429, retry_after=36000))
    assert plan.state.next_check is not None
    assert plan.state.next_check >= NOW + timedelta(hours=10)


def test_new_and_changed_entries_are_distinguished():
    known = (KnownEntry("1", "1", title="title 1"), KnownEntry("2", "before", title="title 2"))
    plan = poll(KNOWN_FEED, answer(), feed(entry("1"), entry("2"), entry("3")), *known)
    assert [e.guid for e in plan.new] == ["3"]
    assert [e.guid for e in plan.changed] == ["2"]
    assert (plan.backlog, plan.state.last_new) == (frozenset(), NOW)


def test_what_a_feed_says_of_itself_is_remembered():
    hints = Hints(ttl=10 * 3600)
    plan = poll(KNOWN_FEED, answer(), feed(hints=hints, hub="https://hub.example/"))
    assert (plan.state.hints, plan.state.hub) == (hints, "https://hub.example/")
    assert (plan.state.next_check or NOW) >= NOW + timedelta(hours=10)
    assert (poll(plan.state, answer(None)).state.next_check or NOW) >= NOW + timedelta(hours=10)


def test_freshness_puts_the_next_look_off():
    plan = poll(KNOWN_FEED, answer(None, freshness=timedelta(hours=5)))
    assert (plan.state.next_check or NOW) >= NOW + timedelta(hours=5)


def test_a_first_fetch_reports_only_what_is_news():
    entries = [entry("new", timedelta(hours=23)), entry("old", timedelta(hours=25)), entry("updated", None)]
    entries[2] = replace(entries[2], updated=NOW - timedelta(days=9))
    undated = [entry(f"undated {n}", None) for n in range(8)]
    plan = poll(FeedState(URL), answer(), feed(*entries, *undated))
    assert len(plan.new) == 11
    assert plan.backlog == {"old", "updated", "undated 5", "undated 6", "undated 7"}
    assert plan.state.rate is not None


def test_a_first_fetch_after_failures_is_still_a_first_fetch():
    failed = poll(FeedState(URL), ConnectFailed()).state
    assert poll(failed, answer(), feed(entry("old", timedelta(days=3)))).backlog == {"old"}


def test_later_a_late_entry_is_reported_and_an_archive_is_not():
    assert poll(KNOWN_FEED, answer(), feed(entry("late", timedelta(days=60)))).backlog == frozenset()
    archive = [entry(str(n), timedelta(days=60 + n)) for n in range(30)]
    plan = poll(KNOWN_FEED, answer(), feed(entry("now"), *archive))
    assert plan.backlog == {e.guid for e in archive}
    away = replace(KNOWN_FEED, last_success=NOW - timedelta(days=90))
    assert poll(away, answer(), feed(*archive)).backlog == frozenset()


def test_a_future_date_floats_nothing():
    ahead, soon = entry("ahead", timedelta(days=-9)), entry("soon", timedelta(minutes=-50))
    ahead = replace(ahead, updated=NOW + timedelta(days=9))
    plan = poll(KNOWN_FEED, answer(), feed(ahead, soon))
    assert [(e.published, e.updated) for e in plan.new] == [(NOW, NOW), (soon.published, None)]


def test_a_date_beyond_next_year_is_none_and_future_dates_do_not_pass_as_new_at_the_first_fetch():
    far = entry("far", timedelta(days=-900))
    assert [e.published for e in poll(KNOWN_FEED, answer(), feed(far)).new] == [None]
    ahead = [entry(str(n), timedelta(days=-40 - n)) for n in range(30)]
    plan = poll(FeedState(URL), answer(), feed(*ahead))
    assert len(plan.new) - len(plan.backlog) == PollSettings().undated_shown


@pytest.mark.parametrize(
    ("rate", "silent", "checked", "asks_for_all"),
    [
        (None, timedelta(days=6), timedelta(hours=1), False),
        (None, timedelta(days=7, minutes=30), timedelta(hours=1), True),
        (None, timedelta(days=7, hours=2), timedelta(hours=1), False),
        (None, timedelta(days=14, minutes=30), timedelta(hours=1), True),
        (100.0, timedelta(hours=23), timedelta(hours=1), False),
        (100.0, timedelta(days=1, minutes=30), timedelta(hours=1), True),
        (0.01, timedelta(days=7, minutes=30), timedelta(hours=1), True),
    ],
)
def test_a_silent_feed_is_asked_for_all_of_it_once_in_each_period(
    rate: float | None, silent: timedelta, checked: timedelta, asks_for_all: bool
):
    validators = Validators(etag='"1"', last_modified="x", body_hash="h")
    state = FeedState(URL, validators, last_check=NOW - checked, last_new=NOW - silent, rate=rate)
    expected = Validators(body_hash="h") if asks_for_all else validators
    assert conditions(state, NOW) == expected


def test_an_edit_of_an_entry_from_the_future_keeps_the_time_it_was_given():
    first_seen = NOW - timedelta(days=2)
    known = KnownEntry("1", "before", title="title 1", published=first_seen)
    plan = poll(KNOWN_FEED, answer(), feed(entry("1", timedelta(days=-9))), known)
    assert [e.published for e in plan.changed] == [first_seen]


MOVE = Redirect("https://example.org/atom", 301)


def sightings(state: FeedState, count: int, *redirects: Redirect) -> FeedPlan:
    plan = FeedPlan(state)
    for _ in range(count):
        plan = poll(plan.state, answer(None, *redirects))
    return plan


def test_a_permanent_move_is_made_at_its_third_sight_and_the_old_address_kept():
    assert sightings(KNOWN_FEED, 2, MOVE).state.url == URL
    plan = sightings(KNOWN_FEED, 3, MOVE)
    assert (plan.state.url, plan.state.aliases) == (MOVE.url, (URL,))
    assert (plan.state.redirect_to, plan.state.redirect_seen) == (None, 0)
    assert plan.notes == (f"moved: from {URL} to {MOVE.url}, by permanent redirect",)


def test_a_move_must_be_seen_in_a_row():
    seen = sightings(KNOWN_FEED, 2, MOVE).state
    assert poll(seen, answer(None)).state.redirect_seen == 0
    assert poll(seen, answer(None, Redirect("https://example.org/other", 308))).state.redirect_seen == 1
    assert poll(seen, ConnectFailed()).state.redirect_seen == 2
    assert poll(seen, answer(), NotAFeed()).state.redirect_seen == 2


NOT_ADOPTED = {
    "temporary": (URL, [Redirect("https://example.org/atom", 302)]),
    "a temporary hop in the chain": (URL, [MOVE, Redirect("https://example.org/b", 307)]),
    "a temporary hop first": (URL, [Redirect("https://example.org/b", 302), MOVE]),
    "down from https": (URL, [Redirect("http://example.org/feed", 301)]),
    "down and up again": (URL, [Redirect("http://example.org/a", 301), Redirect("https://example.org/b", 301)]),
    "a password in the old address": ("https://me:secret@example.org/feed", [MOVE]),
}


@pytest.mark.parametrize(("url", "redirects"), NOT_ADOPTED.values(), ids=NOT_ADOPTED)
def test_moves_that_are_followed_but_not_made(url: str, redirects: list[Redirect]):
    state = replace(KNOWN_FEED, url=url)
    assert sightings(state, 5, *redirects).state.url == url


def test_a_chain_is_adopted_to_its_end_and_moving_back_leaves_no_alias_of_itself():
    plan = sightings(KNOWN_FEED, 3, Redirect("https://a.example/", 301), Redirect("https://b.example/", 308))
    assert plan.state.url == "https://b.example/"
    back = sightings(plan.state, 3, Redirect(URL, 301))
    assert (back.state.url, back.state.aliases) == (URL, ("https://b.example/",))


def test_an_answer_cut_short_is_noted():
    plan = poll(KNOWN_FEED, answer(truncated=True), feed(entry("1")))
    assert plan.notes[0].startswith("incomplete")


@pytest.mark.parametrize(("count", "length"), [(300, 48_000), (3000, 4_800)])
@pytest.mark.parametrize("word", ["w{}", "{}"])
def test_long_titles_under_one_guid_cost_no_minute(count: int, length: int, word: str):
    title = " ".join(word.format(n * 7919 % 99_991) for n in range(length // 6))[:length]
    entries = [
        Entry("g", GuidOrigin.GUID, f"{n} {title}", text="the same", link=URL, published=NOW, content_hash=str(n))
        for n in range(count)
    ]
    began = time.process_time()
    poll(KNOWN_FEED, answer(), feed(*entries))
    assert time.process_time() - began < 4
