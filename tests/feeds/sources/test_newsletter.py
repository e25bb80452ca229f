from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from contextlib import closing, suppress
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from feeds.errors import NotNewsletter, ParseError
from feeds.parse.pool import MailReader
from feeds.sources.newsletter import read_newsletter, unwrapped

HTML = """<html><head><title>x</title><style>p{}</style></head><body>
<div class="preheader" style="display:none;max-height:0">Council, harbour, and more in today's issue</div>
<table><tr><td><a href="https://click.post.example/v?id=me">View this email in your browser</a></td></tr></table>
<h1>The council decides on the bridge</h1>
<p>The council of the town decided on Tuesday to build the bridge over the harbour for 40 million, the mayor said.</p>
<p><a href="https://click.post.example/c?u=TARGET&amp;sig=abc">Read the report of the engineers</a> who looked at all \
pillars.</p>
<img src="https://click.post.example/open.gif" width="1" height="1">
<p><a href="https://post.example/unsubscribe?u=me">Unsubscribe</a> | You are receiving this because you signed up.</p>
<p>The Harbour Post, 1 Quay Street. &copy; 2026 All rights reserved.</p></body></html>"""
TARGET = quote("https://post.example/report?utm_source=mail", safe="")


def mail(
    subject: str = "The bridge is decided",
    html: str = HTML,
    sender: str = "The Harbour Post <news@post.example>",
    **more: str,
) -> bytes:
    headers = {
        "From": sender,
        "To": "me@example.org",
        "Subject": subject,
        "Date": "Wed, 18 Mar 2026 08:30:00 +0100",
        "Message-ID": "<1@post.example>",
        "List-Id": "The Harbour Post daily <daily.post.example>",
        "List-Unsubscribe": "<https://post.example/leave?u=me>, <mailto:leave@post.example>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    body = html.replace("TARGET", TARGET).replace("\n", "\r\n")
    return f"{lines}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}".encode()


def test_the_values_of_a_newsletter() -> None:
    found = read_newsletter(mail())
    assert (found.sender, found.name, found.domain) == ("daily.post.example", "The Harbour Post", "post.example")
    [entry] = found.parsed.entries
    assert (entry.guid, entry.title) == ("1@post.example", "The bridge is decided")
    assert entry.published == datetime(2026, 3, 18, 7, 30, tzinfo=UTC)
    assert "decided on Tuesday to build the bridge" in entry.text
    assert "https://post.example/report" in entry.links


@pytest.mark.parametrize(
    "gone", ["today's issue", "browser", "nsubscribe", "receiving", "Quay Street", "click.post.example"]
)
def test_boilerplate_is_left_out(gone: str) -> None:
    [entry] = read_newsletter(mail()).parsed.entries
    assert gone not in entry.text
    assert gone not in entry.content_html


@pytest.mark.parametrize(
    "news",
    [
        "Meta changes its privacy policy after a ruling of the court in Brussels.",
        "A letter was sent to the minister on Tuesday, the unions said.",
        "Das Parlament stimmt am Dienstag über den Datenschutz ab.",
        "Schools may opt out of the test from next year, the ministry said.",
        "Het kabinet wil nieuwe verkiezingen uitschrijven, zegt de premier.",
    ],
)
def test_news_with_the_words_of_boilerplate_is_kept(news: str) -> None:
    page = (
        f"<table><tr><td><img src='https://post.example/a.jpg'></td><td><p>{news}</p><p><a "
        "href='https://post.example/u'>Unsubscribe</a> at any time</p></td></tr></table>"
    )
    [entry] = read_newsletter(mail(html=page)).parsed.entries
    assert news in entry.text
    assert ("nsubscribe" in entry.text, entry.image) == (False, "https://post.example/a.jpg")
    [entry] = read_newsletter(mail(html=f"{news}\n\nUnsubscribe").replace(b"text/html", b"text/plain")).parsed.entries
    assert (news in entry.text, "nsubscribe" in entry.text) == (True, False)


def test_plain_text_is_read_where_there_is_no_html() -> None:
    text = "Good morning.\n\nThe council said so on Tuesday after a debate of six hours about pillars.\n\nUnsubscribe: https://post.example/leave\n"
    data = mail(html=text).replace(b"text/html", b"text/plain")
    [entry] = read_newsletter(data).parsed.entries
    assert "council said so" in entry.text
    assert "nsubscribe" not in entry.content_html


@pytest.mark.parametrize(
    "subject",
    [
        "Please confirm your subscription",
        "Your receipt from The Harbour Post",
        "Reset your password",
        "123456 is your verification code",
        "Invoice for March",
        "Re: your question",
        "Order confirmation",
        "Welcome to The Post",
        "Bitte bestätigen Sie Ihre Anmeldung",
        "Ihre Rechnung 4711",
        "Confirmez votre inscription",
        "Votre facture",
        "Confirma tu suscripción",
        "Su pedido",
        "Подтвердите подписку",
        "Підтвердьте підписку",
        "رمز التحقق الخاص بك",
        "AW: Frage",
        "Fwd: see this",
    ],
)
def test_a_mail_for_its_recipient_is_no_newsletter(subject: str) -> None:
    with pytest.raises(NotNewsletter):
        read_newsletter(mail(subject))


@pytest.mark.parametrize(
    "subject",
    [
        "Password leak hits a million accounts",
        "Court order for the mayor",
        "Executive order 14110 is blocked",
        "In order to win",
        "The receipt that felled a minister",
    ],
)
def test_news_about_such_things_is_news(subject: str) -> None:
    assert read_newsletter(mail(subject)).parsed.entries[0].title == subject


def test_only_lists_and_allowed_senders() -> None:
    bare = mail(List_Id="", List_Unsubscribe="")
    with pytest.raises(NotNewsletter, match="no list headers"):
        read_newsletter(bare)
    for allowed in ("news@post.example", "post.example", "@POST.example"):
        assert read_newsletter(bare, [allowed]).sender == "news@post.example"
    with pytest.raises(NotNewsletter):
        read_newsletter(bare, ["ost.example"])


@pytest.mark.parametrize(
    ("result", "forged"),
    [
        ("mx.me.example; dmarc=fail header.from=post.example", True),
        ("mx.me.example; spf=fail; dkim=fail", True),
        ("mx.me.example; spf=fail; dkim=pass; dmarc=pass", False),
        ("mx.me.example; none", False),
    ],
)
def test_forged_senders(result: str, forged: bool) -> None:
    data = mail(Authentication_Results=result)
    if forged:
        with pytest.raises(NotNewsletter, match="forged"):
            read_newsletter(data)
    else:
        assert read_newsletter(data).parsed.entries


@pytest.mark.parametrize("missing", ["Message_ID", "From"])
def test_a_mail_without_identity_is_refused(missing: str) -> None:
    with pytest.raises(NotNewsletter):
        read_newsletter(mail(sender="") if missing == "From" else mail(Message_ID=""))


URL = "https://post.example/report"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (f"https://click.example/c?u={quote(URL, safe='')}&sig=1", URL),
        (f"https://click.example/L0/{quote(URL, safe='')}/1/0100", URL),
        (f"https://click.example/CL0/{URL}/2/0100", f"{URL}/2/0100"),
        (f"https://click.example/c?url={quote(quote(URL, safe=''), safe='')}", URL),
        (f"https://click.example/{urlsafe_b64encode(URL.encode()).decode().rstrip('=')}", URL),
        (f"https://click.example/ss/c/{'u001.' + 'x' * 40}", f"https://click.example/ss/c/{'u001.' + 'x' * 40}"),
        (f"https://web.archive.org/web/2026/{URL}", f"https://web.archive.org/web/2026/{URL}"),
        (f"https://archive.ph/newest/{URL}", f"https://archive.ph/newest/{URL}"),
        (f"https://translate.google.com/translate?u={URL}", f"https://translate.google.com/translate?u={URL}"),
        (f"https://social.example/sharer.php?u={URL}", f"https://social.example/sharer.php?u={URL}"),
        (f"https://x.example/intent/tweet?url={URL}", f"https://x.example/intent/tweet?url={URL}"),
        (f"https://post.example/login?next={URL}", f"https://post.example/login?next={URL}"),
        (f"https://post.example/a?ref={URL}", f"https://post.example/a?ref={URL}"),
        ("https://[x/c?u=https://a.example", "https://[x/c?u=https://a.example"),
        (URL, URL),
        ("mailto:me@example.org", "mailto:me@example.org"),
    ],
)
def test_tracking_links_are_unwrapped_where_they_hold_their_target(link: str, target: str) -> None:
    assert unwrapped(link) == target


