"""What only a real socket can show: deadlines, pinned addresses, TLS, what goes over the wire."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.errors import (
    AddressRefused,
    BadEncoding,
    ConnectFailed,
    DnsFailed,
    FetchError,
    NoTls,
    ProtocolFailed,
    RateLimited,
    TimedOut,
    TlsFailed,
    TooLarge,
)
from feeds.http import FetchSettings, HttpFetcher, Request
from feeds.http.cookies import Cookies
from feeds.http.fake import Page
from feeds.model import Validators
from tests.support.origin import Connection, Origin, Script, answering, drip, endless, hang, head, raw

pytestmark = pytest.mark.anyio

FEED = b"<rss><channel><title>Harbour Gazette</title></channel></rss>"
TLS = Path(__file__).parents[2] / "support" / "tls"
SETTINGS = FetchSettings(timeout=10, max_bytes=100_000, allow_private=True)
QUICK = replace(SETTINGS, timeout=0.3)  # only where the deadline is meant to be met


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as server:
        yield server


def to_loopback(_: str) -> list[str]:
    return ["127.0.0.1"]


async def fetch(request: Request | str, settings: FetchSettings = SETTINGS, **options: object) -> bytes | None:
    async with HttpFetcher(settings, **options) as source:  # type: ignore[arg-type]
        return (await source.fetch(Request(request) if isinstance(request, str) else request)).body


SLOW = {
    "drips": drip(FEED, every=0.02),
    "hangs at once": hang(),
    "hangs in the headers": hang(b"HTTP/1.1 200 OK\r\nX: "),
    "hangs in the body": hang(head(200, {"Content-Length": "10"}) + b"x"),
    "never ends its interim answers": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
async def test_the_deadline_holds_for_the_whole_fetch(origin: Origin, script: Script):
    async with asyncio.timeout(5):
        with pytest.raises(TimedOut):
            await fetch(origin.on("/feed", script), QUICK)


async def test_the_deadline_holds_over_all_redirects(origin: Origin):
    async def slow_hop(connection: Connection) -> None:
        await asyncio.sleep(0.08)
        await connection.send(head(302, {"Location": connection.asked.target + "x", "Content-Length": "0"}))

    origin.on("*", slow_hop)
    with pytest.raises(TimedOut):
        await fetch(origin.url("/"), QUICK)
    assert len(origin.asked) < 6


BROKEN = {
    "not HTTP": (raw(b"220 mail.example ESMTP\r\n"), ProtocolFailed),
    "nothing": (raw(b""), ProtocolFailed),
    "a header without end": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 10_000), TooLarge),
    "headers without end": (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), TooLarge),
    "headers over the cap": (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 15_000 + b"\r\n"), TooLarge),
    "a body without end": (endless(head(200), b"x" * 10_000), TooLarge),
    "a body said to be huge": (raw(head(200, {"Content-Length": "1" + "0" * 12})), TooLarge),
    "a body promised and not sent": (raw(head(200, {"Content-Length": "10"})), ConnectFailed),
    "bad chunks": (raw(head(200, {"Transfer-Encoding": "chunked"}) + b"zz\r\n"), FetchError),
    "a coding that was not asked for": (raw(head(200, {"Content-Encoding": "compress"}) + b"\x1b"), BadEncoding),
    "an endless bomb": (endless(head(200, {"Content-Encoding": "gzip"}), gzip.compress(bytes(10**6))), TooLarge),
}


@pytest.mark.parametrize(("script", "error"), BROKEN.values(), ids=BROKEN)
async def test_broken_and_hostile_servers_have_their_error(origin: Origin, script: Script, error: type[FetchError]):
    with pytest.raises(error) as caught:
        await fetch(origin.on("/feed", script))
    assert caught.value.url == origin.url("/feed")


async def test_a_body_broken_off_is_kept_and_asked_for_whole_next_time(origin: Origin):
    url = origin.on("/feed", raw(head(200, {"Content-Length": "1000", "ETag": '"1"'}) + FEED))
    async with HttpFetcher(SETTINGS) as source:
        fetched = await source.fetch(Request(url))
    assert fetched.body == FEED
    assert fetched.truncated
    assert (fetched.validators.etag, bool(fetched.validators.body_hash)) == (None, True)


async def test_chunked_bodies_and_bodies_ended_by_closing(origin: Origin):
    chunked = head(200, {"Transfer-Encoding": "chunked"}) + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    assert await fetch(origin.on("/a", raw(chunked))) == b"abcde"
    assert await fetch(origin.on("/b", raw(head(200) + FEED))) == FEED
    assert await fetch(origin.on("/c", raw(b"HTTP/1.0 200\r\n\r\n" + FEED))) == FEED


async def test_the_request_says_who_asks_and_what_is_known(origin: Origin):
    settings = FetchSettings(allow_private=True, user_agent="aggregator-digest/9", contact="desk@example.org\r\nX: y")
    known = Validators('"1"', "Mon, 06 May 2024 10:00:00 GMT")
    origin.on("*", Page(FEED))
    await fetch(Request(origin.url("/ü?a=b c#top"), known, accept="text/html"), settings)
    (asked,) = origin.asked
    assert (asked.method, asked.target) == ("GET", "/%C3%BC?a=b%20c")
    assert asked.headers == {
        "host": f"127.0.0.1:{origin.port}",
        "user-agent": "aggregator-digest/9 (+desk@example.orgX: y; feed reader)",
        "accept": "text/html",
        "accept-encoding": "gzip, deflate, br, zstd",
        "connection": "close",
        "if-none-match": '"1"',
        "if-modified-since": "Mon, 06 May 2024 10:00:00 GMT",
    }


@pytest.mark.parametrize(
    ("agent", "contact", "line"),
    [
        ("reader/1", "", "reader/1 (feed reader)"),
        ("reader/1", "https://desk.example/(x)", "reader/1 (+https://desk.example/x; feed reader)"),
        ("Reader 1.0 (ask me)\r\nX: y", "desk@example.org", "Reader 1.0 (ask me)X: y"),
    ],
)
def test_the_user_agent_says_what_we_are_and_whom_to_ask(agent: str, contact: str, line: str):
    assert FetchSettings(user_agent=agent, contact=contact).agent == line


async def test_cookies_and_the_environment_play_no_part(origin: Origin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    url = origin.on("/feed", Page(FEED, headers={"Set-Cookie": "id=1"}))
    async with HttpFetcher(SETTINGS) as source:
        for _ in range(2):
            assert "set-cookie" not in (await source.fetch(Request(url))).headers
    assert "cookie" not in origin.asked[1].headers


async def test_credentials_stay_with_the_place_they_were_given_for(origin: Origin):
    async with Origin() as other:
        other.on("/feed", Page(FEED))
        origin.on("/here", Page(status=302, headers={"Location": "/there"}))
        origin.on("/there", Page(status=302, headers={"Location": other.url("/feed").replace("//", "//x:y@")}))
        async with HttpFetcher(SETTINGS) as source:
            fetched = await source.fetch(Request(origin.url("/here").replace("//", "//me:p%40ss@")))
        token = "Basic " + base64.b64encode(b"me:p@ss").decode()
        assert [asked.headers.get("authorization") for asked in origin.asked] == [token, token]
        assert "authorization" not in other.asked[0].headers
        assert fetched.final_url == other.url("/feed")


async def test_private_addresses_need_leave(origin: Origin):
    url = origin.on("/feed", Page(FEED))
    with pytest.raises(AddressRefused):
        await fetch(url, FetchSettings())
    assert await fetch(Request(url, allow_private=True), FetchSettings()) == FEED
    assert len(origin.asked) == 1


async def test_leave_for_one_private_host_is_not_leave_for_another(origin: Origin):
    url = origin.on("/feed", Page(status=302, headers={"Location": "http://127.0.0.2:9/"}))
    with pytest.raises(AddressRefused):
        await fetch(Request(url, allow_private=True), FetchSettings())


async def test_a_name_is_refused_by_any_of_its_addresses_and_before_connecting(origin: Origin):
    url = origin.on("/feed", Page(FEED)).replace("127.0.0.1", "feed.example")
    for addresses in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"]):
        with pytest.raises(AddressRefused):
            await fetch(url, FetchSettings(), resolver=lambda _, found=addresses: found)
    assert not origin.asked


async def test_rebinding_a_name_between_check_and_connection_gains_nothing(origin: Origin):
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    url = origin.on("/feed", Page(FEED)).replace("127.0.0.1", "feed.example")
    async with HttpFetcher(SETTINGS, resolver=lambda _: next(answers)) as source:
        assert (await source.fetch(Request(url))).body == FEED
        assert (await source.fetch(Request(url))).body == FEED  # the checked answer is used, not asked for again
    assert origin.asked[0].headers["host"] == f"feed.example:{origin.port}"


async def test_a_dead_address_is_passed_over_for_the_next(origin: Origin):
    url = origin.on("/feed", Page(FEED)).replace("127.0.0.1", "feed.example")
    assert await fetch(url, resolver=lambda _: ["127.0.0.9", "::1", "127.0.0.1"]) == FEED


async def test_a_refused_connection_is_said_in_the_words_of_the_system():
    with closed_port() as port, pytest.raises(ConnectFailed) as failure:
        await fetch(f"http://127.0.0.1:{port}/")
    assert failure.value.message == "no connection to 127.0.0.1: connection refused"


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Keep a port that no program listens on."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


async def test_names_that_do_not_resolve_or_take_forever(origin: Origin):
    def nothing(_: str) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(DnsFailed):
        await fetch("http://nowhere.example/", resolver=nothing)
    never = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: str) -> list[str]:
        asyncio.run_coroutine_threadsafe(never.wait(), loop).result()
        return []

    with pytest.raises(TimedOut):
        await fetch("http://slow.example/", QUICK, resolver=slow)
    never.set()


async def test_tls_is_made_for_the_name_and_checked_against_it():
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    server.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    client.load_verify_locations(TLS / "cert.pem")
    async with Origin(tls=server) as origin:
        url = origin.on("/feed", Page(FEED))
        by_name = url.replace("127.0.0.1", "localhost")
        assert await fetch(by_name, resolver=to_loopback, tls=client) == FEED
        assert origin.asked[0].headers["host"] == f"localhost:{origin.port}"
        with pytest.raises(TlsFailed, match=r"feed\.example"):
            await fetch(url.replace("127.0.0.1", "feed.example"), resolver=to_loopback, tls=client)
        with pytest.raises(TlsFailed):  # the certificates of the world do not know this one
            await fetch(by_name, resolver=to_loopback)


async def test_tls_to_a_server_that_does_not_speak_it():
    def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NoTls):
            await fetch(f"https://127.0.0.1:{port}/feed")


async def test_a_handshake_that_takes_too_long_is_closed():
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()
        closed.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TimedOut):
            await fetch(f"https://127.0.0.1:{port}/feed", QUICK)
        async with asyncio.timeout(5):
            await closed.wait()


async def test_one_host_gets_so_many_at_once_and_all_get_their_turn(origin: Origin):
    async def slow(connection: Connection) -> None:
        await asyncio.sleep(0.1)
        await answering(Page(FEED))(connection)

    origin.on("*", slow)
    settings = FetchSettings(timeout=0.7, per_host=2, allow_private=True)
    async with HttpFetcher(settings) as source:  # 20 in a row take longer than one deadline: waiting is not counted
        got = await asyncio.gather(*(source.fetch(Request(origin.url(f"/{n}"))) for n in range(20)))
    assert len(got) == 20
    assert origin.most_open == 2


async def test_a_rate_limit_silences_its_own_address_only(origin: Origin):
    limited = origin.on("/limited", Page(status=429, headers={"Retry-After": "100"}))
    other = origin.on("/other", Page(FEED))
    async with HttpFetcher(SETTINGS) as source:
        for _ in range(2):
            with pytest.raises(RateLimited) as caught:
                await source.fetch(Request(limited))
            assert 99 < (caught.value.retry_after or 0) <= 100
        assert (await source.fetch(Request(other))).body == FEED
    assert origin.count("/limited") == 1


async def test_giving_up_closes_the_connection_and_leaves_the_source_whole(origin: Origin):
    url = origin.on("/feed", hang(), Page(FEED))
    async with HttpFetcher(FetchSettings(per_host=1, concurrency=1, allow_private=True)) as source:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await source.fetch(Request(url))
        assert (await source.fetch(Request(url))).body == FEED


async def test_a_cookie_set_on_a_redirect_lives_for_that_fetch(origin: Origin):
    odd = Page(status=301, headers={"Location": "/a b\u00e9?x=[1]", "Set-Cookie": "id=1"})
    origin.on("/old", odd)
    origin.on("*", Page(FEED))
    async with HttpFetcher(SETTINGS) as source:
        fetched = await source.fetch(Request(origin.url("/old")))
        assert origin.asked[-1].headers["cookie"] == "id=1"
        await source.fetch(Request(origin.url("/other")))
        assert "cookie" not in origin.asked[-1].headers
    assert (fetched.body, len(fetched.redirects)) == (FEED, 1)


async def test_a_cookie_goes_where_its_path_says(origin: Origin):
    long = "/news/feed?" + "x" * 4_000
    origin.on("/news/start", Page(status=302, headers={"Location": long, "Set-Cookie": "id=1; Path=/news"}))
    origin.on(long, Page(status=302, headers={"Location": "/other"}))
    origin.on("/other", Page(FEED))
    async with HttpFetcher(SETTINGS) as source:
        await source.fetch(Request(origin.url("/news/start")))
    assert [asked.headers.get("cookie") for asked in origin.asked] == [None, "id=1", None]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("id=\u00e9\u65e5".encode(), "id=\u00e9\u65e5".encode()),
        ("id=\u00e9".encode("latin-1"), "id=\u00e9".encode()),
        (b"id=a\x01b\xff", "id=ab\u00ff".encode()),
    ],
)
async def test_a_cookie_may_have_any_letters(origin: Origin, value: bytes, sent: bytes):
    redirect = b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nSet-Cookie: " + value + b"\r\nContent-Length: 0\r\n\r\n"
    origin.on("/start", raw(redirect))
    origin.on("/feed", Page(FEED))
    assert await fetch(origin.url("/start")) == FEED
    assert origin.asked[-1].headers["cookie"].encode("latin-1") == sent


def test_a_cookie_may_come_from_a_longer_url_than_httpx_has():
    cookies, url = Cookies(), "http://news.example/" + "x" * 70_000
    cookies.keep(url, [(b"Set-Cookie", b"id=1; Path=/")])
    assert cookies.header(url) == b"id=1"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/a/%7Eb/%2e%2E/c", "/a/c"),
        ("/a//b/./c?d=|e|[f]&g=%zz", "/a//b/c?d=|e|[f]&g=%zz"),
        ("/x;y='z'?q={1}\"", "/x;y='z'?q=%7B1%7D%22"),
    ],
)
async def test_a_path_is_sent_as_a_browser_would(origin: Origin, path: str, sent: str):
    origin.on("*", Page(FEED))
    await fetch(origin.url(path))
    assert origin.asked[-1].target == sent
