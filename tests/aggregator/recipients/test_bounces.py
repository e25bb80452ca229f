"""What comes back stops mail to the reader it is about, and to nobody else."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.recipients import bounces as returns
from aggregator.recipients import mailbox, subscribers
from aggregator.recipients.mailbox import ImapSettings, MailboxError
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import NewDelivery, RecipientConfigRow
from digests.channels import bounces
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.outbox import State, Step
from digests.render.mail.mime import message_id
from tests.support.editions import rich
from tests.support.imap import ImapServer
from tests.support.stored import DAY, LEASE, NOW, ledger_rows

KEYS = [b"a key"]
ANN, BOB = Recipient("mail", "ann@x.example"), Recipient("mail", "bob@x.example")


@pytest.fixture
def db() -> Iterator[Database]:
    made = Database.in_memory()
    yield made
    made.close()


def identity(number: int, *, keyed: bool = True) -> str:
    """A Message-ID of ours: of this version, or of one before keys."""
    now = message_id("daily", NOW, str(number), "news.example", KEYS[0])
    return now if keyed else now.replace(now.rpartition("@")[0][-8:], "")


def proof(about: str) -> str:
    """The return address of a delivery, which only its mail servers and its recipient see."""
    return bounces.return_address(KEYS[0], bounces.delivery_token(about), "bounces@news.example")


def sent(db: Database, edition: str = "e1", ids: Sequence[str] = (), *, tokens: bool = True) -> list[int]:
    """Ann and Bob got an edition, with return addresses of their own or the plain sender's."""
    ids = ids or (identity(0), identity(1))
    known = recipients.ensure(db, [ANN, BOB], NOW)
    queued = [
        NewDelivery(one.id, about, b"x", proof(about) if tokens else "news@news.example")
        for one, about in zip(known, ids, strict=False)
    ]
    made = replace(Edition(edition, "daily", "Daily", NOW, NOW, NOW - DAY, NOW), slot=NOW + DAY * int(edition[1:]))
    saved = editions.save_edition(db, made, "{}", "News", queued, now=NOW)
    for row in deliveries.claim_due(db, NOW, "me", LEASE, 10):
        deliveries.record(db, row.id, "me", Step(State.SENT, 1), NOW)
    return saved


def dsn(status: str, about: str = "", to: str = "", action: str = "failed") -> bytes:
    about = about or identity(0)
    return (
        f"From: <>\r\nDelivered-To: {to or proof(about)}\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; ann@x.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; said so\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {about}\r\n--b--\r\n"
    ).encode()


def complaint(about: str = "", fields: str = "", quoted: str = "") -> bytes:
    return (
        "To: complaints@news.example\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Big Mailer/1\r\n"
        f"Version: 1\r\n{fields}\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{quoted}Message-ID: {about or identity(0)}\r\n"
        "Subject: x\r\n\r\nbody\r\n--b--\r\n"
    ).encode()


PLAIN = "bounces@news.example"


def take(db: Database, message: bytes, strikes: int = 3) -> returns.Returned:
    (found,) = returns.take(db, message, KEYS, strikes, NOW)
    return found


def paused(db: Database) -> list[Recipient]:
    return [one.recipient for one in recipients.list_recipients(db) if one.paused]


def test_an_address_that_is_no_good_is_paused_at_once_and_the_operator_reported(db: Database) -> None:
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
    assert take(db, dsn(status, identity(1)), strikes=1).action == "paused"
    assert paused(db) == [BOB]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_no_failure_is_noted(db: Database, action: str) -> None:
    ids = sent(db)
    assert take(db, dsn("4.0.0", action=action)).action == "noted"
    assert deliveries.delivery_by(db, ids[0]).state is State.SENT


