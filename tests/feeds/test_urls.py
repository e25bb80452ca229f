from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.urls import canonical_url, join_url, key, resolve_url

BASE = "https://news.example.org/a/b?c#d"


@pytest.mark.parametrize(
    ("ref", "whole"),
    [
        ("x", "https://news.example.org/a/x"),
        ("../x", "https://news.example.org/x"),
        ("//other.example/y", "https://other.example/y"),
        ("?q=1", "https://news.example.org/a/b?q=1"),
        ("", "https://news.example.org/a/b?c"),
        ("\\\\h.example\\p", "https://h.example/p"),
        ("HTTP://H.Example:80/%7e", "http://h.example/%7e"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ],
)
def test_references_resolve_as_in_browsers(ref: str, whole: str) -> None:
    assert join_url(BASE, ref) == whole


@pytest.mark.parametrize(
    "ref",
    [
        "javascript:alert(1)",
        "mailto:a@b.example",
        "data:text/html,x",
        "http://",
        "http://a b/",
        "http://[::1",
        "http://h:99999/",
        "java\nscript:x",
    ],
)
def test_what_is_no_web_address_joins_to_none(ref: str) -> None:
    assert join_url(BASE, ref) is None


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("https://e.example/a%%30e%3%41", "https://e.example/a%%30e%3%41"),
        ("http://192.0.2.1:8080/a?utm_source=x", "http://192.0.2.1:8080/a"),
        ("http://192.000.2.01/a", "http://192.0.2.1/a"),
        ("https://e.example/a?utm_source=x&id=2&fbclid=9", "https://e.example/a?id=2"),
        ("https://e.example/a?ref=twitter.com", "https://e.example/a"),
        ("https://e.example/a?ref=chapter-2", "https://e.example/a?ref=chapter-2"),
        ("HTTPS://E.example:443/a/../b?b=2&a=1#xtor=RSS-1", "https://e.example/b?a=1&b=2"),
        ("https://www.google.com/url?rct=j&url=https://e.example/story%3Fid%3D1&ct=ga", "https://e.example/story?id=1"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fe.example%2Fs&h=AT0", "https://e.example/s"),
        ("https://user:pw@e.example/", "https://e.example/"),
        ("https://e.example/live#block-7", "https://e.example/live#block-7"),
        ("http://bad host/", ""),
        (" mailto:x@e.example ", "mailto:x@e.example"),
    ],
)
def test_canonical_cuts_only_what_selects_nothing(url: str, short: str) -> None:
    assert canonical_url(url) == short


