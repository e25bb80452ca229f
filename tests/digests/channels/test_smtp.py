from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digests.channels import SmtpSettings, Timeouts
from digests.channels.base import Parcel
from digests.channels.smtp import SmtpChannel
from digests.channels.wire import body_with_crlf
from digests.errors import (
    BadMessage,
    ChannelError,
    LoginRefused,
    OutcomeUnknown,
    RecipientRefused,
    ServerBusy,
    TemporaryFailure,
)
from tests.support.smtp import CERTIFICATE, SmtpServer

BODY = b"Message-ID: <one@news.example>\r\nSubject: News\r\n\r\n.a dot first\r\n..two\r\n.\r\nlast\r\n"
QUICK = Timeouts(5, 5, 5, 5, 5, 0.3, 0.3)


def parcel(**changes: object) -> Parcel:
    return dataclasses.replace(
        Parcel(1, "reader@example.com", "<one@news.example>", "news@news.example", BODY), **changes
    )


Opened = Callable[..., SmtpChannel]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Open channels to a server; they are closed at the end."""
    channels: list[SmtpChannel] = []

    def channel(server: SmtpServer, **changes: object) -> SmtpChannel:
        options: dict[str, object] = {"security": "none", "timeouts": QUICK} | changes
        channels.append(SmtpChannel(SmtpSettings("127.0.0.1", server.port, **options)))  # type: ignore[arg-type]
        return channels[-1]

    yield channel
    for each in channels:
        each.close()


def test_hands_over_the_stored_bytes_and_marks_once(opened: Opened) -> None:
    with SmtpServer() as server:
        marks: list[int] = []
        out = opened(server)
        receipt = out.deliver(parcel(), lambda: marks.append(len(server.accepted)))
        assert server.accepted[0].body == BODY
    assert (server.accepted[0].sender, server.accepted[0].recipient) == ("news@news.example", "reader@example.com")
    assert marks == [0]
    assert receipt.detail.startswith("250")


def test_keeps_the_connection_for_several_parcels(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)
        for _ in range(5):
            out.deliver(parcel(), lambda: None)
        assert len(server.accepted) == 5
    assert server.connections == 1


def test_opens_a_new_connection_after_max_messages(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server, max_messages=2)
        for _ in range(5):
            out.deliver(parcel(), lambda: None)
        assert [m.connection for m in server.accepted] == [1, 1, 2, 2, 3]


def test_a_server_that_hung_up_in_between_is_called_again(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("dot", "keep-250-drop")
        server.on("mail", "ok", "ok", "drop")
        out = opened(server)
        for _ in range(3):
            out.deliver(parcel(), lambda: None)
        assert len(server.accepted) == 3


@pytest.mark.parametrize(
    ("stage", "act", "error"),
    [
        ("connect", "421 4.3.2 not now", ServerBusy),
        ("connect", "554 5.3.2 no mail here", ServerBusy),
        ("connect", "drop", ServerBusy),
        ("connect", "noise", ServerBusy),
        ("ehlo", "421 4.3.0 later", ServerBusy),
        ("ehlo", "drop", ServerBusy),
        ("ehlo", "550 5.7.1 bad name", ServerBusy),
        ("mail", "451 4.3.0 later", TemporaryFailure),
        ("mail", "421 4.7.0 closing", ServerBusy),
        ("mail", "530 5.7.0 log in first", LoginRefused),
        ("mail", "550 5.7.1 sender refused", TemporaryFailure),
        ("mail", "552 5.3.4 too big", BadMessage),
        ("mail", "drop", TemporaryFailure),
        ("rcpt", "450 4.2.1 busy", TemporaryFailure),
        ("rcpt", "452 4.2.2 full", TemporaryFailure),
        ("rcpt", "552 5.2.2 full", TemporaryFailure),
        ("rcpt", "421 4.3.2 bye", ServerBusy),
        ("rcpt", "550 5.1.1 nobody", RecipientRefused),
        ("rcpt", "noise", TemporaryFailure),
        ("data", "451 4.3.0 later", TemporaryFailure),
        ("data", "554 5.7.1 no", RecipientRefused),
        ("data", "421 4.3.0 bye", ServerBusy),
        ("data", "drop", TemporaryFailure),
        ("mid", "drop", TemporaryFailure),
        ("dot", "451 4.3.0 later", TemporaryFailure),
        ("dot", "421 4.7.0 rate", ServerBusy),
        ("dot", "550 5.7.1 content", RecipientRefused),
        ("dot", "552 5.3.4 too big", BadMessage),
        ("dot", "552 5.2.2 full", TemporaryFailure),
        ("dot", "554 5.6.0 malformed", BadMessage),
        ("dot", "drop", OutcomeUnknown),
        ("dot", "keep-drop", OutcomeUnknown),
        ("dot", "keep-half", OutcomeUnknown),
        ("dot", "keep-noise", OutcomeUnknown),
        ("dot", "keep-silent", OutcomeUnknown),
        ("dot", "354 go on", OutcomeUnknown),
    ],
)
@pytest.mark.parametrize("without", [(), ("PIPELINING",)], ids=["in one go", "step by step"])
def test_names_what_went_wrong(
    stage: str, act: str, error: type[ChannelError], without: tuple[str, ...], opened: Opened
) -> None:
    with SmtpServer(without=without) as server:
        server.on(stage, act)
        out = opened(server)
        marks: list[bool] = []

        def mark() -> None:
            marks.append(stage == "mid" and server.hung_up.wait(5))

        with pytest.raises(ChannelError) as caught:
            out.deliver(parcel(), mark)
        assert type(caught.value) is error
        assert bool(marks) == (stage in ("mid", "dot"))
        kept = len(server.accepted)
        assert kept == act.startswith("keep-")
        out.deliver(parcel(), lambda: None)  # and the channel is of use again
    assert len(server.accepted) == kept + 1


def test_a_refused_recipient_costs_no_connection(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)
        out.deliver(parcel(), lambda: None)
        server.on("rcpt", "550 5.1.1 nobody")
        with pytest.raises(RecipientRefused):
            out.deliver(parcel(), lambda: None)
        out.deliver(parcel(), lambda: None)
        assert [m.connection for m in server.accepted] == [1, 1]


def test_a_server_that_wants_the_message_of_a_refused_recipient_is_left(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("rcpt", "550 5.1.1 nobody")
        server.on("data", "354 go ahead")
        out = opened(server)
        marks: list[int] = []
        with pytest.raises(RecipientRefused, match="nobody"):
            out.deliver(parcel(), lambda: marks.append(1))
        assert (marks, server.accepted) == ([], [])
        out.deliver(parcel(), lambda: None)
        assert [m.connection for m in server.accepted] == [2]


def test_a_refusal_is_though_the_connection_ends_after_it(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("mail", "550 5.7.1 sender refused")
        server.on("data", "drop")
        out = opened(server)
        with pytest.raises(TemporaryFailure, match="sender refused"):
            out.deliver(parcel(), lambda: None)
        out.deliver(parcel(), lambda: None)
    assert len(server.accepted) == 1


def test_a_connection_that_just_took_a_message_is_not_asked_whether_it_lives(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)
        out.deliver(parcel(), lambda: None)
        out.deliver(parcel(), lambda: None)
        assert not [line for line in server.commands if line.startswith("RSET")]
        server.on("data", "451 4.3.0 later")
        with pytest.raises(TemporaryFailure):
            out.deliver(parcel(), lambda: None)
        out.deliver(parcel(), lambda: None)  # what was refused left something to reset
        assert len([line for line in server.commands if line.startswith("RSET")]) == 1
    assert server.connections == 1


def test_421_to_a_kept_connection_is_asked_again_of_a_new_one(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("mail", "ok", "421 4.7.0 enough of this connection", "ok", "421 4.7.0 enough", "421 4.7.0 enough")
        out = opened(server)
        for _ in range(2):
            out.deliver(parcel(), lambda: None)
        with pytest.raises(ServerBusy):  # twice: it means us
            out.deliver(parcel(), lambda: None)
        assert [m.connection for m in server.accepted] == [1, 2]


def test_a_refused_recipient_keeps_code_and_status(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("rcpt", "550 5.1.1 nobody of that name")
        with pytest.raises(RecipientRefused) as caught:
            opened(server).deliver(parcel(), lambda: None)
    assert (caught.value.reply_code, caught.value.status) == (550, "5.1.1")
    assert "nobody" in caught.value.message


def test_silence_is_bounded_by_its_own_timeout(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("rcpt", "silent")
        out = opened(server, timeouts=dataclasses.replace(QUICK, command=0.2))
        with pytest.raises(TemporaryFailure, match="no answer"):
            out.deliver(parcel(), lambda: None)


def test_what_the_mark_raises_passes_through_and_nothing_is_sent(opened: Opened) -> None:
    def refuse() -> None:
        raise LookupError("another process has it")

    with SmtpServer() as server:
        out = opened(server)
        with pytest.raises(LookupError):
            out.deliver(parcel(), refuse)
        out.deliver(parcel(), lambda: None)
        assert len(server.accepted) == 1


def test_nobody_there(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)
    with pytest.raises(ServerBusy, match="cannot connect"):
        out.deliver(parcel(), lambda: None)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_speaks_tls_and_checks_the_certificate(security: str, opened: Opened) -> None:
    with SmtpServer(tls=security) as server:
        trusting = opened(server, security=security, ca_file=CERTIFICATE)
        trusting.deliver(parcel(), lambda: None)
        with pytest.raises(ServerBusy, match="certificate"):
            opened(server, security=security).deliver(parcel(), lambda: None)
    assert [m.encrypted for m in server.accepted] == [True]


def test_does_not_go_on_in_the_clear(opened: Opened) -> None:
    with SmtpServer() as server, pytest.raises(ServerBusy, match="STARTTLS"):
        opened(server, security="starttls").deliver(parcel(), lambda: None)
    assert server.accepted == []


@pytest.mark.parametrize("act", ["454 4.7.0 not now", "drop", "noise"])
def test_a_failing_starttls_is_the_servers_trouble(act: str, opened: Opened) -> None:
    with SmtpServer(tls="starttls") as server:
        server.on("tls", act)
        with pytest.raises(ServerBusy):
            opened(server, security="starttls", ca_file=CERTIFICATE).deliver(parcel(), lambda: None)


@pytest.mark.parametrize("without", [(), ("PLAIN",), ("LOGIN",)])
def test_logs_in(without: tuple[str, ...], opened: Opened) -> None:
    with SmtpServer(login=("me", "sécret"), without=without) as server:
        out = opened(server, user="me", password="sécret")
        out.deliver(parcel(), lambda: None)
        assert server.accepted[0].user == "me"


def test_a_login_in_a_way_we_do_not_know(opened: Opened) -> None:
    with SmtpServer(login=("me", "secret"), without=("AUTH",)) as server, pytest.raises(LoginRefused, match="neither"):
        opened(server, user="me", password="secret").deliver(parcel(), lambda: None)


def test_certificates_that_cannot_be_read(opened: Opened, tmp_path: Path) -> None:
    for security in ("starttls", "tls"):
        with SmtpServer(tls=security) as server, pytest.raises(ServerBusy, match="cannot read"):
            opened(server, security=security, ca_file=tmp_path / "none.pem").deliver(parcel(), lambda: None)


def test_a_message_with_headers_beyond_ascii_needs_smtputf8(opened: Opened) -> None:
    with SmtpServer(without=("SMTPUTF8",)) as server, pytest.raises(BadMessage, match="SMTPUTF8"):
        opened(server).deliver(parcel(body="Subject: Grüße\r\n\r\nx\r\n".encode()), lambda: None)


def test_a_server_that_speaks_before_the_end_of_the_message_is_heard(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)

        def mark() -> None:
            server.say("552 5.3.4 too much already")

        with pytest.raises(BadMessage, match="too much already"):
            out.deliver(parcel(), mark)
    assert server.accepted == []


def test_a_refused_login_is_distinguished(opened: Opened) -> None:
    with SmtpServer(login=("me", "secret")) as server, pytest.raises(LoginRefused) as caught:
        opened(server, user="me", password="wrong").deliver(parcel(), lambda: None)
    assert caught.value.reply_code == 535
    assert "wrong" not in caught.value.message


@pytest.mark.parametrize(("act", "error"), [("454 4.7.0 later", ServerBusy), ("drop", ServerBusy)])
def test_a_login_that_fails_for_now(act: str, error: type[ChannelError], opened: Opened) -> None:
    with SmtpServer(login=("me", "secret")) as server:
        server.on("auth", act)
        with pytest.raises(error) as caught:
            opened(server, user="me", password="secret").deliver(parcel(), lambda: None)
        assert type(caught.value) is error


def test_a_password_is_not_sent_in_the_clear_beyond_this_machine(opened: Opened) -> None:
    with SmtpServer(login=("me", "secret")) as server:
        out = opened(server, user="me", password="secret")
        out.settings = dataclasses.replace(out.settings, host="127.0.0.1.nip.invalid")
        with pytest.raises(ChannelError):
            out.deliver(parcel(), lambda: None)
    assert not [c for c in server.commands if c.startswith("AUTH")]


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(SmtpSettings("mail.example", user="me", password="secret"))


def test_a_message_over_the_announced_size_is_not_offered(opened: Opened) -> None:
    with SmtpServer(size=100) as server, pytest.raises(BadMessage, match="takes 100"):
        opened(server).deliver(parcel(body=BODY + b"x" * 200), lambda: None)
    assert not [c for c in server.commands if c.startswith("MAIL")]


def test_eight_bits_need_8bitmime(opened: Opened) -> None:
    body = BODY + "Grüße\r\n".encode()
    with SmtpServer() as server:
        out = opened(server)
        out.deliver(parcel(body=body), lambda: None)
        assert server.accepted[0].body == body
    assert "BODY=8BITMIME" in server.accepted[0].options
    with SmtpServer(without=("8BITMIME",)) as server, pytest.raises(BadMessage, match="7-bit"):
        opened(server).deliver(parcel(body=body), lambda: None)


def test_addresses_beyond_ascii(opened: Opened) -> None:
    with SmtpServer() as server:
        out = opened(server)
        out.deliver(parcel(recipient="leser@bücher.example"), lambda: None)
        out.deliver(parcel(recipient="δοκιμή@bücher.example"), lambda: None)
        assert [m.recipient for m in server.accepted] == ["leser@xn--bcher-kva.example", "δοκιμή@xn--bcher-kva.example"]
    assert ["SMTPUTF8" in m.options for m in server.accepted] == [False, True]
    with SmtpServer(without=("SMTPUTF8",)) as server, pytest.raises(RecipientRefused, match="ASCII"):
        opened(server).deliver(parcel(recipient="δοκιμή@example.com"), lambda: None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a@b>\r\nRCPT TO:<c@d.example",
        "a@b.example\nDATA",
        "a b@c.example",
        "a@b.example\0",
        "<a@b.example>",
        "x" * 65 + "@example.com",
        "a@" + "b" * 300,
        "a@xn--\u2028.example",
        "a@b\u0085.example",
    ],
)
def test_what_is_no_address_never_reaches_the_line(address: str, opened: Opened) -> None:
    with SmtpServer() as server:
        with pytest.raises(RecipientRefused):
            opened(server).deliver(parcel(recipient=address), lambda: None)
        with pytest.raises(BadMessage):
            opened(server).deliver(parcel(sender=address.strip("<>") + "\n"), lambda: None)
    assert server.commands == []


def test_an_old_server_that_knows_only_helo(opened: Opened) -> None:
    with SmtpServer() as server:
        server.on("ehlo", "502 5.5.1 what?")
        out = opened(server)
        out.deliver(parcel(), lambda: None)
        assert server.accepted[0].options == ()


@pytest.mark.parametrize("body", [b"x" * 999 + b"\r\n", b"a\0b\r\n"])
def test_a_body_that_no_server_may_take(body: bytes, opened: Opened) -> None:
    with SmtpServer() as server, pytest.raises(BadMessage):
        opened(server).deliver(parcel(body=body), lambda: None)


LINES = st.lists(
    st.one_of(
        st.sampled_from([b"", b".", b"..", b".x", b"From me", b"\t", b"a" * 998, b"." * 998]),
        st.binary(max_size=60).map(lambda b: b.replace(b"\0", b"")),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, ends=st.lists(st.sampled_from([b"\r\n", b"\n", b"\r"]), min_size=12, max_size=12))
def test_what_arrives_is_what_was_stored(
    loopback: SmtpServer, lines: list[bytes], ends: list[bytes], opened: Opened
) -> None:
    body = b"".join(line + end for line, end in zip(lines, ends, strict=False))
    out = opened(loopback)
    out.deliver(parcel(body=b"Subject: x\r\n\r\n" + body), lambda: None)
    arrived = loopback.accepted[-1].body
    assert arrived == body_with_crlf(b"Subject: x\r\n\r\n" + body)
    if not body.replace(b"\r\n", b"").count(b"\n") and not body.replace(b"\r\n", b"").count(b"\r"):
        assert arrived == b"Subject: x\r\n\r\n" + body


@given(st.binary(max_size=300).filter(lambda b: b"\0" not in b))
def test_canonical_changes_nothing_twice(body: bytes) -> None:
    once = body_with_crlf(body)
    assert body_with_crlf(once) == once
    assert once.endswith(b"\r\n")


@pytest.fixture(scope="module")
def loopback() -> object:
    with SmtpServer() as server:
        yield server
