"""What every `Fetcher` does: the real one against a loopback publisher, and the fake."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Protocol

import brotli
import pytest

from feeds.errors import (
    AddressRefused,
    BadEncoding,
    BadUrl,
    ConnectFailed,
    FetchError,
    Gone,
    HttpStatus,
    ProtocolFailed,
    RateLimited,
    TooLarge,
    TooManyRedirects,
)
from feeds.http import Fetcher, FetchSettings, HttpFetcher, Request
from feeds.http.fake import MemoryFetcher, Page
from feeds.model import Validators
from tests.support.origin import Origin

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.anyio

FEED = b"<rss><channel><title>Harbour Gazette</title></channel></rss>" * 40
SETTINGS = FetchSettings(max_bytes=50_000, max_redirects=4, allow_private=True)


class Stage(Protocol):
    """A publisher and the source that reads it."""

    source: Fetcher

    def on(self, path: str, page: Page) -> str: ...

    def url(self, path: str) -> str: ...


class Memory:
    base = "http://publisher.example"

    def __init__(self) -> None:
        self.source = MemoryFetcher(settings=SETTINGS)

    def on(self, path: str, page: Page) -> str:
        self.source.pages[self.url(path)] = page
        return self.url(path)

    def url(self, path: str) -> str:
        return self.base + path


class Loopback:
    def __init__(self, origin: Origin, source: HttpFetcher) -> None:
        self.source, self._origin = source, origin
        self.on, self.url = origin.on, origin.url


@pytest.fixture(params=["http", "memory"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    if request.param == "memory":
        yield Memory()
    else:
        async with Origin() as origin, HttpFetcher(SETTINGS) as source:
            yield Loopback(origin, source)


async def test_a_body_arrives_with_its_headers_and_validators(stage: Stage):
    url = stage.on("/feed", Page(FEED, headers={"Content-Type": "application/rss+xml"}, etag='"1"', last_modified="x"))
    fetched = await stage.source.fetch(Request(url))
    assert (fetched.status, fetched.body, fetched.final_url, fetched.redirects) == (200, FEED, url, ())
    assert fetched.headers["content-type"] == "application/rss+xml"
    assert (fetched.validators.etag, fetched.validators.last_modified) == ('"1"', "x")
    assert fetched.wire_bytes == len(FEED)
    assert not fetched.truncated


@pytest.mark.parametrize("page", [Page(FEED, etag='W/"1"'), Page(FEED, last_modified="Mon, 06 May 2024 10:00:00 GMT")])
async def test_what_has_not_changed_is_not_sent_again(stage: Stage, page: Page):
    url = stage.on("/feed", page)
    first = await stage.source.fetch(Request(url))
    again = await stage.source.fetch(Request(url, first.validators))
    assert (again.status, again.unchanged, again.wire_bytes) == (304, True, 0)
    assert again.validators == first.validators


async def test_the_same_bytes_from_a_server_without_conditions_are_no_news(stage: Stage):
    url = stage.on("/feed", Page(FEED))
    first = await stage.source.fetch(Request(url))
    again = await stage.source.fetch(Request(url, first.validators))
    assert (again.status, again.unchanged) == (200, True)
    stage.on("/feed", Page(FEED + b" "))
    assert (await stage.source.fetch(Request(url, first.validators))).body == FEED + b" "


async def test_a_304_that_was_not_asked_for_is_a_fault_and_not_an_empty_feed(stage: Stage):
    with pytest.raises(ProtocolFailed):
        await stage.source.fetch(Request(stage.on("/feed", Page(status=304))))


async def test_redirects_are_followed_and_reported(stage: Stage):
    start = stage.on("/old", Page(status=301, headers={"Location": "/a/../newer#top"}))
    stage.on("/newer", Page(status=302, headers={"Location": stage.url("/feed?a=1")}))
    end = stage.on("/feed?a=1", Page(FEED))
    fetched = await stage.source.fetch(Request(start))
    assert (fetched.url, fetched.final_url, fetched.body) == (start, end, FEED)
    assert [(hop.url, hop.permanent) for hop in fetched.redirects] == [(stage.url("/newer"), True), (end, False)]


@pytest.mark.parametrize("target", ["/a", "/b"])
async def test_a_circle_of_redirects_is_seen_at_once(stage: Stage, target: str):
    start = stage.on("/a", Page(status=302, headers={"Location": "/b"}))
    stage.on("/b", Page(status=302, headers={"Location": target}))
    with pytest.raises(TooManyRedirects, match="loop"):
        await stage.source.fetch(Request(start))


async def test_redirects_come_to_an_end(stage: Stage):
    for n in range(6):
        stage.on(f"/{n}", Page(status=302, headers={"Location": f"/{n + 1}"}))
    with pytest.raises(TooManyRedirects, match="more than 4"):
        await stage.source.fetch(Request(stage.url("/0")))
    stage.on("/6", Page(FEED))
    assert (await stage.source.fetch(Request(stage.url("/2")))).body == FEED


@pytest.mark.parametrize("location", ["", "ftp://example.org/x", "http://", "http://[::1", "javascript:alert(1)"])
async def test_a_redirect_to_nowhere_is_an_error(stage: Stage, location: str):
    with pytest.raises((ProtocolFailed, BadUrl)):
        await stage.source.fetch(Request(stage.on("/old", Page(status=301, headers={"Location": location}))))


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://0/", "http://127.0.0.1:25/"]
)
async def test_a_redirect_cannot_lead_to_a_forbidden_place(stage: Stage, location: str):
    with pytest.raises(AddressRefused):
        await stage.source.fetch(Request(stage.on("/old", Page(status=302, headers={"Location": location}))))


@pytest.mark.parametrize(
    ("status", "code"), [(404, "http-404"), (401, "http-401"), (500, "http-500"), (204, "http-204")]
)
async def test_error_statuses_have_their_code(stage: Stage, status: int, code: str):
    url = stage.on("/feed", Page(status=status))
    with pytest.raises(HttpStatus) as caught:
        await stage.source.fetch(Request(url))
    assert (caught.value.code, caught.value.status, caught.value.url) == (code, status, url)


async def test_gone_is_final_only_for_the_address_itself(stage: Stage):
    gone = stage.on("/gone", Page(status=410))
    with pytest.raises(Gone):
        await stage.source.fetch(Request(gone))
    with pytest.raises(Gone):
        await stage.source.fetch(Request(stage.on("/moved", Page(status=301, headers={"Location": "/gone"}))))
    with pytest.raises(HttpStatus) as caught:
        await stage.source.fetch(Request(stage.on("/detour", Page(status=307, headers={"Location": "/gone"}))))
    assert caught.value.code == "http-410"


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "120"}, 120),
        (429, {}, None),
        (503, {"Retry-After": "Mon, 06 May 2024 10:05:00 GMT", "Date": "Mon, 06 May 2024 10:00:00 GMT"}, 300),
        (429, {"Retry-After": "99999999"}, 86400),
    ],
)
async def test_a_server_that_asks_for_a_pause_is_heard(stage: Stage, status: int, headers: dict[str, str], wait: int):
    with pytest.raises(RateLimited) as caught:
        await stage.source.fetch(Request(stage.on("/feed", Page(status=status, headers=headers))))
    assert (caught.value.status, caught.value.retry_after) == (status, wait)


async def test_freshness_is_what_the_publisher_says(stage: Stage):
    url = stage.on("/feed", Page(FEED, headers={"Cache-Control": "public, max-age=600", "Age": "60"}))
    assert (await stage.source.fetch(Request(url))).freshness == timedelta(seconds=540)


RAW_DEFLATE = zlib.compressobj(9, zlib.DEFLATED, -15)
ENCODED = {
    "gzip": ("gzip", gzip.compress(FEED)),
    "x-gzip": ("x-gzip", gzip.compress(FEED)),
    "two gzip files strung together": ("gzip", gzip.compress(FEED[:99]) + gzip.compress(FEED[99:])),
    "padding after the end": ("gzip", gzip.compress(FEED) + b"\0" * 512),
    "zlib": ("deflate", zlib.compress(FEED)),
    "raw deflate": ("deflate", RAW_DEFLATE.compress(FEED) + RAW_DEFLATE.flush()),
    "twice": ("deflate, gzip", gzip.compress(zlib.compress(FEED))),
    "a gzip file that nobody declared": ("", gzip.compress(FEED)),
    "plain in spite of its header": ("gzip", FEED),
    "plain in spite of deflate": ("deflate", FEED),
    "identity": ("identity", FEED),
    "brotli": ("br", brotli.compress(FEED)),
    "zstandard": ("zstd", zstd.compress(FEED)),
}


@pytest.mark.parametrize(("coding", "body"), ENCODED.values(), ids=ENCODED)
async def test_codings_are_undone(stage: Stage, coding: str, body: bytes):
    url = stage.on("/feed", Page(body, headers={"Content-Encoding": coding} if coding else {}))
    fetched = await stage.source.fetch(Request(url))
    assert (fetched.body, fetched.truncated) == (FEED, False)
    assert fetched.wire_bytes == len(body)


@pytest.mark.parametrize(
    ("coding", "body"),
    [("compress", b"\x1f\x9d\x90" + bytes(range(40))), ("dcb", b"\xffDCB\x00"), ("gzip, gzip, gzip, gzip", FEED)],
)
async def test_codings_that_were_not_asked_for_are_refused(stage: Stage, coding: str, body: bytes):
    with pytest.raises(BadEncoding):
        await stage.source.fetch(Request(stage.on("/feed", Page(body, headers={"Content-Encoding": coding}))))


@pytest.mark.parametrize("coding", ["aws-chunked", "iso-8859-1", "UTF-8", "none", "br-not, gzip-not"])
async def test_an_unknown_coding_of_a_body_that_is_text_is_none(stage: Stage, coding: str):
    fetched = await stage.source.fetch(Request(stage.on("/feed", Page(FEED, headers={"Content-Encoding": coding}))))
    assert (fetched.body, fetched.truncated) == (FEED, False)


async def test_a_stream_cut_short_is_kept_but_asked_for_whole_next_time(stage: Stage):
    body = gzip.compress(FEED, 0)[:1000]
    url = stage.on("/feed", Page(body, headers={"Content-Encoding": "gzip"}, etag='"1"'))
    fetched = await stage.source.fetch(Request(url))
    assert fetched.body
    assert FEED.startswith(fetched.body)
    assert fetched.truncated
    assert fetched.validators == Validators(body_hash=fetched.validators.body_hash)


@pytest.mark.parametrize("bomb", [gzip.compress(bytes(10**7)), gzip.compress(gzip.compress(bytes(10**8)))])
async def test_a_bomb_is_refused_by_what_it_unpacks_to(stage: Stage, bomb: bytes):
    with pytest.raises(TooLarge):
        await stage.source.fetch(Request(stage.on("/feed", Page(bomb, headers={"Content-Encoding": "gzip"}))))


async def test_a_body_may_be_as_large_as_the_cap_and_no_larger(stage: Stage):
    url = stage.on("/feed", Page(b"x" * SETTINGS.max_bytes))
    assert len((await stage.source.fetch(Request(url))).body or b"") == SETTINGS.max_bytes
    stage.on("/feed", Page(b"x" * (SETTINGS.max_bytes + 1)))
    with pytest.raises(TooLarge):
        await stage.source.fetch(Request(url))


@pytest.mark.parametrize("url", ["", "feed", "file:///etc/passwd", "http://", "http:///", "https://a b/", "feed://x/"])
async def test_only_web_addresses_are_read(stage: Stage, url: str):
    with pytest.raises(BadUrl):
        await stage.source.fetch(Request(url))


async def test_errors_do_not_show_passwords(stage: Stage):
    with pytest.raises(FetchError) as caught:
        await stage.source.fetch(Request(stage.url("/feed").replace("://", "://user:secret@")))
    assert "secret" not in f"{caught.value.url} {caught.value}"


async def test_nobody_there(stage: Stage):
    with pytest.raises(ConnectFailed):
        await stage.source.fetch(Request("http://127.0.0.1:9999/feed"))