def test_hostile_mails_cost_only_themselves() -> None:
    with closing(MailReader(cpu_seconds=3.0)) as reader:
        for html in (
            "<div>" * 100_000,
            "<a href='" + "x" * 3_000_000,
            "<p style='" + "display:" * 100_000 + "'>x",
            "x" * 9_000_000,
        ):
            with suppress(ParseError):
                reader.read(mail(html=html))
        assert reader.read(mail()).parsed.entries


def test_random_mails_raise_nothing_but_parse_errors() -> None:
    chance = random.Random(3)
    source = mail()
    bits = [
        b"\r\n",
        b"=?utf-8?q?",
        b"?=",
        b"\xff",
        b"<",
        b'"',
        b":",
        b"\x00",
        b"boundary=",
        b"multipart/mixed;",
        b"<a href=",
        b"(" * 50,
    ]
    for _ in range(300):
        data = bytearray(source)
        for _ in range(chance.randrange(1, 30)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(9)] = chance.choice(bits)
        with suppress(ParseError):
            read_newsletter(bytes(data))


def test_control_characters_in_a_mail_are_left_out() -> None:
    entry = read_newsletter(
        mail(html="<div>\x01<span hidden>x</span>\x02The bridge is \x0bdecided.</div>")
    ).parsed.entries[0]
    assert "The bridge is decided." in entry.content_html