@pytest.mark.parametrize(
    "message",
    [
        complaint(fields=f"Original-Mail-From: <{proof(identity(0))}>\r\n"),
        complaint(quoted=f"Return-Path: <{proof(identity(0))}>\r\n"),
    ],
    ids=["the report names the return address", "the quoted message has it"],
)
def test_a_proven_complaint_stops_mail_and_the_operator_can_lift_it(db: Database, message: bytes) -> None:
    sent(db)
    subscriptions.ask(db, RecipientConfigRow(ANN), ["daily"], Standing.ACTIVE, NOW)
    assert take(db, message).action == "suppressed"
    assert recipients.suppressed(db, ["ann@x.example"]) == {"ann@x.example": "complained: Big Mailer/1"}
    assert subscribers.recipients_of(db, [], "daily") == ()
    assert recipients.allow(db, "ann@x.example")
    assert subscribers.recipients_of(db, [], "daily") == (ANN,)
    assert take(db, message).action == "repeated"
    assert subscribers.recipients_of(db, [], "daily") == (ANN,), "the same report again does not undo it"


@pytest.mark.parametrize("forged", [complaint(), dsn("5.1.1", to=PLAIN), dsn("5.1.1", to="bounces+1-1@news.example")])
def test_a_message_id_alone_counts_nothing_where_there_are_return_addresses(db: Database, forged: bytes) -> None:
    ids = sent(db)
    assert take(db, forged).action == "unknown"
    assert (paused(db), recipients.suppressed(db, [ANN.address])) == ([], {})
    assert deliveries.delivery_by(db, ids[0]).state is State.SENT


def test_the_return_address_of_one_delivery_proves_nothing_of_another(db: Database) -> None:
    sent(db)
    assert take(db, dsn("5.1.1", identity(0), to=proof(identity(1)))).recipient == BOB.key
    assert paused(db) == [BOB]


def test_without_return_addresses_a_second_report_is_needed(db: Database) -> None:
    for edition in range(1, 4):
        sent(db, f"e{edition}", [identity(10 * edition), identity(10 * edition + 1)], tokens=False)
    assert take(db, complaint(identity(10))).action == "hint"
    assert take(db, complaint(identity(10))).action == "repeated"
    assert "may be forged" in take(db, complaint(identity(21))).note
    assert recipients.suppressed(db, [ANN.address, BOB.address]) == {}
    assert take(db, complaint(identity(20))).action == "suppressed"
    assert recipients.suppressed(db, [ANN.address, BOB.address]).keys() == {ANN.address}
    assert take(db, dsn("5.1.1", identity(11), to=PLAIN)).action == "strike"
    assert paused(db) == []
    assert take(db, dsn("5.1.1", identity(21), to=PLAIN)).action == "paused"
    assert paused(db) == [BOB]


def test_a_message_id_that_strangers_can_compute_stops_nothing_however_often(db: Database) -> None:
    saved = []
    for edition in range(1, 5):
        ids = [identity(10 * edition, keyed=False), identity(10 * edition + 1, keyed=False)]
        saved += sent(db, f"e{edition}", ids, tokens=False)
        for forged in (complaint(ids[0]), dsn("5.1.1", ids[0], to=PLAIN)):
            assert take(db, forged, strikes=1).action == "hint"
            assert take(db, forged, strikes=1).action == "repeated"
    assert (paused(db), recipients.suppressed(db, [ANN.address])) == ([], {})
    assert {deliveries.delivery_by(db, one).state for one in saved} == {State.SENT}


def test_a_forger_with_a_mail_of_its_own_cannot_compute_anothers_message_id() -> None:
    """The hash of earlier versions, of what every recipient knows: digest, slot, and the address of the other."""
    victim = message_id("daily", NOW, "/mail:ann@x.example", "news.example", KEYS[0])
    known = "\0".join(("daily", NOW.strftime("%Y%m%dT%H%MZ"), "/mail:ann@x.example"))
    for content in (known, f"digest-message-1\0{known}"):
        for guess in (hashlib.sha256(content.encode()), hmac.new(b"", content.encode(), "sha256")):
            assert guess.hexdigest()[:32] not in victim


def unsubscribe(sender: str, subject: str = "unsubscribe") -> bytes:
    return f"From: {sender}\r\nTo: {PLAIN}\r\nSubject: {subject}\r\n\r\n".encode()


