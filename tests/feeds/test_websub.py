"""What is asked of a hub, and what is believed of it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import websub
from feeds.websub import Push, PushState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PUSH = Push(7, "https://hub.example/", "https://a.example/feed", "token", "secret", next_ask=NOW)
QUERY = {"hub.mode": "subscribe", "hub.topic": PUSH.topic, "hub.challenge": "abc", "hub.lease_seconds": "864000"}


def test_the_request_names_topic_callback_and_secret() -> None:
    form = websub.subscription_form(PUSH, "https://news.example/websub/token")
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": "https://a.example/feed",
        "hub.callback": "https://news.example/websub/token",
        "hub.secret": "secret",
        "hub.lease_seconds": "864000",
    }


def test_a_verified_subscription_is_renewed_before_it_ends() -> None:
    found = websub.after_verification(replace(PUSH, failures=3), QUERY, NOW)
    assert found is not None
    active, echo = found
    assert echo == "abc"
    assert (active.state, active.failures) == (PushState.ACTIVE, 0)
    assert active.lease_until == NOW + timedelta(days=10)
    assert active.next_ask == NOW + timedelta(days=9)


@pytest.mark.parametrize(
    ("seconds", "days"), [("", 10), ("x", 10), ("-5", 10), ("0", 10), ("999999999999", 10), ("99999999999", 90)]
)
def test_an_odd_lease_is_bounded(seconds: str, days: int) -> None:
    found = websub.after_verification(PUSH, {**QUERY, "hub.lease_seconds": seconds}, NOW)
    assert found is not None
    assert found[0].lease_until == NOW + timedelta(days=days)


def test_a_short_lease_is_renewed_at_its_half() -> None:
    found = websub.after_verification(PUSH, {**QUERY, "hub.lease_seconds": "600"}, NOW)
    assert found is not None
    assert found[0].next_ask == NOW + timedelta(seconds=300)


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": "https://other.example/feed"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
    ],
)
def test_what_we_did_not_ask_for_is_not_confirmed(change: dict[str, str]) -> None:
    assert websub.after_verification(PUSH, {**QUERY, **change}, NOW) is None


def test_a_denial_ends_the_lease_and_waits() -> None:
    active = replace(PUSH, state=PushState.ACTIVE, lease_until=NOW + timedelta(days=3))
    found = websub.after_verification(active, {"hub.mode": "denied", "hub.topic": PUSH.topic}, NOW)
    assert found is not None
    assert (found[0].state, found[0].lease_until, found[1]) == (PushState.REFUSED, None, "")
    assert found[0].next_ask is not None
    assert found[0].next_ask > NOW + timedelta(days=1)


def test_a_hub_that_fails_is_asked_later_and_later() -> None:
    push, waits = PUSH, []
    for _ in range(14):
        push = websub.after_request(push, NOW, accepted=False)
        assert push.next_ask is not None
        waits.append(push.next_ask - NOW)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=30), timedelta(days=3))


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_push_is_believed_by_its_signature(method: str) -> None:
    right = hmac.new(b"secret", b"<rss/>", getattr(hashlib, method)).hexdigest()
    assert authentic(PUSH, f"{method}={right}", b"<r", b"", b"ss/>")
    assert not authentic(PUSH, f"{method}={right}", b"<rss />")
    assert not authentic(replace(PUSH, secret="other"), f"{method}={right}", b"<rss/>")


@given(st.text(max_size=80), st.binary(max_size=40))
def test_no_made_up_signature_passes(signature: str, body: bytes) -> None:
    assert not authentic(PUSH, signature, body)


def authentic(push: Push, signature: str, *parts: bytes) -> bool:
    check = websub.SignatureCheck(push, signature)
    for part in parts:
        check.update(part)
    return check.valid
