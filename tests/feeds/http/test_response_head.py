"""Heads of responses as servers write them, read as browsers read them."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.http.response_head import HeadTooLarge, ResponseHead, repaired

BODY = b"<rss/>"


def parsed(raw: bytes, *, pieces: int = 7) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, fields and body that a strict parser reads after the repair."""
    head, parser = ResponseHead(65536), h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "a.example")]))
    parser.send(h11.EndOfMessage())
    for start in range(0, len(raw), pieces):
        if out := head.feed(raw[start : start + pieces]):
            parser.receive_data(out)
    parser.receive_data(b"")
    status, fields, body = 0, list[tuple[bytes, bytes]](), b""
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status, fields = event.status_code, [(bytes(n), bytes(v)) for n, v in event.headers]
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
    return status, fields, body


@pytest.mark.parametrize(
    "field",
    [
        b"no colon here",
        b"Bad Name: x",
        b": empty",
        b"X-Control: a\x00b\x07",
        b"\xef\xbb\xbfX-Mark: 1",
        b"Folded: one\r\n two",
        b"Space : before the colon",
        b"(comment): x",
    ],
)
def test_a_line_that_is_no_header_costs_only_itself(field: bytes) -> None:
    raw = b'HTTP/1.1 200 OK\r\nETag: "1"\r\n' + field + b"\r\nContent-Length: 6\r\n\r\n" + BODY
    status, fields, body = parsed(raw)
    assert (status, body) == (200, BODY)
    assert (b"etag", b'"1"') in fields


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        b"Content-Length: 99\r\nTransfer-Encoding: chunked",
        b"transfer-encoding: Chunked\nTRANSFER-ENCODING: chunked",
    ],
)
def test_framing_that_is_said_twice_counts_once(fields: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n6\r\n" + BODY + b"\r\n0\r\n\r\n"
    assert parsed(raw)[2] == BODY


@pytest.mark.parametrize(
    "fields", [b"Transfer-Encoding: identity", b"Content-Length: x", b"Content-Length: 6, 6", b"A: b"]
)
def test_without_framing_the_body_ends_with_the_connection(fields: bytes) -> None:
    assert parsed(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + BODY)[2] == BODY


def test_equal_lengths_are_one_length() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 6\r\n\r\n" + BODY
    assert parsed(raw)[2] == BODY


def test_an_informational_response_comes_before_the_final_one() -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\nno colon\r\n\r\nHTTP/1.1 200 OK\r\nbroken\r\nContent-Length: 6\r\n\r\n" + BODY
    assert parsed(raw)[::2] == (200, BODY)


def test_a_head_without_end_is_refused_before_it_fills_memory() -> None:
    head = ResponseHead(1000)
    for _ in range(9):
        assert head.feed(b"X-Filler: " + b"y" * 90 + b"\r\n") == b""
    with pytest.raises(HeadTooLarge):
        head.feed(b"X-Filler: " + b"y" * 90 + b"\r\n")


def test_a_head_that_comes_byte_by_byte_is_read_as_one_that_comes_at_once() -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20 + b"Content-Length: 6\r\n\r\n" + BODY
    assert parsed(raw, pieces=1) == parsed(raw, pieces=len(raw))


@given(st.binary(max_size=300))
def test_any_bytes_give_header_lines_that_a_strict_parser_takes(lines: bytes) -> None:
    for line in repaired(b"HTTP/1.1 200 OK\r\n" + lines).split(b"\r\n")[1:-2]:
        name, colon, value = line.partition(b": ")
        assert colon
        assert name
        assert b"\x00" not in value
        assert b"\n" not in value
