"""No spelling of a private address gets through, and public ones do."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import AddressRefused, BadUrl, DnsFailed
from feeds.http import guard

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "10.1.2.3",
    "10.66051",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "0xa9fea9fe",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:0:10.0.0.1]",
    "[64:ff9b::192.168.0.1]",
    "[64:ff9b:1::1]",
    "[2002:a00:1::]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[4000::1]",
]
PUBLIC = [
    "8.8.8.8",
    "1.0.0.1",
    "134744072",
    "0x08080808",
    "172.32.0.1",
    "[2606:4700::1111]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
]
NAMES = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "printer.local",
    "metadata.google.internal",
    "router.home.arpa",
    "nas.lan",
]
NO_ADDRESS = [
    "",
    "/etc/passwd",
    "file:///etc/passwd",
    "ftp://example.org/",
    "feed:http://example.org/",
    "http:",
    "http://",
    "http://exa mple.org/",
    "http://1.2.3.4.5/",
    "http://1.2.3.256/",
    "http://0x.0x.g.1/",
    "http://example.1/",
    "http://[::1/",
    "http://[1.2.3.4]/",
    "http://[::1]x/",
    "http://[::g]/",
    "http://[fe80::1%25eth0]/",
    "http://a..b/",
    "http://example.org:99999/",
    "http://example.org:x/",
    "http://%00/",
    "http://a%2fb/",
    "http://" + "a" * 64 + ".org/",
    "http://" + "a." * 130 + "org/",
]


def public(_: str) -> list[str]:
    return ["93.184.216.34"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_refused_in_every_spelling(host: str):
    assert not guard.allowed(f"http://{host}/feed.xml", public)
    assert not guard.allowed(f"https://user:pass@{host}:8443/", public)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_allowed(host: str):
    assert guard.allowed(f"http://{host}/feed.xml", public)


@pytest.mark.parametrize("host", NAMES)
def test_private_names_are_refused_whatever_they_resolve_to(host: str):
    assert not guard.allowed(f"http://{host}/", public)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused(url: str):
    with pytest.raises((BadUrl, AddressRefused)):
        guard.parse_target(url)
    assert not guard.allowed(url, public)


@pytest.mark.parametrize("port", [22, 25, 6379, 11211, 0])
def test_ports_of_other_protocols_are_refused(port: int):
    assert not guard.allowed(f"http://example.org:{port}/", public)
    assert guard.allowed("http://example.org:8080/", public)


def test_a_name_is_what_it_resolves_to():
    assert guard.allowed("https://example.org/", public)
    assert not guard.allowed("https://example.org/", lambda _: ["10.0.0.1"])
    assert not guard.allowed("https://example.org/", lambda _: ["93.184.216.34", "10.0.0.1"])
    assert not guard.allowed("https://example.org/", lambda _: ["fe80::1%eth0"])
    assert not guard.allowed("https://example.org/", lambda _: [])


def test_a_name_that_does_not_resolve_is_refused():
    def fails(_: str) -> list[str]:
        raise OSError

    assert not guard.allowed("https://example.org/", fails)
    with pytest.raises(DnsFailed):
        guard.permitted("example.org", [])


def test_leave_for_private_addresses_stops_at_link_local_and_metadata():
    for address in ("127.0.0.1", "192.168.1.1", "fd12::1", "::1", "::ffff:10.0.0.1"):
        assert guard.is_permitted(address, allow_private=True)
        assert not guard.is_permitted(address)
    for address in (
        "169.254.169.254",
        "100.100.100.200",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "fe80::1",
        "nonsense",
    ):
        assert not guard.is_permitted(address, allow_private=True)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("  https://example.org:443/a b?ü=1#top\n", "https://example.org/a%20b?%C3%BC=1"),
        ("http://example.org:8080/%7e?a=%20&b=c%", "http://example.org:8080/%7e?a=%20&b=c%"),
        ("http://user:p%40ss@example.org/x", "http://example.org/x"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://0x08080808/", "http://8.8.8.8/"),
        ("http://[2606:4700:0:0::1111]:81/x", "http://[2606:4700::1111]:81/x"),
        ("http://exam\tple.org/\r\nx", "http://example.org/x"),
        ("http://example.org?q", "http://example.org/?q"),
    ],
)
def test_addresses_are_read_as_browsers_read_them(url: str, read: str):
    assert guard.parse_target(url).url == read
    assert guard.parse_target(read).url == read


def test_credentials_are_taken_apart_from_the_address():
    target = guard.parse_target("http://me:p%40ss:word@example.org/x")
    assert target.credentials == ("me", "p@ss:word")
    assert "p@ss" not in target.url
    assert guard.parse_target("http://example.org/").credentials is None
    assert guard.printable_url("http://me:secret@example.org/\x07") == "http://example.org/?"


@given(st.ip_addresses(v=4))
def test_all_spellings_of_an_ipv4_address_are_the_same_address(address: ipaddress.IPv4Address):
    a, b, c, d = address.packed
    number = int(address)
    spellings = [
        str(number),
        hex(number),
        oct(number).replace("0o", "0"),
        f"{a}.{b}.{c * 256 + d}",
        f"{a:#x}.{b}.{c:o}.{d}",
    ]
    spellings[-1] = f"{a:#x}.0{b:o}.{c}.{d}"
    targets = [guard.parse_target(f"http://{spelling}/") for spelling in spellings]
    assert {(target.host, target.address) for target in targets} == {(str(address), address)}


@pytest.mark.parametrize("url", ["http://example.org\\@127.0.0.1/", "http:\\\\example.org/", "http:///example.org"])
def test_a_backslash_ends_the_host_as_in_a_browser(url: str):
    assert guard.parse_target(url).host == "example.org"


@given(st.ip_addresses(v=6))
def test_what_is_allowed_is_global(address: ipaddress.IPv6Address):
    if guard.is_public(address):
        assert (address.sixtofour or address).is_global  # from Python 3.12.4 no 6to4 address is global by itself
        assert not address.is_site_local


@given(st.text(max_size=60))
def test_no_text_gets_past_with_anything_but_a_public_address(text: str):
    for url in (text, f"http://{text}", f"http://{text}/x"):
        try:
            target = guard.parse_target(url)
        except (BadUrl, AddressRefused):
            continue
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert guard.parse_target(target.url).url == target.url


def test_the_systems_own_resolver_gives_addresses():
    assert set(guard.system_resolver("127.0.0.1")) == {"127.0.0.1"}
    assert not guard.allowed("http://127.0.0.1/")
