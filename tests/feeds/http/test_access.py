"""User agents, headers, cookies, logins, certificate authorities and proxies, over real sockets."""

from __future__ import annotations

import base64
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.errors import FetchError, ProxyFailed, SecretAbsent, TlsFailed, UnknownAuthority
from feeds.http import FetchSettings, HttpFetcher, Request
from feeds.http.access import Access, AccessTable, Proxy
from feeds.http.fake import Page
from feeds.http.guard import parse_target
from feeds.http.robots import RobotsRules
from feeds.model import Fetched
from tests.support.origin import Origin
from tests.support.proxy import ProxyServer

pytestmark = pytest.mark.anyio

FEED = b"<rss><channel><title>Harbour Gazette</title></channel></rss>"
TLS = Path(__file__).parents[2] / "support" / "tls"
SETTINGS = FetchSettings(timeout=10, allow_private=True)
SENT = ("authorization", "x-key", "cookie")


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin(host="0.0.0.0") as server:
        yield server


@pytest.fixture
async def secure() -> AsyncIterator[Origin]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    async with Origin(tls=context) as server:
        yield server


def to_loopback(_: str) -> list[str]:
    return ["127.0.0.1"]


def private(url: str) -> Access:
    return Access(url=url, headers=(("X-Key", "k-123"),), cookies=(("session", "s-456"),), login=("ann", "open sesame"))


async def fetch(url: str, access: Access, settings: FetchSettings = SETTINGS) -> Fetched:
    async with HttpFetcher(settings, to_loopback) as source:
        return await source.fetch(Request(url, access=access))


def secrets_in(headers: dict[str, str]) -> list[str]:
    return [name for name in SENT if name in headers]


async def test_the_own_origin_gets_login_headers_and_cookies(origin: Origin):
    url = origin.on("/feed", Page(FEED))
    access = replace(private(url), user_agent="Mozilla/5.0 (own)")
    assert (await fetch(url, access)).body == FEED
    [asked] = origin.asked
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"ann:open sesame").decode()
    assert (asked.headers["x-key"], asked.headers["cookie"]) == ("k-123", "session=s-456")
    assert asked.headers["user-agent"] == "Mozilla/5.0 (own)"


async def test_a_configured_header_replaces_that_of_the_program(origin: Origin):
    url = origin.on("/feed", Page(FEED))
    await fetch(url, Access(url=url, headers=(("accept", "text/xml"), ("Authorization", "Bearer b-1"))))
    [asked] = origin.asked
    assert (asked.headers["accept"], asked.headers["authorization"]) == ("text/xml", "Bearer b-1")


OTHER_HOSTS = ["another host", "another port", "another name"]


@pytest.mark.parametrize("place", OTHER_HOSTS)
@pytest.mark.parametrize("status", [301, 302, 307])
async def test_a_redirect_to_another_origin_gets_no_secrets(origin: Origin, place: str, status: int):
    async with Origin(host="0.0.0.0") as other:
        server = other if place == "another port" else origin
        host = {"another host": "127.0.0.2", "another port": "127.0.0.1", "another name": "feeds.example"}[place]
        server.on("/there", Page(FEED))
        url = origin.on("/feed", Page(status=status, headers={"Location": server.url("/there", host)}))
        assert (await fetch(url, private(url))).body == FEED
    assert secrets_in(origin.asked[0].headers) == list(SENT)
    assert secrets_in(server.asked[-1].headers) == []


async def test_a_redirect_from_https_to_http_gets_no_secrets(origin: Origin, secure: Origin):
    origin.on("/there", Page(FEED))
    url = secure.url("/feed", "localhost")
    secure.on("/feed", Page(status=302, headers={"Location": origin.url("/there", "localhost")}))
    access = replace(private(url), ca_file=str(TLS / "cert.pem"))
    assert (await fetch(url, access)).body == FEED
    assert secrets_in(secure.asked[0].headers) == list(SENT)
    assert secrets_in(origin.asked[0].headers) == []