@pytest.mark.parametrize("subject", ["unsubscribe", "Re: Unsubscribe eyJkIjp7fX0.abc", "=?utf-8?b?dW5zdWJzY3JpYmU=?="])
def test_only_a_recipients_own_address_reaches_the_operator(db: Database, subject: str) -> None:
    sent(db)
    before = subscriptions.standings(db, "daily")
    known = take(db, unsubscribe("Ann <Ann@X.example>", subject))
    assert (known.action, "asks to unsubscribe" in known.note) == ("asked", True)
    strangers = [take(db, unsubscribe(f"a{n}@elsewhere.example", subject)) for n in range(5)]
    assert {one.note for one in strangers} == {""}
    assert subscriptions.standings(db, "daily") == before
    assert paused(db) == []


OWN, VICTIM = proof(identity(1)), identity(0)
NOBODY = f"bounces+{'0' * 20}-{'0' * 16}@news.example"
MORE = b"\r\nFinal-Recipient: rfc822; ann@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
PLAIN_REPORT = dsn("5.1.1", VICTIM, to=PLAIN)
OUTER = b"To: bounces@news.example\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
FORGED_BY_BOB = {
    "his own return address, Ann as the recipient": dsn("5.1.1", VICTIM, to=OWN),
    "his own return address and a guessed one": dsn("5.1.1", VICTIM, to=f"{NOBODY}, {OWN}"),
    "his own address in a complaint": complaint(
        VICTIM, f"Original-Mail-From: {OWN}\r\nOriginal-Rcpt-To: ann@x.example\r\n"
    ),
    "his own return path in the quoted mail": complaint(VICTIM, quoted=f"Return-Path: <{OWN}>\r\n"),
    "a report within a mail": b"Content-Type: message/rfc822\r\n\r\n" + PLAIN_REPORT,
    "a report within a multipart": OUTER + PLAIN_REPORT + b"\r\n--o--\r\n",
    "a report in Unicode": PLAIN_REPORT.replace(b"delivery-status", b"global-delivery-status").replace(
        b"rfc822; ann", b"utf-8; ann"
    ),
    "sixty recipients": PLAIN_REPORT.replace(b"Diagnostic-Code", MORE * 60 + b"Diagnostic-Code"),
    "an automatic reply": (
        f"From: ann@x.example\r\nTo: {OWN}\r\nSubject: Undelivered\r\n\r\n550 5.1.1 {VICTIM}".encode()
    ),
}


@pytest.mark.parametrize("what", FORGED_BY_BOB)
def test_no_report_that_bob_can_make_stops_mail_to_ann(db: Database, what: str) -> None:
    sent(db)
    for _ in range(3):
        returns.take(db, FORGED_BY_BOB[what], KEYS, 3, NOW)
    assert ANN not in paused(db)
    assert not recipients.suppressed(db, [ANN.address])
    assert subscriptions.standings(db, "daily").get(ANN) in (None, Standing.ACTIVE)


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


def test_a_return_address_in_capitals_is_the_same_and_a_changed_one_is_none(db: Database) -> None:
    sent(db)
    address = proof(identity(0))
    forged = address.replace(bounces.delivery_token(identity(0)), bounces.delivery_token(identity(1)))
    assert take(db, dsn("5.1.1", "none", forged)).action == "unknown"
    assert take(db, dsn("5.1.1", "none", address.upper())).recipient == ANN.key


def test_what_came_back_was_not_reported(db: Database) -> None:
    (ann,) = recipients.ensure(db, [ANN], NOW)
    delivery = NewDelivery(ann.id, identity(0), b"x", proof(identity(0)))
    editions.save_edition(db, rich(digest="daily"), "{}", "News", [delivery], recipient_ids=[ann.id], now=NOW)
    for row in deliveries.claim_due(db, NOW, "me", LEASE, 10):
        deliveries.record(db, row.id, "me", Step(State.SENT, 1), NOW)
    assert ledger_rows(db, ann.id)
    take(db, dsn("5.1.1"))
    assert ledger_rows(db, ann.id) == []


# ── messages made to stop the reading ────────────────────────────────────────────────────────────────────────────────


