"""What comes back stops mail to the reader it is about, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.recipients import bounces as returns
from aggregator.recipients import mailbox
from aggregator.recipients.mailbox import ImapSettings, MailboxError
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.records import NewDelivery
from digests.channels import bounces
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.outbox import State, Step
from tests.support.editions import rich
from tests.support.imap import ImapServer
from tests.support.outbox import fill, message_id
from tests.support.stored import DAY, LEASE, NOW, ledger_rows

KEYS = [b"a key"]
ANN, BOB = Recipient("mail", "ann@x.example"), Recipient("mail", "bob@x.example")


@pytest.fixture
def db() -> Iterator[Database]:
    made = Database.in_memory()
    yield made
    made.close()


def sent(db: Database, edition: str = "e1", keys: tuple[str, ...] = (ANN.key, BOB.key)) -> list[int]:
    """Two readers got an edition."""
    ids = fill(db, list(keys), NOW, edition_id=edition) if edition == "e1" else []
    for row in deliveries.claim_due(db, NOW, "me", LEASE, 10):
        deliveries.record(db, row.id, "me", Step(State.SENT, 1), NOW)
    return ids


def dsn(status: str, about: str = message_id(0), to: str = "bounces@news.example", action: str = "failed") -> bytes:
    return (
        f"From: <>\r\nDelivered-To: {to}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; ann@x.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; said so\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n--b--\r\n"
    ).encode()


def complaint(about: str = message_id(0)) -> bytes:
    return (
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Big Mailer/1\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {about}\r\nSubject: x\r\n\r\nbody\r\n--b--\r\n"
    ).encode()


def take(db: Database, message: bytes, strikes: int = 3) -> returns.Returned:
    (found,) = returns.take(db, message, KEYS, strikes, NOW)
    return found


def paused(db: Database) -> list[Recipient]:
    return [one.recipient for one in recipients.list_recipients(db) if one.paused]


def test_an_address_that_is_no_good_is_paused_at_once_and_the_owner_told(db: Database) -> None:
    ids = sent(db)
    found = take(db, dsn("5.1.1"))
    assert (found.action, found.recipient) == ("paused", ANN.key)
    assert found.note == f"{ANN.key}: paused: returned: 5.1.1 smtp; said so"
    assert paused(db) == [ANN]
    back = deliveries.delivery_by(db, ids[0])
    assert (back.state, back.reply_code, back.detail) == (State.FAILED, 500, "returned: 5.1.1 smtp; said so")
    assert deliveries.delivery_by(db, ids[1]).state is State.SENT


def test_the_same_report_twice_changes_nothing_more(db: Database) -> None:
    sent(db)
    assert take(db, dsn("5.2.2"), strikes=2).action == "strike"
    assert take(db, dsn("5.2.2"), strikes=2).action == "repeated"
    assert paused(db) == []


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7"])
def test_trouble_that_may_pass_pauses_only_when_it_repeats(db: Database, status: str) -> None:
    sent(db)
    assert take(db, dsn(status)).action == "strike"
    assert paused(db) == []
    assert take(db, dsn(status, message_id(1)), strikes=1).action == "paused"
    assert paused(db) == [BOB]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_no_failure_is_noted(db: Database, action: str) -> None:
    ids = sent(db)
    assert take(db, dsn("4.0.0", action=action)).action == "noted"
    assert deliveries.delivery_by(db, ids[0]).state is State.SENT


def test_a_complaint_ends_everything_for_good(db: Database) -> None:
    sent(db)
    assert take(db, complaint()).action == "suppressed"
    assert recipients.suppressed(db, ["ann@x.example"]) == {"ann@x.example": "complained: Big Mailer/1"}
    assert [(row.digest, row.state) for row in subscriptions.list_subscriptions(db)] == [("daily", "left")]
    assert take(db, complaint()).action == "suppressed", "again, and no harm"


@pytest.mark.parametrize(
    "message",
    [dsn("5.1.1", "<never@sent.example>"), dsn("5.1.1", "none"), complaint("<x@y.example>")],
    ids=["other id", "no id", "complaint"],
)
def test_a_report_about_nothing_of_ours_does_nothing(db: Database, message: bytes) -> None:
    sent(db)
    assert take(db, message).action == "unknown"
    assert paused(db) == []


def test_an_ordinary_mail_is_no_report(db: Database) -> None:
    assert take(db, b"From: ann@x.example\r\nSubject: out of office\r\n\r\nI am away\r\n").action == "none"


def test_the_return_address_names_the_delivery_and_cannot_be_made_up(db: Database) -> None:
    (ann,) = recipients.ensure(db, [ANN], NOW)
    token = bounces.token("<other@news.example>")
    address = bounces.return_address(KEYS[0], token, "bounces@news.example")
    edition = Edition("e9", "daily", "Daily", NOW, NOW, NOW - DAY, NOW)
    editions.save_edition(
        db, edition, "{}", "News", [NewDelivery(ann.id, "<other@news.example>", b"x", address)], now=NOW
    )
    sent(db, "e9")
    forged = address.replace(token, bounces.token("<another@news.example>"))
    assert take(db, dsn("5.1.1", "none", forged)).action == "unknown"
    assert take(db, dsn("5.1.1", "none", address.upper())).recipient == ANN.key


def test_what_came_back_was_not_told(db: Database) -> None:
    (ann,) = recipients.ensure(db, [ANN], NOW)
    delivery = NewDelivery(ann.id, message_id(0), b"x", "news@news.example")
    editions.save_edition(db, rich(digest="daily"), "{}", "News", [delivery], recipient_ids=[ann.id], now=NOW)
    sent(db, "told")
    assert ledger_rows(db, ann.id)
    take(db, dsn("5.1.1"))
    assert ledger_rows(db, ann.id) == []


# ── the mailbox ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_maildir_is_read_once_and_what_was_not_dealt_with_stays(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for name in ("1", "2"):
        (tmp_path / "new" / name).write_bytes(name.encode())
    reading = mailbox.maildir(tmp_path)
    assert next(reading) == b"1"
    reading.close()  # a crash while the first is dealt with
    assert list(mailbox.maildir(tmp_path)) == [b"1", b"2"]
    assert list(mailbox.maildir(tmp_path)) == []
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1:2,S", "2:2,S"]


def test_a_maildir_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match="No such file"):
        list(mailbox.maildir(tmp_path / "none"))


def test_imap_is_read_once_and_huge_messages_are_passed_over() -> None:
    with ImapServer(b"first\r\n", b"x" * (mailbox.LARGEST + 1), b"third\r\n") as server:
        settings = ImapSettings("127.0.0.1", server.port, "reports", "secret", security="none")
        assert list(mailbox.imap(settings)) == [b"first\r\n", b"", b"third\r\n"]
        assert server.seen == {1, 2, 3}
        assert list(mailbox.imap(settings)) == []


@pytest.mark.parametrize("refuse", ["LOGIN", "SELECT", "SEARCH", "BODY", "STORE"])
def test_an_imap_server_that_refuses_is_said_in_its_words(refuse: str) -> None:
    with ImapServer(b"first\r\n", refuse=refuse) as server:
        settings = ImapSettings("127.0.0.1", server.port, "reports", "secret", security="none")
        with pytest.raises(MailboxError, match="not so"):
            list(mailbox.imap(settings))
        assert server.seen == set()


def test_nobody_at_the_imap_port_is_said() -> None:
    with pytest.raises(MailboxError, match="127"):
        list(mailbox.imap(ImapSettings("127.0.0.1", 1, "reports", security="none")))