def test_a_key_is_the_same_for_the_spellings_of_one_address() -> None:
    assert key("http://www.e.example//a/?b=1&a=2") == key("https://e.example/a?a=2&b=1")


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-zA-Z0-9.:@\[\]%/?#&=_~ -]{0,60}", fullmatch=True))
def test_canonical_is_idempotent_and_never_raises(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    key(url)


@given(st.text(max_size=60), st.text(max_size=60))
def test_join_gives_an_address_that_joins_to_itself(base: str, ref: str) -> None:
    found = join_url("http://h.example/" + base, ref)
    assert found is None or join_url("", found) == found
    resolve_url(base, ref)


@pytest.mark.parametrize(
    ("ref", "whole"),
    [
        ("file:/etc/passwd", "file:///etc/passwd"),
        ("foo:/a/../b", "foo:/b"),
        ("#x y", "https://news.example.org/a/b?c#x%20y"),
        ("/./a/%2e%2e/b/..", "https://news.example.org/"),
        ("/a/.", "https://news.example.org/a/"),
        ("http://u:p@h.example/", "http://u:p@h.example/"),
        ("http://@h.example/", "http://h.example/"),
        ("http://1.2.3/", "http://1.2.0.3/"),
        ("http://0300.1/", "http://192.0.0.1/"),
        ("http://h.example.:443", "http://h.example.:443/"),
        ("http://[1::2:0:0:3]/", "http://[1::2:0:0:3]/"),
        ("http://[1:2:3:4:5:6:7:8]/", "http://[1:2:3:4:5:6:7:8]/"),
    ],
)
def test_odd_forms_resolve_as_the_standard_says(ref: str, whole: str) -> None:
    assert resolve_url(BASE, ref) == whole


@pytest.mark.parametrize(
    "ref",
    [
        "http://[::1",
        "http://[::1]x/",
        "http://[::1%25eth0]/",
        "http://%ff/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://1._.2/",
        "http://a.1_1x.09/",
        "http://h:x/",
        "http://a%00b/",
        "https://" + "a" * 9000,
        "http://xn--\udcff.example/",
    ],
)
def test_impossible_hosts_are_refused(ref: str) -> None:
    assert join_url(BASE, ref) is None


def test_without_a_base_only_whole_addresses_resolve() -> None:
    assert resolve_url("", "a/b") is None
    assert resolve_url("mailto:x", "a/b") is None
    assert resolve_url("http://[bad", "HTTP://h.example") == "http://h.example/"
    assert resolve_url("http://[bad", "a") is None


@pytest.mark.parametrize(
    ("url", "inner"),
    [
        ("https://www.google.com/amp/s/e.example/story", "https://e.example/story"),
        ("https://e-example.cdn.ampproject.org/c/s/e.example/story", "https://e.example/story"),
        (
            "https://r.search.yahoo.com/_ylt=A/RV=2/RE=1/RO=10/RU=https%3a%2f%2fe.example%2fs/RK=2/RS=x",
            "https://e.example/s",
        ),
        ("https://www.youtube.com/redirect?q=https%3A%2F%2Fe.example%2F", "https://e.example/"),
        ("https://www.google.com/url?q=not-an-address&http=1", "https://www.google.com/url?http=1&q=not-an-address"),
        ("https://e.example/a?b&a", "https://e.example/a?b&a"),
    ],
)
def test_redirect_wrappers_are_unwrapped(url: str, inner: str) -> None:
    assert canonical_url(url) == inner


def test_the_key_of_no_address_is_empty_and_anchors_count() -> None:
    assert key("mailto:a@b.example") == ""
    assert key("https://e.example/a?x=1#b") == "e.example/a?x=1#b"


@pytest.mark.parametrize(
    ("ref", "whole"),
    [
        ("https:c", "https://news.example.org/a/c"),  # the page's own scheme says nothing
        ("https:/c", "https://news.example.org/c"),
        ("http:c.example", "http://c.example/"),  # another one does
        ("http://h.example/a/..", "http://h.example/"),
        ("http://h.example?q", "http://h.example/?q"),
        ("http://0x7f.1./", "http://127.0.0.1/"),
        ("http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"),
        ("http://[1:2:3:4:5:6:7:8]/", "http://[1:2:3:4:5:6:7:8]/"),
    ],
)
def test_odd_but_valid_references_resolve_as_in_browsers(ref: str, whole: str) -> None:
    assert resolve_url(BASE, ref) == whole


@pytest.mark.parametrize(
    "host",
    ["1..2", "1_0.1.1.1", "300.1.1.1", "256.1", "09", "1.2.3.4.5", "0x7g.1", "[1::2%25eth0]", "[1::2%eth0]", "[1:2]"],
)
def test_a_host_that_is_a_mistaken_number_leads_nowhere(host: str) -> None:
    assert resolve_url(BASE, f"http://{host}/") is None
    assert canonical_url(f"http://{host}/") == ""


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("https://h.example/a%41%2f%7e", "https://h.example/aA%2F~"),
        ("mailto:ann@n.example?body=http://n.example/", "mailto:ann@n.example?body=http://n.example/"),
    ],
)
def test_escapes_have_one_form_and_other_schemes_stay(url: str, short: str) -> None:
    assert canonical_url(url) == short


def test_wrappers_in_wrappers_are_unwrapped_only_so_deep() -> None:
    url, depth = "https://n.example/story", 12
    for _ in range(depth):
        url = "https://l.facebook.com/l.php?u=" + quote(url, safe="")
    assert canonical_url(url).startswith("https://l.facebook.com/l.php?u=")
    assert len(canonical_url(url)) < len(url)