async def test_a_redirect_within_the_origin_gets_them_and_back_again_too(origin: Origin):
    url = origin.on("/feed", Page(status=302, headers={"Location": origin.url("/away", "127.0.0.2")}))
    origin.on("/away", Page(status=302, headers={"Location": origin.url("/back")}))
    origin.on("/back", Page(FEED))
    await fetch(url, private(url))
    assert [secrets_in(asked.headers) for asked in origin.asked] == [list(SENT), [], list(SENT)]


async def test_requests_for_other_urls_of_the_feed_get_no_secrets(origin: Origin):
    """Article pages, robots.txt and hubs: only those at the feed's own origin get what the feed gets."""
    url = origin.on("/feed", Page(FEED))
    for path in ("/page", "/hub", "/robots.txt"):
        origin.on(path, Page(b"User-agent: *\nAllow: /"))
    access = private(url)
    async with HttpFetcher(SETTINGS, to_loopback) as source:
        await source.fetch(Request(origin.url("/page", "127.0.0.2"), access=access))
        form = (("hub.mode", "subscribe"),)
        await source.post(Request(origin.url("/hub", "127.0.0.2"), access=access, form=form))
        assert await RobotsRules(source).allowed(origin.url("/page", "127.0.0.2"), access=access)
        assert [secrets_in(asked.headers) for asked in origin.asked] == [[], [], []]
        await source.fetch(Request(origin.url("/page"), access=access))
        await source.post(Request(origin.url("/hub"), access=access, form=form))
    assert [secrets_in(asked.headers) for asked in origin.asked[-2:]] == [list(SENT), list(SENT)]


async def test_the_server_s_own_cookie_has_priority(origin: Origin):
    url = origin.on("/feed", Page(status=302, headers={"Location": "/next", "Set-Cookie": "session=new"}))
    origin.on("/next", Page(FEED))
    await fetch(url, Access(url=url, cookies=(("session", "old"), ("consent", "yes"))))
    assert [asked.headers["cookie"] for asked in origin.asked] == [
        "session=old; consent=yes",
        "consent=yes; session=new",
    ]


async def test_a_missing_secret_sends_nothing(origin: Origin):
    url = origin.on("/feed", Page(FEED))
    with pytest.raises(SecretAbsent, match="password_env"):
        await fetch(url, Access(url=url, missing="feed[1].password_env: FEED_PASSWORD is not set"))
    assert origin.asked == []


async def test_an_own_authority_is_trusted_by_its_file_only(secure: Origin, tmp_path: Path):
    url = secure.url("/feed", "localhost")
    secure.on("/feed", Page(FEED))
    with pytest.raises(UnknownAuthority) as caught:
        await fetch(url, Access(url=url))
    assert "ca_file" in caught.value.hint
    assert (await fetch(url, Access(url=url, ca_file=str(TLS / "cert.pem")))).body == FEED
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate", encoding="utf-8")
    for path in (broken, tmp_path / "missing.pem"):
        with pytest.raises(UnknownAuthority, match="ca_file"):
            await fetch(url, Access(url=url, ca_file=str(path)))


async def test_a_changed_file_of_an_authority_is_read_again(secure: Origin, tmp_path: Path):
    url = secure.url("/feed", "localhost")
    secure.on("/feed", Page(FEED))
    file = tmp_path / "ca.pem"
    request = Request(url, access=Access(ca_file=str(file)))
    async with HttpFetcher(SETTINGS, to_loopback) as source:
        with pytest.raises(UnknownAuthority):
            await source.fetch(request)
        shutil.copyfile(TLS / "cert.pem", file)
        assert (await source.fetch(request)).body == FEED


async def test_an_own_authority_does_not_excuse_a_wrong_name(secure: Origin):
    secure.on("/feed", Page(FEED))
    with pytest.raises(TlsFailed) as caught:
        await fetch(secure.url("/feed", "feeds.example"), Access(ca_file=str(TLS / "cert.pem")))
    assert not isinstance(caught.value, UnknownAuthority)


