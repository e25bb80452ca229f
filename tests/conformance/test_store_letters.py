"""Letters in the outbox, reported problems, stops of servers and texts of pages: the same suite on three stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from aggregator.store import Database, retention
from aggregator.store.outgoing import deliveries, letters, recipients, recovery, subscriptions
from aggregator.store.records import DeliveryRecord, DeliveryStop, NewLetter, Purpose
from aggregator.store.stories import page_texts
from digests.channels.recipient import Recipient
from digests.outbox import Policy, State, Step
from tests.support.stored import DAY, HOUR, LEASE, MINUTE, NOW

ANN = Recipient("mail", "ann@x.example")
WEEK = 7 * DAY
SENT = Step(State.SENT, 1, detail="250 ok")
FAILED = Step(State.FAILED, 1, None, 550, "no such user")
CONFIRMATION = NewLetter(
    ANN, Purpose.CONFIRMATION, "Please confirm", "<c1@x.example>", b"confirm", "news@x.example", NOW + DAY, "morning"
)
REPORT = NewLetter(
    Recipient("mail", "op@x.example"),
    Purpose.OPERATOR,
    "Trouble",
    "<o1@x.example>",
    b"report",
    "news@x.example",
    NOW + DAY,
)


def only(db: Database) -> DeliveryRecord:
    (taken,) = deliveries.claim_due(db, NOW, "me", LEASE, 10)
    return taken


def again(letter: NewLetter, number: int) -> NewLetter:
    """The same letter as another message."""
    return replace(letter, message_id=f"<again{number}@x.example>")


def asked(db: Database, number: int, hours: float = 0.0) -> bool:
    now = NOW + hours * HOUR
    return letters.ask_to_confirm(db, again(CONFIRMATION, number), now - DAY, now)


def finish(db: Database, step: Step) -> None:
    taken = only(db)
    deliveries.mark_dot(db, taken.id, "me", NOW)
    deliveries.record(db, taken.id, "me", step, NOW)


# ── confirmations ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_goes_the_way_of_a_delivery(db: Database) -> None:
    assert letters.ask_to_confirm(db, CONFIRMATION, NOW - DAY, NOW)
    (listed,) = deliveries.list_deliveries(db)
    assert (listed.edition_id, listed.purpose, listed.digest, listed.subject, listed.body) == (
        None,
        Purpose.CONFIRMATION,
        "morning",
        "Please confirm",
        b"",
    )
    taken = only(db)
    assert (taken.address, taken.body, taken.message_id, taken.sender, taken.media_type) == (
        "ann@x.example",
        b"confirm",
        "<c1@x.example>",
        "news@x.example",
        "message/rfc822",
    )
    deliveries.mark_dot(db, taken.id, "me", NOW)
    found = recovery.recover(db, NOW + LEASE, Policy())
    assert found.unknown == (taken.id,)
    kept = deliveries.delivery_by(db, taken.id)
    assert (kept.state, kept.doubts, kept.body) == (State.QUEUED, 1, b"confirm")
    deliveries.record(db, taken.id, "me", SENT, NOW + HOUR)
    assert deliveries.counts(db) == {State.SENT: 1}
    returned = deliveries.returned_to(db, None, "<c1@x.example>")
    assert returned
    assert returned.id == taken.id
    assert deliveries.mark_returned(db, taken.id, 550, "nobody", NOW + HOUR)
    assert deliveries.list_deliveries(db, edition_id="e1") == []
    assert retention.prune(db, NOW + 100 * DAY, 50 * DAY).bodies == 1


def test_a_repeated_request_queues_no_second_letter_while_one_waits_or_for_a_day(db: Database) -> None:
    assert [asked(db, n) for n in range(3)] == [True, False, False]
    assert not asked(db, 3, hours=30), "it still waits"
    finish(db, SENT)
    assert not asked(db, 4, hours=23)
    assert letters.ask_to_confirm(db, replace(again(CONFIRMATION, 5), digest="evening"), NOW - DAY, NOW)
    assert letters.ask_to_confirm(
        db, replace(again(CONFIRMATION, 6), recipient=Recipient("mail", "b@x.example")), NOW - DAY, NOW
    )
    assert asked(db, 7, hours=25)
    assert len(letters.confirmations(db, NOW - MINUTE)) == 4
    assert len(letters.confirmations(db, NOW + HOUR)) == 1


def test_requests_at_one_time_are_decided_one_after_the_other(db: Database) -> None:
    def ask(number: int) -> bool:
        letter = replace(again(CONFIRMATION, number), recipient=Recipient("mail", f"a{number}@x.example"))
        return letters.ask_to_confirm(db, letter, NOW - DAY, NOW, lambda recent: len(recent) < 3)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(24))) == 3


def test_a_letter_that_failed_or_expired_holds_no_other_back(db: Database) -> None:
    assert asked(db, 1)
    finish(db, FAILED)
    assert asked(db, 2, hours=0.1)
    assert [one.state for one in deliveries.expire(db, NOW + DAY)] == [State.EXPIRED]
    assert asked(db, 3, hours=0.2)
    assert [one.arrives for one in letters.confirmations(db, NOW - DAY)] == [False, False, True]


def test_a_letter_that_came_back_holds_another_back_for_its_day(db: Database) -> None:
    assert asked(db, 1)
    finish(db, SENT)
    (sent,) = deliveries.list_deliveries(db)
    deliveries.mark_returned(db, sent.id, 550, "nobody", NOW + MINUTE)
    assert not asked(db, 2, hours=1)
    assert asked(db, 3, hours=25)


def test_a_confirmation_goes_to_who_is_paused_or_left_but_not_to_a_suppressed_address(db: Database) -> None:
    (ann,) = recipients.ensure(db, [ANN], NOW)
    recipients.pause(db, ann.id, "bounced")
    subscriptions.leave(db, ANN, "morning", NOW)
    assert asked(db, 1)
    recipients.suppress(db, "ann@x.example", "complained", NOW)
    assert deliveries.claim_due(db, NOW, "me", LEASE, 10) == []
    recipients.allow(db, "ann@x.example")
    assert only(db).purpose is Purpose.CONFIRMATION


def test_leaving_ends_a_letter_that_waits(db: Database) -> None:
    assert asked(db, 1)
    subscriptions.leave(db, ANN, "morning", NOW)
    assert [one.state for one in deliveries.list_deliveries(db)] == [State.EXPIRED]


# ── problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_problem_is_reported_once_a_week(db: Database) -> None:
    assert letters.unreported(db, ["a", "b", "a"], NOW - WEEK) == ["a", "b"]
    assert letters.report(db, ["a", "b"], REPORT, NOW - WEEK, NOW)
    assert letters.unreported(db, ["a", "c"], NOW - WEEK + HOUR) == ["c"]
    assert not letters.report(db, ["c", "b"], again(REPORT, 1), NOW - WEEK, NOW), "one of them is known"
    assert letters.unreported(db, ["c"], NOW - WEEK) == ["c"]
    assert [one.subject for one in deliveries.list_deliveries(db)] == ["Trouble"]
    later = NOW + WEEK
    assert letters.unreported(db, ["a"], later - WEEK) == ["a"]
    assert letters.report(db, ["a"], again(REPORT, 2), later - WEEK, later)


def test_a_problem_whose_letter_was_not_sent_is_reported_again(db: Database) -> None:
    assert letters.report(db, ["a"], REPORT, NOW - WEEK, NOW)
    finish(db, FAILED)
    assert letters.report(db, ["a"], again(REPORT, 1), NOW - WEEK, NOW)
    deliveries.expire(db, NOW + DAY)
    assert letters.report(db, ["a"], again(REPORT, 2), NOW - WEEK, NOW)
    finish(db, SENT)
    sent = next(one for one in deliveries.list_deliveries(db) if one.state is State.SENT)
    deliveries.mark_returned(db, sent.id, 550, "nobody", NOW)
    assert letters.unreported(db, ["a"], NOW - WEEK) == [], "it was sent: a letter that comes back starts no circle"


def test_without_a_letter_a_problem_is_only_noted(db: Database) -> None:
    assert letters.report(db, ["a"], None, NOW - WEEK, NOW)
    assert letters.unreported(db, ["a"], NOW - WEEK) == []
    assert deliveries.list_deliveries(db) == []


def test_a_problem_of_any_length_is_reported_by_its_beginning(db: Database) -> None:
    endless = "\N{SNOWMAN}" * 10_000
    assert letters.report(db, [endless, endless + "!"], None, NOW - WEEK, NOW)
    assert letters.unreported(db, [endless], NOW - WEEK) == []


# ── stops, doubts, pages ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stop_ends_in_its_time_and_is_then_deleted(db: Database) -> None:
    deliveries.stop(db, "smtp://a:25", NOW + MINUTE, "421 closing", NOW)
    deliveries.stop(db, "kind:mail", NOW + HOUR, "535 no", NOW)
    deliveries.stop(db, "kind:mail", NOW + 2 * HOUR, "535 no again", NOW)
    assert deliveries.stops(db, NOW) == {
        "smtp://a:25": DeliveryStop(NOW + MINUTE, "421 closing"),
        "kind:mail": DeliveryStop(NOW + 2 * HOUR, "535 no again"),
    }
    assert deliveries.stops(db, NOW + MINUTE).keys() == {"kind:mail"}
    deliveries.stop(db, "smtp://b:25", NOW + HOUR, "", NOW + MINUTE)
    assert deliveries.stops(db, NOW).keys() == {"kind:mail", "smtp://b:25"}


def test_a_page_is_kept_while_it_is_named_and_for_some_time(db: Database) -> None:
    page_texts.put(db, "https://a.example/1", "one", NOW - DAY)
    page_texts.put(db, "https://a.example/1", "one again", NOW)
    page_texts.put(db, "https://a.example/2", "two", NOW)
    assert page_texts.get(db, "https://a.example/1") == "one again"
    assert retention.prune(db, NOW + 49 * DAY, 50 * DAY).pages == 0
    assert retention.prune(db, NOW + 51 * DAY, 50 * DAY, ["https://a.example/1"]).pages == 1
    assert page_texts.get(db, "https://a.example/1") == "one again"
    assert page_texts.get(db, "https://a.example/2") is None
