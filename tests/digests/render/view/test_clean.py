"""Nothing active and nothing invisible gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.render.view.clean import direction, language_tag, safe_url, tidy


def test_controls_become_blanks_and_overrides_go() -> None:
    assert tidy("a\x00b\u2028c\r\nd \u202egnp\u2066.exe\ufeff") == "a b c d gnp.exe"


def test_joiners_stay_because_persian_and_emoji_need_them() -> None:
    assert tidy("می\u200cخواهم 👩\u200d🚀") == "می\u200cخواهم 👩\u200d🚀"


@given(st.text())
def test_tidy_is_stable_and_leaves_one_line(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert len(once.splitlines()) <= 1
    once.encode()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//example.com/x",
        "/x",
        "ftp://example.com/",
        "https://",
        "https:///x",
        "http://exa mple.com/",
        "http://a.example:port/",
        "https://[::1/",
        "",
        None,
    ],
)
def test_what_is_not_a_web_address_is_not_linked(url: str | None) -> None:
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a?b=c&d=e#f", "https://example.com/a?b=c&d=e#f"),
        ("HTTP://Example.com:8080/ä b", "http://example.com:8080/%C3%A4%20b"),
        ("https://user:secret@example.com/", "https://example.com/"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://[2001:db8::1]:81/x", "https://[2001:db8::1]:81/x"),
        ('https://example.com/"><b>', "https://example.com/%22%3E%3Cb%3E"),
        ("https://example.com/100%25", "https://example.com/100%25"),
    ],
)
def test_addresses_become_ascii(url: str, expected: str) -> None:
    assert safe_url(url) == expected


@given(st.text())
def test_a_link_is_printable_ascii_without_quotes(text: str) -> None:
    found = safe_url("https://example.com/" + text)
    assert found is None or (found.isascii() and found.isprintable() and not set(found) & set("\"'<> "))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("", "ar", "rtl"),
        ("", "he-IL", "rtl"),
        ("Hello", "fa_IR", "ltr"),
        ("שלום", "en", "rtl"),
        ("iPhone 17 في الأسواق", "ar", "rtl"),
        ("iPhone 17 في الأسواق اليوم", None, "rtl"),
        ("The word سلام means peace", "en", "ltr"),
        ("42 %", "ar", "rtl"),
        ("Hello", "de", "ltr"),
        ("12 — שלום", None, "rtl"),
        ("12 — hello", None, "ltr"),
        ("12", None, "ltr"),
    ],
)
def test_direction(text: str, language: str | None, expected: str) -> None:
    assert direction(text, language) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("de", "de"), ("pt_BR", "pt-BR"), ('en" onload="x', None), ("", None), (None, None), ("x", None)],
)
def test_only_well_formed_language_tags_pass(tag: str | None, expected: str | None) -> None:
    assert language_tag(tag) == expected