async def test_plain_http_goes_through_the_proxy(origin: Origin):
    origin.on("/feed", Page(FEED))
    url = origin.url("/feed", "feeds.example")
    async with ProxyServer(login=("me", "pass:word")) as proxy:
        access = replace(private(url), proxy=replace(Proxy.parse(proxy.url), user="me", password="pass:word"))
        assert (await fetch(url, access, replace(SETTINGS, allow_private=False))).body == FEED
        assert proxy.heads[0].startswith(f"GET {url} HTTP/1.1")
    assert secrets_in(origin.asked[0].headers) == list(SENT)


async def test_https_goes_through_a_tunnel_and_the_proxy_sees_no_secret(secure: Origin):
    secure.on("/feed", Page(FEED))
    url = secure.url("/feed", "localhost")
    async with ProxyServer(login=("me", "proxy-word")) as proxy:
        access = replace(
            private(url),
            ca_file=str(TLS / "cert.pem"),
            proxy=replace(Proxy.parse(proxy.url), user="me", password="proxy-word"),
        )
        assert (await fetch(url, access)).body == FEED
        [head] = proxy.heads
    assert head.startswith(f"CONNECT localhost:{secure.port} ")
    assert not [name for name in ("\nauthorization", "x-key", "cookie") if name in head.lower()]
    assert "proxy-authorization" not in secure.asked[0].headers
    assert secrets_in(secure.asked[0].headers) == list(SENT)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_or_is_down_is_named_without_its_password(
    origin: Origin, secure: Origin, scheme: str
):
    url = (secure if scheme == "https" else origin).url("/feed", "localhost")
    async with ProxyServer(login=("me", "right")) as proxy:
        access = Access(proxy=replace(Proxy.parse(proxy.url), user="me", password="wrong-word"))
        with pytest.raises(ProxyFailed) as refused:
            await fetch(url, access)
    with pytest.raises(ProxyFailed) as down:
        await fetch(url, access)
    assert "407" in refused.value.message
    assert proxy.url in down.value.message
    assert "wrong-word" not in repr((refused.value, down.value, access))
    assert "proxy" in down.value.hint


async def test_a_proxy_leads_to_no_private_address_that_a_url_names(origin: Origin):
    async with ProxyServer() as proxy:
        for host in ("127.0.0.1", "localhost", "printer.local"):
            with pytest.raises(FetchError):
                await fetch(origin.url("/feed", host), Access(proxy=Proxy.parse(proxy.url)), FetchSettings(timeout=10))
        assert proxy.heads == []


async def test_the_environment_names_a_proxy_only_by_choice(origin: Origin, monkeypatch: pytest.MonkeyPatch):
    origin.on("/feed", Page(FEED))
    url = origin.url("/feed", "feeds.example")
    async with ProxyServer() as proxy:
        for name in ("HTTP_PROXY", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "REQUEST_METHOD"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        await fetch(url, Access())
        assert proxy.heads == []
        await fetch(url, Access(environment_proxy=True))
        assert len(proxy.heads) == 1
        monkeypatch.setenv("no_proxy", "feeds.example")
        await fetch(url, Access(environment_proxy=True))
        assert len(proxy.heads) == 1


@pytest.mark.parametrize(
    "text", ["socks5://h:1", "ftp://h", "http://", "http://h/path", "http://me:secr/et@h:1", "http://h:port"]
)
def test_what_is_no_proxy_is_refused_without_its_text(text: str):
    with pytest.raises(ValueError, match="prox") as caught:
        Proxy.parse(text)
    assert "secr" not in str(caught.value)


def test_a_proxy_is_read_with_its_login_and_default_port():
    assert Proxy.parse("proxy.example") == Proxy("http://proxy.example:80")
    assert Proxy.parse("https://me:p%40ss@[::1]") == Proxy("https://[::1]:443", "me", "p@ss")


def test_a_feed_without_own_keys_gets_the_common_ones_for_its_own_origin():
    table = AccessTable(Access(cookies=(("a", "b"),)), {"https://one.example/feed": Access(user_agent="x")})
    assert table.of("https://one.example/feed") == Access(user_agent="x")
    found = table.of("https://two.example/feed")
    assert found.covers(parse_target("https://two.example:443/other"))
    assert not found.covers(parse_target("http://two.example/feed"))
    assert not table.common.covers(parse_target("https://two.example/feed"))
