from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.errors import LinkError
from digests.links import read, sign

NOW = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
KEYS = [b"newest key", b"older key"]


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=4))
def test_a_token_gives_back_what_was_signed(data: dict[str, str]) -> None:
    token = sign(KEYS, "unsubscribe", data, LATER)
    assert read(KEYS, token, "unsubscribe", NOW) == data
    assert token.isascii()
    assert not set(token) & set(" /+=?&#%")


def test_the_same_token_each_time() -> None:
    assert sign(KEYS, "more", {"b": "2", "a": "1"}, LATER) == sign(KEYS, "more", {"a": "1", "b": "2"}, LATER)


def test_a_token_is_for_one_purpose() -> None:
    token = sign(KEYS, "more", {"story": "s1"}, LATER)
    with pytest.raises(LinkError, match="not valid"):
        read(KEYS, token, "unsubscribe", NOW)


def test_a_token_expires() -> None:
    token = sign(KEYS, "more", {}, LATER)
    assert read(KEYS, token, "more", LATER - timedelta(seconds=1)) == {}
    with pytest.raises(LinkError, match="expired"):
        read(KEYS, token, "more", LATER)


def test_an_older_key_is_still_accepted_a_foreign_one_is_not() -> None:
    token = sign(KEYS[1:], "more", {"a": "b"}, LATER)
    assert read(KEYS, token, "more", NOW) == {"a": "b"}
    with pytest.raises(LinkError):
        read([b"another"], token, "more", NOW)
    with pytest.raises(LinkError):
        read([], token, "more", NOW)


def test_an_empty_key_neither_signs_nor_reads() -> None:
    with pytest.raises(ValueError, match="key"):
        sign([b""], "more", {}, LATER)
    with pytest.raises(ValueError, match="key"):
        sign([], "more", {}, LATER)
    with pytest.raises(LinkError):
        read([b""], sign(KEYS, "more", {}, LATER), "more", NOW)


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = sign(KEYS, "unsubscribe", {"recipient": "7"}, LATER)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[place]))
    with pytest.raises(LinkError):
        read(KEYS, token[:place] + letter + token[place + 1 :], "unsubscribe", NOW)


@given(st.text(max_size=80) | st.text(alphabet="ab-_.=", max_size=40))
def test_noise_is_refused(token: str) -> None:
    with pytest.raises(LinkError):
        read(KEYS, token, "unsubscribe", NOW)


def test_a_monstrous_token_is_not_even_looked_at() -> None:
    with pytest.raises(LinkError):
        read(KEYS, "a" * 10_000_000 + ".b", "unsubscribe", NOW)
