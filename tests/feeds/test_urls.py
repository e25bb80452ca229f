from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.urls import canonical, join, key, resolve

BASE = "https://news.example.org/a/b?c#d"


@pytest.mark.parametrize(
    ("ref", "whole"),
    [("x", "https://news.example.org/a/x"), ("../x", "https://news.example.org/x"), ("//other.example/y", "https://other.example/y"), ("?q=1", "https://news.example.org/a/b?q=1"),
     ("", "https://news.example.org/a/b?c"), ("\\\\h.example\\p", "https://h.example/p"), ("HTTP://H.Example:80/%7e", "http://h.example/%7e"),
     ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"), ("http://0x7f.1/", "http://127.0.0.1/"), ("http://[::1]:8080", "http://[::1]:8080/")],
)  # fmt: skip
def test_references_resolve_as_in_browsers(ref: str, whole: str) -> None:
    assert join(BASE, ref) == whole


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
    assert join(BASE, ref) is None


@pytest.mark.parametrize(
    ("url", "short"),
    [("https://e.example/a?utm_source=x&id=2&fbclid=9", "https://e.example/a?id=2"), ("https://e.example/a?ref=twitter.com", "https://e.example/a"),
     ("https://e.example/a?ref=chapter-2", "https://e.example/a?ref=chapter-2"), ("HTTPS://E.example:443/a/../b?b=2&a=1#xtor=RSS-1", "https://e.example/b?a=1&b=2"),
     ("https://www.google.com/url?rct=j&url=https://e.example/story%3Fid%3D1&ct=ga", "https://e.example/story?id=1"),
     ("https://l.facebook.com/l.php?u=https%3A%2F%2Fe.example%2Fs&h=AT0", "https://e.example/s"), ("https://user:pw@e.example/", "https://e.example/"),
     ("https://e.example/live#block-7", "https://e.example/live#block-7"), ("http://bad host/", ""), (" mailto:x@e.example ", "mailto:x@e.example")],
)  # fmt: skip
def test_canonical_cuts_only_what_selects_nothing(url: str, short: str) -> None:
    assert canonical(url) == short


def test_a_key_is_the_same_for_the_spellings_of_one_address() -> None:
    assert key("http://www.e.example//a/?b=1&a=2") == key("https://e.example/a?a=2&b=1")


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-zA-Z0-9.:@\[\]%/?#&=_~ -]{0,60}", fullmatch=True))
def test_canonical_is_idempotent_and_never_raises(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once
    key(url)


@given(st.text(max_size=60), st.text(max_size=60))
def test_join_gives_an_address_that_joins_to_itself(base: str, ref: str) -> None:
    found = join("http://h.example/" + base, ref)
    assert found is None or join("", found) == found
    resolve(base, ref)
