"""The message: its fields, its parts, the same bytes for the same delivery."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.errors import BadMessage
from digests.render import Renderer
from digests.render.mail.mime import HeaderValues, edition_mail, message_id
from tests.support import editions as sample

DATE = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
ENVELOPE = HeaderValues(
    sender="digest@news.example.org",
    sender_name="Morning Brief",
    recipient="reader@example.com",
    message_id=message_id("morning", DATE, "reader@example.com", "news.example.org"),
    date=DATE,
    list_id="morning.news.example.org",
    list_name="Morning Brief",
    unsubscribe_url=sample.LINKS.unsubscribe,
    operator="editor@news.example.org",
    archive_url=sample.LINKS.web,
)


def made(envelope: HeaderValues = ENVELOPE, html: str = "<p>hello</p>", text: str = "hello\n") -> bytes:
    return edition_mail(sample.plain(), envelope, html, text)


def parsed(message: bytes) -> EmailMessage:
    found = message_from_bytes(message, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def fields(message: bytes) -> dict[str, str]:
    head = message.partition(b"\r\n\r\n")[0].decode("ascii")
    return dict(line.split(": ", 1) for line in re.split(r"\r\n(?![ \t])", head))


def test_text_comes_first_and_both_parts_come_back() -> None:
    parts = Renderer().parts(sample.rich(), sample.LINKS)
    message = parsed(edition_mail(sample.rich(), ENVELOPE, parts.html.content, parts.text.content))
    first, second = message.iter_parts()
    assert (first.get_content_type(), second.get_content_type()) == ("text/plain", "text/html")
    assert first.get_content().replace("\r\n", "\n") == parts.text.content
    assert second.get_content().replace("\r\n", "\n") == parts.html.content
    assert not message.defects


def test_list_fields_stand_on_one_line_and_offer_one_click() -> None:
    long = replace(ENVELOPE, unsubscribe_url="https://news.example.org/u/" + "t" * 300)
    found = fields(made(long))
    assert found["List-Unsubscribe"] == (
        f"<{long.unsubscribe_url}>, <mailto:editor@news.example.org?subject=unsubscribe>"
    )
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"] == "Morning Brief <morning.news.example.org>"
    assert found["Auto-Submitted"] == "auto-generated"


def test_without_a_web_address_a_mail_unsubscribes() -> None:
    found = fields(made(HeaderValues("d@example.org", "r@example.com", ENVELOPE.message_id, DATE)))
    assert found["List-Unsubscribe"] == "<mailto:d@example.org?subject=unsubscribe>"
    assert "List-Unsubscribe-Post" not in found


def test_editions_do_not_pile_into_one_conversation() -> None:
    assert {"References", "In-Reply-To"}.isdisjoint(fields(made()))


def test_the_same_delivery_gives_the_same_bytes() -> None:
    assert made() == made()


def test_the_boundary_does_not_occur_in_the_parts() -> None:
    first = made()
    boundary = re.search(rb'boundary="([^"]+)"', first)
    assert boundary
    again = made(text=f"--{boundary[1].decode()}\nhello\n")
    assert len(list(parsed(again).iter_parts())) == 2


def test_no_line_is_longer_than_mail_allows() -> None:
    message = made(html="<p>" + "x" * 5000 + "é</p>", text="y" * 3000 + "\nFrom here\n.\n")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert b"\r\nFrom " not in message
    assert b"\r\n.\r\n" not in message
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", message)


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "a@example.com\r\nBcc: b@example.net"},
        {"recipient": "a@example.com, b@example.net"},
        {"recipient": "not an address"},
        {"recipient": ""},
        {"sender": "x@[127.0.0.1]"},
        {"reply_to": "a@example.com\u2028"},
        {"message_id": "<a@b>\r\nBcc: c@example.net"},
        {"message_id": "no brackets"},
        {"list_id": "two words.example"},
        {"list_id": "x." * 200 + "example"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://example.org/>, <mailto:x@y.example"},
        {"unsubscribe_url": "https://example.org/" + "t" * 1200},
        {"archive_url": "https://example.org/a\r\nBcc: x"},
        {"feedback_id": "a\r\nBcc: x@example.net"},
        {"auto_submitted": "no\nX: y"},
        {"date": datetime(2026, 3, 17, 6, 0)},  # noqa: DTZ001
    ],
)
def test_what_cannot_stand_in_a_field_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadMessage):
        made(replace(ENVELOPE, **change))  # type: ignore[arg-type]


def test_an_international_domain_is_sent_in_ascii() -> None:
    envelope = replace(ENVELOPE, recipient="leser@bücher.example")
    assert fields(made(envelope))["To"] == "leser@xn--bcher-kva.example"


def test_a_local_part_in_another_script_stays_as_it_is() -> None:
    envelope = replace(ENVELOPE, recipient="读者@example.com")
    assert "读者@example.com".encode() in made(envelope)


@pytest.mark.parametrize(
    "subject", ["🚀" * 200, "x" * 2000, "خبر عاجل " * 40, "Ä" * 77, "a\r\nBcc: x@y.example", "=?utf-8?q?x?="]
)
def test_any_subject_becomes_one_field_of_at_most_78_characters(subject: str) -> None:
    message = parsed(made(replace(ENVELOPE, subject=subject)))
    shown = str(message["Subject"])
    assert 0 < len(shown) <= 78
    assert message.keys().count("Subject") == 1
    assert "Bcc" not in message


def test_a_message_id_is_the_same_for_the_same_delivery_and_no_other() -> None:
    first = message_id("Mörgen", DATE, "a@example.com", "bücher.example")
    assert first == message_id("Mörgen", DATE, "a@example.com", "bücher.example")
    assert re.fullmatch(r"<m-rgen\.20260317T0600Z\.[0-9a-f]{40}@xn--bcher-kva\.example>", first)
    assert "example.com" not in first
    others = {
        message_id("Mörgen", DATE, "b@example.com", "bücher.example"),
        message_id("Morgen", DATE, "a@example.com", "bücher.example"),
        message_id("Mörgen", DATE.replace(hour=7), "a@example.com", "bücher.example"),
    }
    assert len({first, *others}) == 4


@settings(max_examples=150)
@given(st.text(max_size=300), st.text(max_size=300))
def test_texts_become_fields_without_loss_or_gain(subject: str, name: str) -> None:
    message = made(replace(ENVELOPE, subject=subject, sender_name=name))
    head = message.partition(b"\r\n\r\n")[0]
    assert all(
        len(line) <= 78 or line.startswith((b"List-", b"Message-ID", b"Archived-At")) for line in head.split(b"\r\n")
    )
    assert [n.lower() for n in fields(message)] == [n.lower() for n in fields(made())]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("📰 Morning 🗞️ Brief", "Morning Brief"),
        ("boss@bank.example", "boss bank.example"),
        ('"Ann" <ann@x.example>', "Ann ‹ann x.example›"),
        ("Müller, Söhne [Köln]", "Müller Söhne Köln"),
        ("News, daily (Vienna)", "News, daily (Vienna)"),
        ("🚀", "Morning Brief"),
        ("word " * 400, "word word word word word word word word word word word…"),
        ("字" * 400, "字" * 59 + "…"),
        ("نشرة الصباح", "نشرة الصباح"),
    ],
)
def test_a_name_is_short_plain_and_no_address(name: str, shown: str) -> None:
    message = made(replace(ENVELOPE, sender_name=name, recipient_name=name))
    assert parseaddr(str(make_header(decode_header(fields(message)["From"])))) == (shown, ENVELOPE.sender)
    assert [str(a.addr_spec) for a in parsed(message)["To"].addresses] == [ENVELOPE.recipient]


def test_a_list_may_have_a_title_of_any_length() -> None:
    message = made(replace(ENVELOPE, list_name="字" * 3000))
    assert len(fields(message)["List-Id"]) < 600
