from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.errors import LinkError
from digests.links import make_token, token_data

NOW = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
KEYS = [b"newest key", b"older key"]


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=4))
def test_a_token_gives_back_what_was_signed(data: dict[str, str]) -> None:
    token = make_token(KEYS, "unsubscribe", data, LATER)
    assert token_data(KEYS, token, "unsubscribe", NOW) == data
    assert token.isascii()
    assert not set(token) & set(" /+=?&#%")


def test_the_same_token_each_time() -> None:
    assert make_token(KEYS, "more", {"b": "2", "a": "1"}, LATER) == make_token(
        KEYS, "more", {"a": "1", "b": "2"}, LATER
    )


def test_a_token_is_for_one_purpose() -> None:
    token = make_token(KEYS, "more", {"story": "s1"}, LATER)
    with pytest.raises(LinkError, match="not valid"):
        token_data(KEYS, token, "unsubscribe", NOW)


def test_a_token_expires() -> None:
    token = make_token(KEYS, "more", {}, LATER)
    assert token_data(KEYS, token, "more", LATER - timedelta(seconds=1)) == {}
    with pytest.raises(LinkError, match="expired"):
        token_data(KEYS, token, "more", LATER)


def test_an_older_key_is_still_accepted_a_foreign_one_is_not() -> None:
    token = make_token(KEYS[1:], "more", {"a": "b"}, LATER)
    assert token_data(KEYS, token, "more", NOW) == {"a": "b"}
    with pytest.raises(LinkError):
        token_data([b"another"], token, "more", NOW)
    with pytest.raises(LinkError):
        token_data([], token, "more", NOW)


def test_an_empty_key_neither_signs_nor_reads() -> None:
    with pytest.raises(ValueError, match="key"):
        make_token([b""], "more", {}, LATER)
    with pytest.raises(ValueError, match="key"):
        make_token([], "more", {}, LATER)
    with pytest.raises(LinkError):
        token_data([b""], make_token(KEYS, "more", {}, LATER), "more", NOW)


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = make_token(KEYS, "unsubscribe", {"recipient": "7"}, LATER)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda c: c != token[place]))
    with pytest.raises(LinkError):
        token_data(KEYS, token[:place] + letter + token[place + 1 :], "unsubscribe", NOW)


@given(st.text(max_size=80) | st.text(alphabet="ab-_.=", max_size=40))
def test_noise_is_refused(token: str) -> None:
    with pytest.raises(LinkError):
        token_data(KEYS, token, "unsubscribe", NOW)


def test_a_monstrous_token_is_not_even_looked_at() -> None:
    with pytest.raises(LinkError):
        token_data(KEYS, "a" * 10_000_000 + ".b", "unsubscribe", NOW)


# Made by the versions before itsdangerous, with these keys: they stand in mails that were sent.
OLD = {
    "unsubscribe": (
        (
            "eyJkIjp7ImRpZ2VzdCI6ImRhaWx5IiwicmVjaXBpZW50IjoibWFpbDphbm5AZXhhbXBsZS5vcmcifSwiZSI6MTc3NzM1MjQwMCwicCI6InVuc3Vi"
            "c2NyaWJlIn0.RSdWHmx5eu_DcC4ga0-BktW5WP9HY6XdIJInCpY7Gyk"
        ),
        {"recipient": "mail:ann@example.org", "digest": "daily"},
    ),
    "more": (
        "eyJkIjp7InIiOiIxNyJ9LCJlIjoxNzc3MzUyNDAwLCJwIjoibW9yZSJ9.segtKRN1F4-AB8j3kMpMAH1-9QR2BWKxwpptnq_fG9g",
        {"r": "17"},  # signed by the older key
    ),
    "settings": (
        (
            "eyJkIjp7InJlY2lwaWVudCI6Im1haWw6w4RubmVAZXhhbXBsZS5vcmcifSwiZSI6MTc3NzM1MjQwMCwicCI6InNldHRpbmdzIn0."
            "cwKWKcm1uowPEc7-0xG7_WKAXI9b6zYdwPlHxSXI1RM"
        ),
        {"recipient": "mail:Änne@example.org"},
    ),
}


@pytest.mark.parametrize("purpose", OLD)
def test_a_link_of_an_old_mail_works_until_it_expires(purpose: str) -> None:
    token, data = OLD[purpose]
    expires = datetime(2026, 4, 28, 5, 0, tzinfo=UTC)
    assert token_data(KEYS, token, purpose, expires - timedelta(seconds=1)) == data
    with pytest.raises(LinkError, match="expired"):
        token_data(KEYS, token, purpose, expires)


@pytest.mark.parametrize("purpose", OLD)
def test_a_link_of_an_old_mail_is_checked_as_strictly(purpose: str) -> None:
    token, _ = OLD[purpose]
    payload, _, signature = token.partition(".")
    for wrong in (f"{payload}A.{signature}", f"{payload}=.{signature}", f"{payload}.{signature[:-1]}A", payload):
        with pytest.raises(LinkError, match="not valid"):
            token_data(KEYS, wrong, purpose, NOW)
    for other in OLD.keys() - {purpose}:
        with pytest.raises(LinkError, match="not valid"):
            token_data(KEYS, token, other, NOW)
    with pytest.raises(LinkError, match="not valid"):
        token_data([b"another"], token, purpose, NOW)
