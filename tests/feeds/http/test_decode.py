"""Bounded decoding, piece by piece."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import BadEncoding, TooLarge
from feeds.http.decode import MAX_MEMBERS, Body

ROOM = 1 << 20


def unpack(coding: str, pieces: list[bytes], room: int = ROOM) -> tuple[bytes, bool]:
    body = Body(coding, room)
    for piece in pieces:
        body.feed(piece)
    return body.finish()


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.binary(max_size=2000), st.integers(1, 50), st.sampled_from(["gzip", "deflate", "", "deflate, gzip"]))
def test_what_was_packed_comes_out_whatever_the_pieces(data: bytes, size: int, coding: str):
    data = b"<" + data
    packed = data
    for name in filter(None, coding.split(", ")):
        packed = gzip.compress(packed) if name == "gzip" else zlib.compress(packed)
    assert unpack(coding, pieces_of(packed, size)) == (data, False)


@given(
    st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "", "identity", "gzip, deflate"]), st.integers(1, 9)
)
def test_any_bytes_give_a_body_or_a_known_error(data: bytes, coding: str, size: int):
    try:
        body, _ = unpack(coding, pieces_of(data, size), 1000)
    except (BadEncoding, TooLarge):
        return
    assert len(body) <= 1000


@pytest.mark.parametrize("data", [b"", b"<", b"ab", b"\x1f", b"\x1f\x8b"])
def test_bodies_too_short_to_tell_their_kind_by_are_kept(data: bytes):
    for coding in ("", "gzip", "deflate"):
        assert unpack(coding, [data]) == (data, False)


def test_a_bomb_is_refused_without_being_unpacked():
    bomb = gzip.compress(bytes(200 << 20), 9)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpack("gzip", pieces_of(bomb, 65536))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * ROOM


def test_a_crowd_of_empty_members_is_refused():
    with pytest.raises(BadEncoding, match="too many"):
        unpack("gzip", [gzip.compress(b"") * (MAX_MEMBERS + 1)])


def test_damage_in_the_middle_keeps_what_came_before():
    packed = bytearray(gzip.compress(b"<item/>" * 50_000, 0))
    packed[150_000:] = b"\xff" * 1000
    data, cut = unpack("gzip", pieces_of(bytes(packed), 4096))
    assert cut
    assert data.startswith(b"<item/>" * 1000)


def test_damage_from_the_start_is_an_error():
    with pytest.raises(BadEncoding):
        unpack("gzip", [b"\x1f\x8b\x08" + b"\xff" * 50])
    with pytest.raises(BadEncoding):
        unpack("deflate", [b"\x07\xff\xff\xff\xff"])
