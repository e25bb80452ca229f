from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.channels.wire import (
    ConnectionLostError,
    InvalidReplyError,
    ReplyTimeoutError,
    Wire,
    WireError,
    blocks,
    body_with_crlf,
)


@pytest.fixture
def line() -> Iterator[tuple[Wire, socket.socket]]:
    ours, theirs = socket.socketpair()
    wire = Wire(ours)
    yield wire, theirs
    wire.close()
    theirs.close()


Line = tuple[Wire, socket.socket]


def test_a_reply_of_several_lines(line: Line) -> None:
    line[1].sendall(b"250-mail.test\r\n250-SIZE 1000\r\n250 HELP\r\n")
    reply = line[0].reply(1)
    assert (reply.code, reply.lines) == (250, ("mail.test", "SIZE 1000", "HELP"))
    assert reply.text == "250 mail.test SIZE 1000 HELP"


@pytest.mark.parametrize(
    ("raw", "code", "status"),
    [
        (b"550 5.1.1 nobody\r\n", 550, "5.1.1"),
        (b"550 5.1.1\r\n", 550, "5.1.1"),
        (b"250\r\n", 250, None),
        (b"250 \n", 250, None),
        (b"550 version 5.1.1\r\n", 550, None),
        (b"550 9.1.1 x\r\n", 550, None),
    ],
)
def test_codes(line: Line, raw: bytes, code: int, status: str | None) -> None:
    line[1].sendall(raw)
    reply = line[0].reply(1)
    assert (reply.code, reply.status) == (code, status)


def test_control_characters_do_not_reach_the_record(line: Line) -> None:
    line[1].sendall(b"550 a\x1b[31mred\x00\xff\r\n")
    assert line[0].reply(1).text.isprintable()


@pytest.mark.parametrize(
    "noise", [b"HTTP/1.1 400 Bad Request\r\n", b"25\r\n", b"\r\n", b"999 x\r\n", b"250x\r\n", b"\xff\r\n"]
)
def test_noise(line: Line, noise: bytes) -> None:
    line[1].sendall(noise)
    with pytest.raises(InvalidReplyError):
        line[0].reply(1)


def test_a_reply_without_end_is_noise(line: Line) -> None:
    line[1].sendall(b"250-more\r\n" * 7000)
    with pytest.raises(InvalidReplyError):
        line[0].reply(5)


def test_a_line_without_end_is_noise(line: Line) -> None:
    line[1].sendall(b"2" * 70_000)
    with pytest.raises(InvalidReplyError, match="without end"):
        line[0].reply(5)


def test_the_deadline_holds_for_the_whole_reply_however_it_drips(line: Line) -> None:
    line[1].sendall(b"250-drip\r\n25")
    with pytest.raises(ReplyTimeoutError):
        line[0].reply(0.05)
    with pytest.raises(ReplyTimeoutError):
        line[0].reply(0)


def test_an_end_in_the_middle(line: Line) -> None:
    line[1].sendall(b"25")
    line[1].close()
    with pytest.raises(ConnectionLostError):
        line[0].reply(1)


def test_what_is_said_unasked(line: Line) -> None:
    wire, other = line
    assert wire.unsolicited_reply() is None
    other.sendall(b"421 closing\r\n")
    reply = wire.unsolicited_reply()
    assert reply
    assert reply.code == 421
    other.close()
    with pytest.raises(ConnectionLostError):
        wire.unsolicited_reply()


def test_what_was_said_too_early_is_found(line: Line) -> None:
    line[1].sendall(b"250 ok\r\n552 too big\r\n")
    assert line[0].reply(1).code == 250
    reply = line[0].unsolicited_reply()
    assert reply
    assert reply.code == 552


def test_a_command_is_one_line(line: Line) -> None:
    for text in ("NOOP\r\nQUIT", "NOOP\n", "NOOP\0"):
        with pytest.raises(ValueError, match="one line"):
            line[0].command(text, 1)


def test_a_server_that_takes_nothing(line: Line) -> None:
    with pytest.raises(ReplyTimeoutError):
        line[0].send(b"x" * 50_000_000, 0.05)


def test_a_closed_line(line: Line) -> None:
    line[1].close()
    with pytest.raises(ConnectionLostError):
        line[0].send(b"x", 1)
    line[0].close()
    line[0].close()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 300, "a..b"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(WireError, match="cannot connect"):
        Wire.connect(host, 25, 1)


@given(st.binary(max_size=2000).filter(lambda b: b"\0" not in b))
def test_dots_are_doubled_and_nothing_else_changes(body: bytes) -> None:
    whole = body_with_crlf(body)
    sent = b"".join(blocks(whole))
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    lines = [one[1:] if one.startswith(b".") else one for one in sent.split(b"\r\n")]
    assert b"\r\n".join(lines) == whole


def test_a_dot_at_the_border_of_a_block_is_doubled() -> None:
    body = (b"x" * 62 + b"\r\n") * 1024 + b".\r\n"
    assert b"".join(blocks(body)).endswith(b"\r\n..\r\n")
