"""Digests, editions, the ledger and the outbox: the same suite on three stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from aggregator.store import Database, future
from aggregator.store.editions import digests, editions
from aggregator.store.errors import AlreadyComposed, AlreadyReported, LeaseLost, NotFound, Refused
from aggregator.store.outgoing import deliveries, recipients, recovery
from aggregator.store.records import (
    DeliveryRecord,
    DigestConfigRow,
    EditionDraft,
    NewDelivery,
    RecipientConfigRow,
    Recovered,
)
from aggregator.store.schema.tables import feed_host
from aggregator.store.stories import stories
from aggregator.stories.model import Action, Decision, Move, MoveReason
from digests.channels.recipient import Recipient
from digests.model import ItemKind
from digests.outbox import Policy, State, Step, WhenUnknown
from tests.support.stored import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    edition,
    entry,
    item,
    ledger_rows,
    opened,
    publish,
    publish_stories,
    readers,
    send,
    slots,
)

SENT = Step(State.SENT, 1, detail="250 ok")
FAILED = Step(State.FAILED, 1, None, 550, "no such user")
AGAIN = Step(State.QUEUED, 1, NOW + HOUR, 451, "later")


def scheduled(
    db: Database, name: str = "morning", schedule: str = "0 7 * * * UTC", slot: timedelta = timedelta()
) -> None:
    digests.sync_digests(db, [DigestConfigRow(name, schedule, NOW + slot)], NOW)


def only(db: Database, owner: str = "me") -> DeliveryRecord:
    (taken,) = deliveries.claim_due(db, NOW, owner, LEASE, 10)
    return taken


# ── schedules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_due_digest_is_taken_once_and_comes_back_when_its_lease_ends(db: Database) -> None:
    scheduled(db)
    assert digests.due_names(db, NOW) == ["morning"]
    assert digests.take(db, "morning", NOW, "me", LEASE) is not None
    assert digests.take(db, "morning", NOW, "you", LEASE) is None
    assert digests.due_names(db, NOW) == digests.idle_names(db, NOW) == []
    taken = digests.take(db, "morning", NOW + LEASE, "you", LEASE)
    assert taken is not None
    assert taken.next_slot == NOW


def test_an_overdue_slot_outlives_a_restart_and_a_new_schedule(db: Database) -> None:
    scheduled(db, slot=-HOUR)
    scheduled(db, schedule="0 9 * * * UTC", slot=DAY)
    assert [upcoming for _, upcoming in slots(db)] == [NOW - HOUR]


def test_a_slot_to_come_follows_a_new_schedule_only(db: Database) -> None:
    scheduled(db, slot=HOUR)
    scheduled(db, slot=2 * HOUR)
    assert [upcoming for _, upcoming in slots(db)] == [NOW + HOUR]
    scheduled(db, schedule="other", slot=3 * HOUR)
    assert [upcoming for _, upcoming in slots(db)] == [NOW + 3 * HOUR]


def test_a_digest_that_left_the_configuration_rests(db: Database) -> None:
    scheduled(db)
    digests.sync_digests(db, [], NOW)
    assert digests.due_names(db, NOW) == slots(db) == []
    assert digests.take(db, "morning", NOW, "me", LEASE) is None
    scheduled(db, slot=DAY)
    assert [upcoming for _, upcoming in slots(db)] == [NOW + DAY]


def test_a_released_digest_is_due_again(db: Database) -> None:
    scheduled(db)
    digests.take(db, "morning", NOW, "me", LEASE)
    digests.release(db, ["morning"], "me")
    assert digests.due_names(db, NOW) == ["morning"]


# ── editions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edition_its_deliveries_and_the_next_slot_are_one(db: Database) -> None:
    ids = publish_stories(db, 2)
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    scheduled(db)
    digests.take(db, "morning", NOW, "me", LEASE)
    made = edition([item(story, facts={f"fact of {story}"}) for story in ids])
    new = [NewDelivery(reader, f"<{reader}@d>", b"mail", expires=NOW + DAY) for reader in (ann, bob)]
    keys = editions.save_edition(
        db, made, '{"whole": 1}', "Subject", new, recipient_ids=[ann, bob], next_slot=NOW + DAY, holder="me", now=NOW
    )
    stored = editions.edition(db, made.id)
    assert stored is not None
    assert (stored.document, stored.subject, stored.items, stored.slot) == ('{"whole": 1}', "Subject", 2, NOW)
    assert [(d.id, d.state, d.body) for d in deliveries.claim_due(db, NOW, "me", LEASE, 9)] == [
        (key, State.SENDING, b"mail") for key in keys
    ]
    assert slots(db) == [(NOW, NOW + DAY)]
    known = editions.reported(db, [ann, bob], ids)
    assert {who: {key: sorted(t.facts) for key, t in what.items()} for who, what in known.items()} == {
        who: {key: [f"fact of {key}"] for key in ids} for who in (ann, bob)
    }


def test_a_slot_is_composed_once(db: Database) -> None:
    one, two = publish_stories(db, 2)
    (ann,) = readers(db, "ann@x.example")
    send(db, edition([item(one)]), [ann])
    with pytest.raises(AlreadyComposed):
        send(db, replace(edition([item(two)]), id="another"), [ann])
    assert [e.id for e in editions.editions(db)] == [edition([]).id]
    assert two not in editions.reported(db, [ann], [two])[ann]


def test_composing_needs_the_digests_lease(db: Database) -> None:
    (story,) = publish_stories(db, 1)
    scheduled(db)
    digests.take(db, "morning", NOW, "you", LEASE)
    with pytest.raises(LeaseLost):
        editions.save_edition(db, edition([item(story)]), "{}", holder="me", now=NOW)
    assert editions.editions(db) == []


def test_audiences_of_one_slot_are_saved_together_or_not_at_all(db: Database) -> None:
    one, two = publish_stories(db, 2)
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    send(db, edition([item(two)], slot=NOW - DAY), [bob])

    def draft(story: str, audience: str, reader: int) -> EditionDraft:
        return EditionDraft(edition([item(story)], audience=audience), "{}", recipient_ids=(reader,))

    with pytest.raises(AlreadyReported):
        editions.save_editions(db, [draft(one, "a", ann), draft(two, "b", bob)], now=NOW)
    assert len(editions.editions(db)) == 1
    editions.save_editions(db, [draft(one, "a", ann), draft(one, "b", bob)], now=NOW)
    assert [e.audience for e in editions.editions(db, "morning")] == ["b", "a", ""]


def test_editions_are_listed_by_page(db: Database) -> None:
    for day in range(3):
        send(db, edition([], slot=NOW + day * DAY), [])
    newest, middle = editions.editions(db, limit=2)
    assert (newest.slot, newest.document) == (NOW + 2 * DAY, "")
    send(db, edition([], digest="evening"), [])
    asked = [("morning", NOW), ("evening", middle.slot), ("morning", newest.slot)]
    found = editions.editions_of_slots(db, asked, 9)
    assert [(e.digest, e.slot) for e in found] == [("morning", newest.slot), ("morning", NOW)]
    assert editions.editions_of_slots(db, [], 9) == []
    for audience in "ba":
        send(db, edition([], audience=audience), [])
    assert [e.audience for e in editions.editions_of_slots(db, [("morning", NOW)], 2)] == ["", "a"]
    assert editions.editions(db, "noon") == []
    assert editions.edition(db, "none") is None


def test_what_editions_of_one_slot_say_alike_is_one_report(db: Database) -> None:
    (story,) = publish_stories(db, 1)
    send(db, edition([item(story)], slot=NOW - DAY), readers(db, "first@x.example"))
    for audience in "abc":
        send(db, edition([item(story)], audience=audience), readers(db, f"{audience}@x.example"))
    found = editions.reports(db, [story], 2)
    assert [one[3] for one in found] == [NOW - DAY, NOW]
    assert found[1][0] == edition([], audience="a").id


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_story_is_reported_as_new_twice_to_one_reader(db: Database) -> None:
    one, two = publish_stories(db, 2)
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    send(db, edition([item(one)]), [ann])
    with pytest.raises(AlreadyReported):
        send(db, edition([item(two), item(one)], digest="evening"), [bob, ann])
    assert editions.editions(db, "evening") == []
    assert editions.reported(db, [bob], [two])[bob] == {}
    send(db, edition([item(two), item(one)], digest="evening"), [bob])


def test_the_database_itself_refuses(db: Database) -> None:
    (one,) = publish_stories(db, 1)
    (ann,) = readers(db, "ann@x.example")
    send(db, edition([item(one)]), [ann])
    send(db, edition([item(one, ItemKind.UPDATE)], slot=NOW + DAY), [ann])
    with pytest.raises(Refused), db.write() as connection:
        connection.exec_driver_sql("UPDATE ledger SET kind = 'new'")


def test_updates_add_to_what_is_reported(db: Database) -> None:
    (one,) = publish_stories(db, 1)
    (ann,) = readers(db, "ann@x.example")
    send(db, edition([item(one, facts={"a"}, articles=[1])]), [ann])
    send(db, edition([item(one, ItemKind.UPDATE, {"b"}, [1, 7])], slot=NOW + DAY), [ann], now=NOW + DAY)
    known = editions.reported(db, [ann], [one])[ann][one]
    assert (known.facts, known.articles, known.last_reported) == ({"a", "b"}, {1, 7}, NOW + DAY)
    assert [kind for _, kind in ledger_rows(db, ann)] == [ItemKind.UPDATE, ItemKind.NEW]


def test_articles_that_were_not_shown_are_reported_too_when_the_draft_says_so(db: Database) -> None:
    (one,) = publish_stories(db, 1)
    (ann,) = readers(db, "ann@x.example")
    draft = EditionDraft(edition([item(one)]), "{}", recipient_ids=(ann,), articles={one: [5, 6]})
    editions.save_editions(db, [draft], now=NOW)
    assert editions.reported(db, [ann], [one])[ann][one].articles == {1, 5, 6}


def test_what_was_reported_of_a_story_is_reported_of_the_one_it_ended_in(db: Database) -> None:
    one, two = publish_stories(db, 2)
    (ann,) = readers(db, "ann@x.example")
    send(db, edition([item(one, facts={"a"})]), [ann])
    (key,) = publish(db, [entry("bridge")])
    stories.save_grouping(db, [Decision(key, key, two, Action.BRIDGES, merged=(one,))], now=NOW)
    known = editions.reported(db, [ann], [one, two])[ann]
    assert known[one].facts == known[two].facts == {"a"}
    for name in (one, two):
        with pytest.raises(AlreadyReported):
            send(db, edition([item(name)], slot=NOW + DAY), [ann])


def test_what_was_reported_of_an_article_goes_with_it_when_it_moves(db: Database) -> None:
    a, b = publish(db, [entry("a"), entry("b")])
    stories.save_grouping(db, [Decision(a, a, "s1", Action.OPENS), Decision(b, b, "s1", Action.JOINS)], now=NOW)
    (ann,) = readers(db, "ann@x.example")
    send(db, edition([item("s1", facts={"f"}, articles=[a, b])]), [ann])
    stories.save_grouping(db, [], [Move(b, "s1", "s9", MoveReason.OTHER_EVENT)], now=NOW)
    known = editions.reported(db, [ann], ["s9"])[ann]["s9"]
    assert (known.facts, known.articles) == ({"f"}, {a, b})


def test_reported_of_many_readers_and_stories_at_once(db: Database) -> None:
    ids = publish(db, [entry(str(n)) for n in range(60)])
    stories.save_grouping(db, opened(ids), now=NOW)
    people = readers(db, *(f"r{n}@x.example" for n in range(5)))
    for reader in people:
        mine = [f"s{key}" for key in ids if key % len(people) == reader % len(people)]
        send(db, edition([item(s) for s in mine], audience=str(reader)), [reader])
    known = editions.reported(db, people, [f"s{key}" for key in ids])
    assert all(
        (f"s{key}" in known[reader]) == (key % len(people) == reader % len(people)) for reader in people for key in ids
    )


# ── the outbox ───────────────────────────────────────────────────────────────────────────────────────────────────────


def queued(db: Database, *addresses: str) -> list[int]:
    people = readers(db, *(addresses or ("ann@x.example",)))
    return send(db, edition([item(story) for story in publish_stories(db, 1)]), people, expires=NOW + DAY)


def test_a_delivery_goes_its_way(db: Database) -> None:
    (key,) = queued(db)
    taken = only(db)
    assert (taken.id, taken.address, taken.channel, taken.digest, taken.subject) == (
        key,
        "ann@x.example",
        "mail",
        "morning",
        "Subject",
    )
    deliveries.mark_dot(db, key, "me", NOW)
    assert deliveries.counts(db) == {State.DOT: 1}
    deliveries.record(db, key, "me", SENT, NOW + MINUTE)
    done = deliveries.delivery_by(db, key)
    assert (done.state, done.attempts, done.sent_at, done.detail) == (State.SENT, 1, NOW + MINUTE, "250 ok")
    assert deliveries.claim_due(db, NOW + DAY, "me", LEASE, 9) == []


def test_the_turns_of_a_domain_count_what_was_sent_and_what_is_tried(db: Database) -> None:
    keys = queued(db, "ann@x.example", "bob@X.example", "cid@sub.x.example", "dot@xxexample", "eve@x.example")
    deliveries.claim_due(db, NOW, "me", LEASE, 9)
    for n, key in enumerate(keys[:4]):
        deliveries.mark_dot(db, key, "me", NOW)
        deliveries.record(db, key, "me", SENT, NOW, durable=n % 2 == 0)
    assert deliveries.mark_returned(db, keys[1], 550, "nobody", NOW), "it was sent all the same"

    def turn(domain: str, most: int, at: datetime = NOW) -> bool:
        return deliveries.take_turn(db, keys[4], domain, most, at, MINUTE)

    assert not turn("x.example", 2)
    assert turn("x_example", 1), "no message went there"
    assert turn("x.example", 3)
    assert not turn("x.example", 3)
    assert not turn("x.example", 1, NOW + MINUTE / 2)
    assert turn("x.example", 1, NOW + MINUTE)


def test_a_turn_and_a_host_of_a_clock_that_was_ahead_do_not_wait_for_its_time(db: Database) -> None:
    keys = queued(db, "ann@x.example", "bob@x.example")
    ahead = NOW + 3650 * DAY
    assert deliveries.take_turn(db, keys[0], "x.example", 1, ahead, MINUTE)
    hosts = {"host": "x.example", "lease_owner": "me", "lease_until": ahead, "free_from": ahead, "queued_until": ahead}
    with db.write() as connection:
        connection.execute(insert(feed_host), [hosts])
    assert not deliveries.take_turn(db, keys[1], "x.example", 1, NOW, MINUTE)
    future.judge_again(db, NOW, lambda _, __: None)
    assert deliveries.take_turn(db, keys[1], "x.example", 1, NOW, MINUTE)
    with db.read() as connection:
        assert connection.execute(select(feed_host)).one()[1:] == (None, None, None, None)


def test_two_processes_do_not_take_one_last_turn(db: Database) -> None:
    keys = queued(db, *(f"r{n}@x.example" for n in range(8)))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda key: deliveries.take_turn(db, key, "x.example", 3, NOW, MINUTE), keys))
    assert sum(taken) == 3


def three_of_one(db: Database) -> list[int]:
    """Three deliveries to one recipient, the first of which waited longest, and one to another."""
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    slots = [NOW - 3 * MINUTE, NOW - 2 * MINUTE, NOW - MINUTE]
    made = [send(db, edition([], slot=slot), [ann], now=slot)[0] for slot in slots]
    return [*made, *send(db, edition([], digest="other"), [bob])]


def test_what_one_recipient_gets_stays_in_order(db: Database) -> None:
    first, second, third, other = three_of_one(db)
    assert [d.id for d in deliveries.claim_due(db, NOW, "me", LEASE, 9)] == [first, other]
    assert deliveries.claim_due(db, NOW, "another", LEASE, 9) == [], "while one is sent, the next waits"
    deliveries.mark_dot(db, first, "me", NOW)
    assert deliveries.claim_due(db, NOW, "another", LEASE, 9) == []
    deliveries.record(db, first, "me", Step(State.QUEUED, 1, NOW + HOUR), NOW)
    assert only(db, "another").id == second, "a message that waits for its next try holds up no other"
    deliveries.record(db, second, "another", SENT, NOW)
    assert only(db).id == third


def test_a_message_that_may_not_be_sent_holds_up_no_other(db: Database) -> None:
    first, second, *_ = three_of_one(db)
    with db.write() as connection:
        connection.execute(text("UPDATE delivery SET digest = 'left' WHERE id = :id"), {"id": first})
        connection.execute(text("INSERT INTO subscription VALUES (1, 'left', 'left', 0)"))
    assert second in {d.id for d in deliveries.claim_due(db, NOW, "me", LEASE, 9)}


def test_claims_at_once_never_take_two_of_one_recipient(db: Database) -> None:
    three_of_one(db)
    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(lambda n: deliveries.claim_due(db, NOW, f"w{n}", LEASE, 9), range(6)))
    assert sorted(d.recipient_id for one in claimed for d in one) == [1, 2]


def test_a_delivery_that_waits_keeps_its_message_id_and_bytes(db: Database) -> None:
    (key,) = queued(db)
    first = only(db)
    deliveries.record(db, key, "me", AGAIN, NOW)
    assert deliveries.claim_due(db, NOW + HOUR - MINUTE, "me", LEASE, 9) == []
    (second,) = deliveries.claim_due(db, NOW + HOUR, "me", LEASE, 9)
    assert (second.message_id, second.body, second.attempts) == (first.message_id, first.body, 1)
    assert (second.reply_code, second.detail) == (451, "later")


def test_nothing_is_written_without_the_lease(db: Database) -> None:
    (key,) = queued(db)
    only(db, "me")
    with pytest.raises(LeaseLost):
        deliveries.mark_dot(db, key, "you", NOW)
    with pytest.raises(LeaseLost):
        deliveries.record(db, key, "you", FAILED, NOW)
    deliveries.mark_dot(db, key, "me", NOW)
    with pytest.raises(LeaseLost):
        deliveries.mark_dot(db, key, "me", NOW)
    assert deliveries.renew(db, [key], "you", NOW, DAY) == 0
    assert deliveries.renew(db, [key], "me", NOW, DAY) == 1
    assert recovery.recover(db, NOW + LEASE) == Recovered()


def test_a_crash_before_the_dot_sends_again(db: Database) -> None:
    (key,) = queued(db)
    only(db)
    assert recovery.recover(db, NOW + LEASE - MINUTE) == Recovered()
    assert recovery.recover(db, NOW + LEASE) == Recovered(queued=(key,))
    assert [d.id for d in deliveries.claim_due(db, NOW + LEASE, "you", LEASE, 9)] == [key]


@pytest.mark.parametrize(("policy", "state"), [(WhenUnknown.HOLD, State.UNKNOWN), (WhenUnknown.RESEND, State.QUEUED)])
def test_a_crash_after_the_dot_is_settled_by_policy(db: Database, policy: WhenUnknown, state: State) -> None:
    (key,) = queued(db)
    only(db)
    deliveries.mark_dot(db, key, "me", NOW)
    assert recovery.recover(db, NOW + LEASE, Policy(policy)) == Recovered(unknown=(key,))
    assert deliveries.delivery_by(db, key).state is state


def test_what_a_server_accepted_is_sent_even_after_the_lease(db: Database) -> None:
    (key,) = queued(db)
    only(db)
    deliveries.mark_dot(db, key, "me", NOW)
    recovery.recover(db, NOW + LEASE)
    deliveries.record(db, key, "me", SENT, NOW + LEASE)
    assert deliveries.delivery_by(db, key).state is State.SENT


def test_what_is_unknown_waits_for_a_person(db: Database) -> None:
    (key,) = queued(db)
    only(db)
    deliveries.mark_dot(db, key, "me", NOW)
    recovery.recover(db, NOW + LEASE, Policy(WhenUnknown.HOLD))
    deliveries.settle(db, key, False, NOW + HOUR)
    assert [d.id for d in deliveries.claim_due(db, NOW + HOUR, "me", LEASE, 9)] == [key]
    with pytest.raises(ValueError, match="only an unknown"):
        deliveries.settle(db, key, True, NOW)
    with pytest.raises(NotFound):
        deliveries.settle(db, 99, True, NOW)


def test_one_readers_failure_reports_only_that_reader_again(db: Database) -> None:
    ann_key, _bob_key = queued(db, "ann@x.example", "bob@x.example")
    ann, bob = (d.recipient_id for d in deliveries.claim_due(db, NOW, "me", LEASE, 9))
    deliveries.record(db, ann_key, "me", FAILED, NOW)
    known = editions.reported(db, [ann, bob], ["s1"])
    assert (list(known[ann]), list(known[bob])) == ([], ["s1"])
    send(db, edition([item("s1")], slot=NOW + DAY), [ann])


def test_a_stale_delivery_expires_and_its_stories_are_new_again(db: Database) -> None:
    (key,) = queued(db)
    assert deliveries.expire(db, NOW + DAY - MINUTE) == []
    assert [(d.id, d.state) for d in deliveries.expire(db, NOW + DAY)] == [(key, State.EXPIRED)]
    assert editions.reported(db, [1], ["s1"]) == {1: {}}


def test_a_copy_that_a_person_asks_for_is_sent_besides(db: Database) -> None:
    (first,) = queued(db)
    only(db)
    deliveries.record(db, first, "me", FAILED, NOW)
    made = edition([]).id
    again = deliveries.add_copy(db, made, NewDelivery(1, "<again@d>", b"mail"), NOW, "Subject")
    assert only(db).copy == 1
    assert list(editions.reported(db, [1], ["s1"])[1]) == ["s1"]
    deliveries.record(db, again, "me", SENT, NOW)
    assert [d.state for d in deliveries.list_deliveries(db, edition_id=made)] == [State.SENT, State.FAILED]
    with pytest.raises(NotFound):
        deliveries.add_copy(db, "none", NewDelivery(1, "<none@d>", b""), NOW)


def test_a_failed_copy_takes_nothing_back_that_the_first_reported(db: Database) -> None:
    (first,) = queued(db)
    only(db)
    deliveries.record(db, first, "me", SENT, NOW)
    again = deliveries.add_copy(db, edition([]).id, NewDelivery(1, "<again@d>", b""), NOW)
    only(db)
    deliveries.record(db, again, "me", FAILED, NOW)
    assert list(editions.reported(db, [1], ["s1"])[1]) == ["s1"]


def test_deliveries_are_listed_by_state_and_time_without_bytes(db: Database) -> None:
    keys = queued(db, "ann@x.example", "bob@x.example")
    deliveries.claim_due(db, NOW, "me", LEASE, 1)
    assert [d.id for d in deliveries.list_deliveries(db, states=[State.QUEUED])] == [keys[1]]
    assert {d.body for d in deliveries.list_deliveries(db)} == {b""}
    assert deliveries.list_deliveries(db, since=NOW) == []
    with pytest.raises(NotFound):
        deliveries.delivery_by(db, 99)


# ── recipients ───────────────────────────────────────────────────────────────────────────────────────────────────────


B, NEWS = Recipient("mail", "b@x.example"), Recipient("folder", "/srv/news")


def test_recipients_are_ensured_in_order_and_keep_their_ids(db: Database) -> None:
    first = recipients.ensure(db, [B, NEWS], NOW)
    again = recipients.ensure(db, [NEWS, RecipientConfigRow(B, "de", "Europe/Berlin", "text")], NOW)
    assert [r.id for r in again] == [first[1].id, first[0].id]
    assert (again[1].language, again[1].zone, again[1].format) == ("de", "Europe/Berlin", "text")
    assert [r.recipient for r in recipients.list_recipients(db)] == [NEWS, B]
    assert first[1].address == "/srv/news"
    assert recipients.ensure(db, [], NOW) == []


def test_a_paused_reader_gets_nothing_until_resumed(db: Database) -> None:
    queued(db)
    recipients.pause(db, 1, "bounces")
    assert deliveries.claim_due(db, NOW, "me", LEASE, 9) == []
    assert [(r.paused, r.reason) for r in recipients.list_recipients(db, [1])] == [(True, "bounces")]
    recipients.resume(db, 1)
    assert only(db).recipient_id == 1


def test_a_suppressed_address_gets_nothing_whatever_its_case(db: Database) -> None:
    queued(db, "Ann@X.example")
    recipients.suppress(db, "ann@x.EXAMPLE", "unsubscribed", NOW)
    recipients.suppress(db, "ann@x.example", "bounced", NOW)
    assert recipients.suppressed(db, ["ANN@x.example", "bob@x.example"]) == {"ANN@x.example": "bounced"}
    assert deliveries.claim_due(db, NOW, "me", LEASE, 9) == []
    assert recipients.allow(db, "ann@x.example")
    assert not recipients.allow(db, "ann@x.example")
    assert only(db).address == "Ann@X.example"


def test_the_last_word_of_a_reader_counts(db: Database) -> None:
    ann, bob = readers(db, "ann@x.example", "bob@x.example")
    recipients.add_feedback(db, ann, "s1", 1, NOW)
    recipients.add_feedback(db, ann, "s1", -1, NOW)
    recipients.add_feedback(db, bob, "s1", -1, NOW)
    recipients.add_feedback(db, bob, "s2", 1, NOW)
    assert [(m.story, m.value, m.at) for m in recipients.marks_of(db, [ann])] == [("s1", -1, NOW)]
    assert {m.story: m.value for m in recipients.marks_of(db, [ann, bob])} == {"s1": -2, "s2": 1}
