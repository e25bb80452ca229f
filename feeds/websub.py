"""Subscriptions at WebSub hubs (W3C Recommendation of 23 January 2018). Pure.

    ASKED ── the hub calls back with our topic ──▶ ACTIVE ── a day before the lease ends ──▶ request again
      └ refused, unreachable or silent: requested again with growing delays; polling continues

A push only means "poll now": the feed is then fetched from its publisher, as in every other poll. So a hub can neither
forge entries nor make an entry appear twice.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(days=10)  # requested; the hub decides
_LONGEST = timedelta(days=90)
_RENEW_BEFORE = timedelta(days=1)
_ANSWER_WITHIN = timedelta(hours=1)  # a hub that accepted must verify within this time, else the request is sent again
_FIRST_WAIT = timedelta(minutes=30)
_LONGEST_WAIT = timedelta(days=3)
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class PushState(StrEnum):
    """The state of a subscription at a hub."""

    ASKED = "asked"
    ACTIVE = "active"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Push:
    """A subscription at a hub.

    `feed` is the caller's key; `token` makes the callback URL unguessable, `secret` signs pushes. `next_ask` is when to
    send the next request; `failures` counts requests in a row without success.
    """

    feed: int
    hub: str
    topic: str
    token: str
    secret: str
    state: PushState = PushState.ASKED
    lease_until: datetime | None = None
    next_ask: datetime | None = None
    failures: int = 0


def subscription_form(push: Push, callback: str) -> dict[str, str]:
    """Return the fields of a subscription request (section 5.1). `callback` is our public URL for this push."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": push.topic,
        "hub.callback": callback,
        "hub.secret": push.secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def after_request(push: Push, now: datetime, *, accepted: bool) -> Push:
    """Return the subscription after a request to the hub. A failure only delays the next request; polling continues."""
    if accepted:
        return replace(push, next_ask=now + _ANSWER_WITHIN, failures=push.failures + 1)
    wait = min(_FIRST_WAIT * 2 ** min(push.failures, 10), _LONGEST_WAIT)
    return replace(push, next_ask=now + wait, failures=push.failures + 1)


def after_verification(push: Push, query: Mapping[str, str], now: datetime) -> tuple[Push, str] | None:
    """Return the subscription and the challenge to return, after the hub verified the request (section 5.3).

    None if we did not ask for it. A denial (section 5.2) is accepted, with nothing to return.
    """
    if query.get("hub.topic") != push.topic:
        return None
    match query.get("hub.mode"):
        case "subscribe" if query.get("hub.challenge"):
            until = now + min(_lease(query.get("hub.lease_seconds", "")), _LONGEST)
            renew = max(until - _RENEW_BEFORE, now + (until - now) / 2)
            active = replace(push, state=PushState.ACTIVE, lease_until=until, next_ask=renew, failures=0)
            return active, query["hub.challenge"]
        case "denied":
            refused = replace(push, state=PushState.REFUSED, lease_until=None, next_ask=now + _LONGEST_WAIT)
            return refused, ""
    return None


def _lease(text: str) -> timedelta:
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    return timedelta(seconds=seconds) if seconds else LEASE


class SignatureCheck:
    """Checks the signature of a push (section 7.1) while its body arrives: `sha256=…`, compared in constant time.

    A push that is not signed with our secret is accepted without an error and changes nothing (section 8).
    """

    def __init__(self, push: Push, signature: str) -> None:
        method, _, self._given = signature.strip().partition("=")
        known = _METHODS.get(method.lower())
        self._mac = hmac.new(push.secret.encode(), digestmod=known) if known else None

    def update(self, part: bytes) -> None:
        """Add a part of the body."""
        if self._mac is not None:
            self._mac.update(part)

    @property
    def valid(self) -> bool:
        """Whether the parts so far are signed with our secret."""
        if self._mac is None:
            return False
        return hmac.compare_digest(
            self._mac.hexdigest().encode(), self._given.strip().lower().encode("utf-8", "replace")
        )
