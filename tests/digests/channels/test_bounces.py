from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.channels.bounces import Bounce, bounces_in, return_address, returned_token

KEYS = [b"newest", b"older"]


def report(groups: str, quoted: str = "message/rfc822", kind: str = "delivery-status") -> bytes:
    """A report as a mail system writes it: words for a person, fields for us, and the message that came back."""
    return (
        "From: Mail system <mailer-daemon@mx.example>\r\nTo: <news+7-abc@news.example>\r\nMessage-ID: "
        "<report@mx.example>\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry. Final-Recipient: rfc822; nobody@fake.example\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{groups}\r\n"
        f"--b\r\nContent-Type: {quoted}\r\n\r\n"
        "Subject: News\r\nMessage-ID: <daily.7@news.example>\r\nTo: reader@example.com\r\n\r\nBody\r\n--b--\r\n"
    ).encode()


FAILED = (
    "Reporting-MTA: dns; mx.example\r\n\r\n"
    "Original-Recipient: rfc822; old@example.com\r\nFinal-Recipient: rfc822; reader@example.com\r\nAction: failed\r\n"
    "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <reader@example.com>:\r\n no such user\r\n"
)


def test_a_permanent_failure() -> None:
    (bounce,) = bounces_in(report(FAILED))
    assert bounce == Bounce(
        "reader@example.com",
        "failed",
        "5.1.1",
        "<daily.7@news.example>",
        "smtp; 550 5.1.1 <reader@example.com>: no such user",
    )
    assert bounce.permanent
    assert bounce.address_is_bad


@pytest.mark.parametrize(
    ("action", "status", "permanent", "bad"),
    [
        ("failed", "5.1.1 (bad destination mailbox)", True, True),
        ("Failed", "5.2.1", True, True),
        ("failed", "5.2.2", True, False),
        ("failed", "5.7.1", True, False),
        ("failed", "4.4.7", False, False),
        ("delayed", "4.4.1", False, False),
        ("delivered", "2.0.0", False, False),
        ("failed", "nonsense", True, False),
    ],
)
def test_the_class_of_the_status_decides(action: str, status: str, permanent: bool, bad: bool) -> None:
    (bounce,) = bounces_in(report(f"Final-Recipient: rfc822;a@b.example\r\nAction: {action}\r\nStatus: {status}\r\n"))
    assert (bounce.permanent, bounce.address_is_bad) == (permanent, bad)


def test_several_recipients_of_one_report() -> None:
    second = "\r\nFinal-Recipient: rfc822; two@example.com\r\nAction: delayed\r\nStatus: 4.2.2\r\n"
    assert [b.recipient for b in bounces_in(report(FAILED + second))] == ["reader@example.com", "two@example.com"]


def test_the_message_may_come_back_as_headers_only() -> None:
    (bounce,) = bounces_in(report(FAILED, quoted="text/rfc822-headers"))
    assert bounce.message_id == "<daily.7@news.example>"


def test_a_complaint() -> None:
    fields = (
        "Feedback-Type: abuse\r\nUser-Agent: Some provider/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: "
        "<reader@example.com>\r\n"
    )
    (bounce,) = bounces_in(report(fields, kind="feedback-report"))
    assert (bounce.action, bounce.recipient, bounce.message_id) == (
        "complained",
        "reader@example.com",
        "<daily.7@news.example>",
    )
    assert not bounce.permanent


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"Subject: out of office\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\n",
        report("Final-Recipient: rfc822;\r\nAction: failed\r\n"),
        report("Final-Recipient: rfc822; a@b.example\r\n"),
        report(FAILED) + b"x" * 1_000_001,
    ],
)
def test_what_is_no_report(message: bytes) -> None:
    assert bounces_in(message) == ()


@given(st.binary(max_size=400), st.integers(0, 900))
def test_a_broken_report_is_read_without_harm(noise: bytes, place: int) -> None:
    whole = report(FAILED)
    for bounce in bounces_in(whole[:place] + noise + whole[place:]):
        assert "\n" not in bounce.diagnostic
        assert bounce.recipient


@given(st.from_regex(r"[A-Za-z0-9]{1,20}", fullmatch=True))
def test_a_return_address_reports_its_token(token: str) -> None:
    address = return_address(KEYS[0], token, "bounces@news.example")
    assert returned_token(KEYS, address) == token
    assert len(address.partition("@")[0]) <= 64
    assert returned_token([b"another"], address) is None


def test_older_keys_count_and_case_does_not() -> None:
    address = return_address(KEYS[1], "7", "bounces@news.example")
    assert returned_token(KEYS, address.upper()) == "7"


@given(st.text(max_size=60))
def test_a_forged_return_address_is_nobodys(text: str) -> None:
    assert returned_token(KEYS, text) is None
    assert returned_token(KEYS, f"bounces+7-{text}@news.example") is None


@pytest.mark.parametrize(("key", "token"), [(b"", "7"), (b"k", ""), (b"k", "a-b"), (b"k", "a\r\nb")])
def test_a_return_address_needs_a_key_and_a_plain_token(key: bytes, token: str) -> None:
    with pytest.raises(ValueError, match="needed"):
        return_address(key, token, "bounces@news.example")
