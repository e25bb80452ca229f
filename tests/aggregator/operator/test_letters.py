"""Letters to the operator: through the outbox, built and signed as editions are, each problem once."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from aggregator.operator import alerts
from aggregator.services.program import Program
from aggregator.store.outgoing import deliveries
from aggregator.store.records import Purpose
from aggregator.system.clock import ManualClock
from digests.outbox import State
from digests.render.mail.signature import signature_is_valid
from tests.support.apps import app_of
from tests.support.smtp import SmtpServer

SUBJECT = "Mail that could not be delivered"
SIGNED = 'dkim_selector = "s"\ndkim_key_file = "key"\n'


def config(server: SmtpServer, more: str = "", owner: str = "op@example.org") -> str:
    return (
        f'[mail]\nsender = "digest@news.example"\nowner = "{owner}"\nhost = "127.0.0.1"\nport = {server.port}\n'
        f'security = "none"\n{more}'
    )


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, server: SmtpServer) -> Iterator[Program]:
    with app_of(tmp_path, config(server)) as program:
        yield program


def clock(program: Program) -> ManualClock:
    assert isinstance(program.clock, ManualClock)
    return program.clock


def read(body: bytes) -> EmailMessage:
    message = email.message_from_bytes(body, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_problem_is_queued_and_sent_once(program: Program, server: SmtpServer) -> None:
    assert program.operator.report(SUBJECT, ["ann: 550 nobody", "bob: 550 nobody"]) == [
        "ann: 550 nobody",
        "bob: 550 nobody",
    ]
    assert server.accepted == []
    program.delivery.deliver()
    assert program.operator.report(SUBJECT, ["bob: 550 nobody"]) == []
    program.delivery.deliver()
    (mail,) = server.accepted
    assert (mail.recipient, mail.sender) == ("op@example.org", "digest@news.example")
    message = read(mail.body)
    assert (message["Subject"], message["Auto-Submitted"]) == (SUBJECT, "auto-generated")
    assert message.get_content().splitlines() == ["ann: 550 nobody", "", "bob: 550 nobody"]
    assert message["List-Unsubscribe"] is None
    assert [one.purpose for one in deliveries.list_deliveries(program.db)] == [Purpose.OPERATOR]
    clock(program).advance(timedelta(days=8))
    assert program.operator.report(SUBJECT, ["bob: 550 nobody"]) == ["bob: 550 nobody"]


def test_what_others_write_makes_no_line_and_no_field(program: Program, server: SmtpServer) -> None:
    program.operator.report("Feeds\r\nBcc: eve@example.org", ["one\r\n\r\n.\r\nMAIL FROM:<x>\x00\u2028two"])
    program.delivery.deliver()
    message = read(server.accepted[0].body)
    assert message["Bcc"] is None
    assert message.get_content().splitlines() == ["one . MAIL FROM:<x> two"]


def test_a_letter_is_signed_and_comes_back_to_the_mailbox_of_reports(tmp_path: Path, server: SmtpServer) -> None:
    key = SigningKey.generate()
    (tmp_path / "key").write_bytes(base64.b64encode(bytes(key)))
    public = base64.b64encode(bytes(key.verify_key)).decode()
    more = SIGNED + '[bounces]\naddress = "bounces@news.example"\n'
    with app_of(tmp_path, config(server, more)) as program:
        program.operator.report(SUBJECT, ["ann: 550 nobody"])
        program.delivery.deliver()
    (mail,) = server.accepted
    assert signature_is_valid(mail.body, f"v=DKIM1; k=ed25519; p={public}".encode())
    assert mail.sender.startswith("bounces+")


def test_a_key_that_cannot_be_read_keeps_no_letter_back(tmp_path: Path, server: SmtpServer) -> None:
    (tmp_path / "key").write_bytes(b"no key")
    with app_of(tmp_path, config(server, SIGNED)) as program:
        (tmp_path / "key").unlink()
        assert program.operator.report(SUBJECT, ["the key is missing"]) == ["the key is missing"]
        program.delivery.deliver()
    assert b"DKIM-Signature" not in server.accepted[0].body


def test_a_letter_that_fails_makes_no_other_letter_and_its_problem_is_reported_again(
    program: Program, server: SmtpServer
) -> None:
    server.on("rcpt", "550 5.7.1 not from you")
    program.operator.report(SUBJECT, ["ann: 550 nobody"])
    report = program.delivery.deliver()
    assert report.notes == ()
    assert "mail:op@example.org: recipient: 550 5.7.1 not from you" in report.log_notes[0]
    clock(program).advance(timedelta(minutes=1))
    assert alerts.deliveries(program.operator.report, ["ann: 550 nobody"]) == ["ann: 550 nobody"]
    program.delivery.deliver()
    assert [one.state for one in deliveries.list_deliveries(program.db)] == [State.SENT, State.FAILED]


def test_a_server_that_is_down_gets_the_letter_when_it_is_back(program: Program, server: SmtpServer) -> None:
    server.on("greeting", "421 4.3.2 closing")
    program.operator.report(SUBJECT, ["ann: 550 nobody"])
    program.delivery.deliver()
    assert program.operator.report(SUBJECT, ["ann: 550 nobody"]) == []
    clock(program).advance(timedelta(minutes=20))
    program.delivery.deliver()
    assert len(server.accepted) == 1


def test_without_an_operator_the_log_alone_reports(
    tmp_path: Path, server: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with app_of(tmp_path, config(server, owner="")) as program:
        assert program.operator.report(SUBJECT, ["ann: 550 nobody"]) == ["ann: 550 nobody"]
        assert program.operator.report(SUBJECT, ["ann: 550 nobody"]) == []
        assert deliveries.list_deliveries(program.db) == []
    assert [r.fields["problem"] for r in caplog.records if r.getMessage() == "reported to the operator"] == [  # type: ignore[attr-defined]
        "ann: 550 nobody"
    ]
