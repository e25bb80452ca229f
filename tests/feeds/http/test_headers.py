"""What response headers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.http import headers
from feeds.model import Validators

NOW = datetime(2024, 5, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 1.5 ", 1.5),
        ("0", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("999999", headers.RETRY_AFTER_CAP),
        ("Mon, 06 May 2024 10:01:00 GMT", 60),
        ("Mon, 06 May 2024 09:00:00 GMT", 0),
        ("Monday, 06-May-24 10:01:00 GMT", 60),
        ("Mon, 06 May 2099 10:01:00 GMT", headers.RETRY_AFTER_CAP),
        ("٣٠", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
    ],
)
def test_retry_after(value: str, seconds: float | None):
    assert headers.retry_after({"retry-after": value}, NOW) == seconds


def test_a_date_is_measured_against_the_servers_own_clock():
    late = {"retry-after": "Mon, 06 May 2024 12:01:00 GMT", "date": "Mon, 06 May 2024 12:00:00 GMT"}
    assert headers.retry_after(late, NOW) == 60


@pytest.mark.parametrize(
    ("given_headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, Max-Age="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "599"}, 1),
        ({"cache-control": "max-age=600", "age": "601"}, 0),
        ({"cache-control": "max-age=600, no-cache"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "max-age=abc"}, None),
        ({"cache-control": "max-age=0", "expires": "Mon, 06 May 2024 11:00:00 GMT"}, 0),
        ({"expires": "Mon, 06 May 2024 11:00:00 GMT"}, 3600),
        ({"expires": "Mon, 06 May 2024 11:00:00 GMT", "date": "Mon, 06 May 2024 10:59:00 GMT"}, 60),
        ({"expires": "0"}, 0),
        ({"expires": "Mon, 06 May 1999 11:00:00 GMT"}, 0),
    ],
)
def test_freshness(given_headers: dict[str, str], seconds: float | None):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert headers.freshness(given_headers, NOW) == expected


@given(st.text(), st.text(), st.text())
def test_no_header_breaks_the_reading(one: str, two: str, three: str):
    given_headers = {"retry-after": one, "cache-control": f"max-age={two}", "age": three, "expires": one, "date": two}
    wait = headers.retry_after(given_headers, NOW)
    assert wait is None or 0 <= wait <= headers.RETRY_AFTER_CAP
    fresh = headers.freshness(given_headers, NOW)
    assert fresh is None or fresh >= timedelta(0)


def test_validators_that_cannot_be_sent_back_are_not_kept():
    for etag in ("", " ", "a\tb\x00", "é", "x" * 2000):
        assert headers.validators({"etag": etag}, "h") == Validators(body_hash="h")
    assert headers.validators({"etag": ' "1" ', "last-modified": "yesterday"}, None) == Validators('"1"', "yesterday")


def test_conditions_undo_the_mark_that_apache_puts_on_compressed_answers():
    assert headers.conditions(Validators()) == []
    assert headers.conditions(Validators('"1"', "then")) == [("If-None-Match", '"1"'), ("If-Modified-Since", "then")]
    assert headers.conditions(Validators('W/"1-gzip"')) == [("If-None-Match", 'W/"1-gzip", W/"1"')]


def test_fields_are_collected_by_name_and_cookies_dropped():
    raw = [(b"X-A", b"1"), (b"x-a", b"2"), (b"Set-Cookie", b"id=1"), (b"Location", "/ü".encode()), (b"B", b"\xff")]
    assert headers.collect(raw) == {"x-a": "1, 2", "location": "/ü", "b": "ÿ"}
