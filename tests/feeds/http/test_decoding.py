"""Bounded decoding, piece by piece."""

from __future__ import annotations

import gzip
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import BadEncoding, TooLarge
from feeds.http.codings import MAX_PARTS, MAX_ZSTD_WINDOW
from feeds.http.decoding import ACCEPT_ENCODING, Body

LIMIT = 1 << 20


if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=2),
    "zstd": zstd.compress,
}
CODINGS = ["", *PACKERS, "deflate, gzip", "br, gzip", "zstd, br, deflate"]


def unpack(coding: str, pieces: list[bytes], limit: int = LIMIT) -> tuple[bytes, bool]:
    body = Body(coding, limit)
    for piece in pieces:
        body.feed(piece)
    return body.finish()


def pieces_of(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


def pack(coding: str, data: bytes) -> bytes:
    for name in filter(None, coding.split(", ")):
        data = PACKERS[name](data)
    return data


def test_what_is_asked_for_can_be_undone():
    assert sorted(ACCEPT_ENCODING.split(", ")) == sorted(PACKERS)


@given(st.binary(max_size=2000), st.integers(1, 50), st.sampled_from(CODINGS))
def test_what_was_packed_comes_out_whatever_the_pieces(data: bytes, size: int, coding: str):
    data = b"<" + data
    assert unpack(coding, pieces_of(pack(coding, data), size)) == (data, False)


@given(st.binary(max_size=300), st.sampled_from([*CODINGS, "identity"]), st.integers(1, 9))
def test_any_bytes_give_a_body_or_a_known_error(data: bytes, coding: str, size: int):
    try:
        body, _ = unpack(coding, pieces_of(data, size), 1000)
    except (BadEncoding, TooLarge):
        return
    assert len(body) <= 1000


@pytest.mark.parametrize("data", [b"", b"<", b"ab", b"\x1f", b"\x1f\x8b"])
def test_bodies_too_short_to_tell_their_kind_by_are_kept(data: bytes):
    for coding in ("", *PACKERS):
        assert unpack(coding, [data]) == (data, False)


@pytest.mark.parametrize("coding", PACKERS)
def test_a_bomb_is_refused_without_being_unpacked(coding: str):
    bomb = pack(coding, bytes(40 << 20))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        unpack(coding, pieces_of(bomb, 65536))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * LIMIT


@pytest.mark.parametrize("inner", PACKERS)
@pytest.mark.parametrize("outer", PACKERS)
def test_a_bomb_within_a_bomb_is_refused(inner: str, outer: str):
    coding = f"{inner}, {outer}"
    with pytest.raises(TooLarge):
        unpack(coding, pieces_of(pack(coding, bytes(10 << 20)), 4096))


def test_a_frame_that_wants_a_large_window_is_refused():
    maker = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: MAX_ZSTD_WINDOW + 1})
    with pytest.raises(BadEncoding):
        unpack("zstd", [maker.compress(b"<rss/>" * 100) + maker.flush()])


def test_a_single_segment_that_declares_a_gigabyte_is_refused():
    head = b"\x28\xb5\x2f\xfd\xa0" + (2**30).to_bytes(4, "little")  # its window is its content
    run = ((131_072 << 3) | 2).to_bytes(3, "little") + b"A"
    with pytest.raises(BadEncoding):
        unpack("zstd", [head + run * 100])


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 10_000])
def test_parts_strung_together_are_all_read_wherever_the_pieces_end(coding: str, size: int):
    packed = pack(coding, b"<rss>") + pack(coding, b"</rss>") + b"\0\0\0\0\0"
    assert unpack(coding, pieces_of(packed, size)) == (b"<rss></rss>", False)


def test_a_skippable_frame_is_skipped():
    frame = b"\x51\x2a\x4d\x18\x03\0\0\0abc"
    assert unpack("zstd", [frame + zstd.compress(b"<rss/>")]) == (b"<rss/>", False)


@pytest.mark.parametrize("coding", PACKERS)
def test_plain_text_under_a_false_name_is_taken_as_it_is(coding: str):
    assert unpack(coding, [b"<rss>plain</rss>"]) == (b"<rss>plain</rss>", False)


@pytest.mark.parametrize("coding", PACKERS)
def test_a_stream_that_ends_early_is_marked(coding: str):
    packed = pack(coding, random.Random(1).randbytes(50_000))
    data, cut = unpack(coding, pieces_of(packed[:40_000], 4096))
    assert cut
    assert len(data) > 20_000 or coding in ("br", "zstd")  # these give out whole blocks


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_crowd_of_empty_parts_is_refused(coding: str):
    with pytest.raises(BadEncoding, match="too many"):
        unpack(coding, [pack(coding, b"") * (MAX_PARTS + 1)])


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
    with pytest.raises(BadEncoding):
        unpack("br", [b"\xff" * 50])
    with pytest.raises(BadEncoding):
        unpack("zstd", [b"\x28\xb5\x2f\xfd" + b"\xff" * 50])