def nested(levels: int) -> bytes:
    head = b"From: a@b.example\nTo: bounces@news.example\n"
    return head + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(levels))


def filled_up(head: bytes, unit: bytes, tail: bytes = b"") -> bytes:
    return head + unit * ((990_000 - len(head)) // len(unit)) + tail


REPORT = b"To: x@y\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
POISON = {
    "deep multiparts": nested(3000),
    "depth and many lines": filled_up(nested(80) + b"Content-Type: text/plain\n\n", b"-\n"),
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 20000,
    "groups": filled_up(REPORT, b"Final-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n\n"),
    "parts": filled_up(b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\n"),
    "near boundaries": filled_up(b"Content-Type: multipart/mixed; boundary=-\n\n", b"\n---" + b" " * 200),
    "fields": filled_up(b"", b"X: y\n"),
    "folds": filled_up(b"To: a\n", b" b@c\n"),
    "one address": filled_up(b"To: ", b"a"),
    "at signs": filled_up(b"To: ", b"@"),
    "brackets": filled_up(REPORT.replace(b"delivery-status", b"rfc822") + b"Message-ID: ", b"<"),
    "parameters": filled_up(b"Content-Type: multipart/report", b'; a="'),
    "backslashes": filled_up(b'Content-Type: multipart/report; boundary="', b"\\"),
    "blank lines": filled_up(REPORT, b"\n \t"),
    "base64": filled_up(REPORT.replace(b"\n\n", b"\nContent-Transfer-Encoding: base64\n\n"), b"=A"),
    "quoted": filled_up(REPORT.replace(b"\n\n", b"\nContent-Transfer-Encoding: quoted-printable\n\n"), b"==\n"),
    "a name that is no charset": b"To: =?x-y?q?=FF?=\nContent-Type: multipart/report; boundary*=z''%FF\n\n",
    "zeros": b"\0" * 900_000,
    "long return paths": filled_up(
        b"Content-Type: multipart/report; boundary=b\n\n",
        b"--b\nContent-Type: message/rfc822\n\n" + (b"Return-Path: " + b"a" * 1990 + b"\n") * 30 + b"\n\n",
    ),
    "parts of parts": filled_up(
        b"Content-Type: multipart/mixed; boundary=b\n\n",
        b"--b\nContent-Type: multipart/mixed; boundary=c\n\n"
        + (b"--c\nContent-Type: multipart/mixed; boundary=d\n\n" + b"--d\n\n" * 64) * 64,
    ),
}


@pytest.mark.parametrize("message", POISON.values(), ids=POISON)
def test_no_message_takes_long(db: Database, message: bytes) -> None:
    before = time.process_time()
    returns.take(db, message, KEYS, strikes=3, now=NOW)
    assert time.process_time() - before < 0.8


@pytest.mark.timeout(120)
def test_no_message_stops_those_behind_it(db: Database, tmp_path: Path) -> None:
    ids = sent(db)
    (tmp_path / "new").mkdir()
    for number, message in enumerate(POISON.values()):
        (tmp_path / "new" / f"{number:03}").write_bytes(message)
    (tmp_path / "new" / "500").mkdir()
    (tmp_path / "new" / "501").symlink_to("/dev/zero")
    (tmp_path / "new" / "999").write_bytes(dsn("5.1.1"))
    found = [
        one for message in mailbox.maildir(tmp_path) for one in returns.take(db, message, KEYS, strikes=3, now=NOW)
    ]
    assert len(found) < len(POISON) + 25
    assert found[-1].action == "paused"
    assert deliveries.delivery_by(db, ids[0]).state is State.FAILED
    assert list((tmp_path / "new").iterdir()) == []


def test_an_error_that_nobody_foresaw_sets_one_message_aside(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounces, "return_addresses", lambda _: 1 / 0)
    (found,) = returns.take(db, dsn("5.1.1"), KEYS, 3, NOW)
    assert (found.action, found.detail) == ("unread", "ZeroDivisionError: division by zero")
    assert "could not be read" in found.note


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
