"""Who reads which digest: the same suite on three stores."""

from __future__ import annotations

from aggregator.recipients.subscribers import recipients_of as everyone
from aggregator.store import Database
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import RecipientConfigRow
from digests.channels.recipient import Recipient
from digests.outbox import State
from tests.support.outbox import fill
from tests.support.stored import DAY, LEASE, NOW

ANN, BOB = Recipient("mail", "ann@x.example"), Recipient("mail", "bob@x.example")


def put(
    db: Database, who: Recipient, standing: Standing = Standing.ACTIVE, digest: str = "daily"
) -> dict[str, Standing]:
    return subscriptions.ask(db, RecipientConfigRow(who), [digest], standing, NOW)


def test_what_waits_for_confirmation_gets_nothing(db: Database) -> None:
    put(db, ANN, Standing.PENDING)
    assert everyone(db, [BOB], "daily") == (BOB,)
    subscriptions.join(db, ANN, "daily", NOW)
    assert everyone(db, [BOB], "daily") == (BOB, ANN)


def test_asking_again_takes_nothing_back(db: Database) -> None:
    put(db, ANN)
    assert put(db, ANN, Standing.PENDING) == {"daily": Standing.ACTIVE}
    subscriptions.leave(db, ANN, "daily", NOW)
    assert put(db, ANN) == {"daily": Standing.LEFT}, "an import does not bring back who left"
    assert everyone(db, [ANN], "daily") == (), "nor does the configuration"


def test_one_digest_left_is_not_another_left(db: Database) -> None:
    put(db, ANN)
    put(db, ANN, digest="weekly")
    subscriptions.leave(db, ANN, "daily", NOW)
    subscriptions.leave(db, ANN, "daily", NOW)
    assert everyone(db, [], "weekly") == (ANN,)
    subscriptions.leave_all(db, ANN, ["monthly"], NOW)
    assert {(r.digest, r.state) for r in subscriptions.list_subscriptions(db, only=ANN)} == {
        ("daily", "left"),
        ("weekly", "left"),
        ("monthly", "left"),
    }


def test_joining_by_ones_own_will_lifts_what_stood_against_it(db: Database) -> None:
    (ann,) = recipients.ensure(db, [ANN], NOW)
    recipients.pause(db, ann.id, "bounced")
    recipients.suppress(db, ann.address, "bounced", NOW)
    assert everyone(db, [ANN], "daily") == ()
    subscriptions.join(db, ANN, "daily", NOW)
    assert everyone(db, [ANN], "daily") == (ANN,)
    assert not recipients.find(db, [ANN])[0].paused


def test_who_leaves_is_gone_at_once_with_what_waits(db: Database) -> None:
    first, second = fill(db, [ANN.key, BOB.key], NOW)
    subscriptions.leave(db, ANN, "daily", NOW)
    assert [row.id for row in deliveries.claim_due(db, NOW, "me", LEASE, 10)] == [second]
    ended = deliveries.delivery_by(db, first)
    assert (ended.state, ended.detail) == (State.EXPIRED, "the recipient unsubscribed")


def test_what_is_queued_after_somebody_left_is_not_sent(db: Database) -> None:
    subscriptions.leave(db, ANN, "daily", NOW)
    fill(db, [ANN.key], NOW)
    assert deliveries.claim_due(db, NOW, "me", LEASE, 10) == []


def test_taking_a_reader_off_is_not_the_readers_will(db: Database) -> None:
    put(db, ANN)
    put(db, ANN, digest="weekly")
    subscriptions.leave(db, ANN, "weekly", NOW)
    assert subscriptions.drop(db, ANN, None, NOW) == ["daily"]
    assert subscriptions.drop(db, Recipient("mail", "nobody@x.example"), None, NOW) == []
    assert put(db, ANN) == {"daily": Standing.ACTIVE}
    assert put(db, ANN, digest="weekly") == {"weekly": Standing.LEFT}


def test_what_nobody_confirms_is_forgotten(db: Database) -> None:
    put(db, ANN, Standing.PENDING)
    put(db, BOB)
    assert subscriptions.forget_unconfirmed(db, NOW + DAY) == 1
    assert subscriptions.standings(db, "daily") == {BOB: Standing.ACTIVE}
