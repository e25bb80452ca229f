"""Decides the next state of a delivery from the outcome of a try. Pure.

    queued ──claim──> sending ──mark──> dot ──accepted──────> sent
      ^                  │               ├──refused─────────> failed
      │                  │               └──broke: unknown by policy: queued again (resend) or unknown (hold)
      ├── 4xx, 421, 535 ─┤
      │                  └──5xx──> failed
      └── stale ──> expired

The mark is written durably between the last byte of the message and its final dot. A process that dies in `sending`
has therefore sent nothing, and its delivery is queued again. If it dies in `dot`, nobody knows whether the message
was accepted: SMTP leaves this window open (RFC 5321 section 3.8 and 4.5.3.2.6). Only this window can cause a second
copy, and only if the policy is to resend.

No function reads a clock or a random number: `now` is an argument, and the jitter is computed from the delivery's key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from digests.channels.base import Receipt
from digests.errors import (
    BadMessage,
    ChannelError,
    LoginRefused,
    OutcomeUnknown,
    RecipientRefused,
    ServerBusy,
)


class State(StrEnum):
    """The state of a delivery; the words of the database."""

    QUEUED = "queued"  # waits for its next try
    SENDING = "sending"  # leased by a process, final dot not yet sent
    DOT = "dot"  # the final dot may have been sent
    SENT = "sent"  # accepted; the server is responsible now
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # perhaps accepted; waits for a person
    EXPIRED = "expired"  # became stale before a server accepted it


OPEN = (State.QUEUED.value, State.SENDING.value, State.DOT.value)  # waits or is on its way
FINAL = frozenset({State.SENT, State.FAILED, State.EXPIRED})


class WhenUnknown(StrEnum):
    """What to do when it is not known whether the server accepted the message."""

    RESEND = "resend"  # may arrive twice; same Message-ID, same bytes
    HOLD = "hold"  # may not arrive; a person settles it


class Effect(StrEnum):
    """What a step requires beyond its own delivery."""

    STOP_SERVER = "stop-server"  # send nothing to this server until `Step.stop_until`
    STOP_ALL = "stop-all"  # send nothing through this channel until `Step.stop_until`
    PAUSE_RECIPIENT = "pause-recipient"  # the address is invalid: send nothing to it until it is fixed
    REPORT = "report"  # report `Step.detail` to the operator


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how long to try. The `[mail]` table.

    The wait doubles from `first_wait` to `longest_wait`. Every wait is extended by up to `jitter` of itself, always the
    same for the same delivery and attempt. After an unknown outcome the wait is longer (`unknown_wait`), so that a late
    reply or a person can settle it first. There are at most `max_resends` further tries, because a server that accepts
    every copy without a reply would fill a mailbox. `max_age` applies to deliveries without `expires`.
    """

    when_unknown: WhenUnknown = WhenUnknown.RESEND
    max_age: timedelta = timedelta(hours=20)
    first_wait: timedelta = timedelta(minutes=2)
    longest_wait: timedelta = timedelta(hours=2)
    unknown_wait: timedelta = timedelta(minutes=15)
    busy_wait: timedelta = timedelta(minutes=5)
    login_wait: timedelta = timedelta(minutes=15)
    max_resends: int = 3
    jitter: float = 0.25


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a decision needs to know of a delivery.

    `key` is its Message-ID: stable and unique. `doubts` is how often its outcome was unknown before.
    """

    key: str
    state: State
    attempts: int
    created: datetime
    expires: datetime | None = None
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What to write of a delivery, and what else to do.

    `next_try` is None where no further try is planned. `doubt`: the outcome was unknown once more.
    """

    state: State
    attempts: int
    next_try: datetime | None = None
    reply_code: int | None = None
    detail: str = ""
    effects: frozenset[Effect] = field(default_factory=frozenset)
    stop_until: datetime | None = None
    doubt: bool = False


def step_after_try(delivery: Delivery, outcome: Receipt | ChannelError, now: datetime, policy: Policy) -> Step:
    """Decide the step that follows a try.

    421 and a refused login do not count as attempts, because they say nothing about this message. A permanent refusal
    ends only this recipient's delivery. Everything else is tried again until the delivery is stale.
    """
    if isinstance(outcome, Receipt):
        return Step(State.SENT, delivery.attempts + 1, detail=outcome.detail)
    if isinstance(outcome, OutcomeUnknown):
        return _unknown(delivery, outcome, now, policy)
    if isinstance(outcome, (LoginRefused, ServerBusy)):
        return _stopped(delivery, outcome, now, policy)
    if isinstance(outcome, (RecipientRefused, BadMessage)):
        return _refused(delivery, outcome)
    return _again(delivery, outcome, now, policy)


def step_before_try(delivery: Delivery, now: datetime, policy: Policy) -> Step | None:
    """Return the step that replaces a try: `expired` when the delivery is stale, else None."""
    if now < deadline(delivery, policy):
        return None
    detail = f"stale after {delivery.attempts} attempts"
    return Step(State.EXPIRED, delivery.attempts, detail=detail, effects=frozenset({Effect.REPORT}))


def step_after_crash(delivery: Delivery, now: datetime, policy: Policy, *, tried: bool = False) -> Step:
    """Decide the step of a delivery whose lease ran out, because its process died or hangs.

    If it was being `tried`, it may be the cause. It goes out again at once the first time, and then waits longer each
    time, so that others go out meanwhile. Raises ValueError for a state that is never leased.
    """
    if delivery.state is State.SENDING:  # the final dot was not sent: nothing happened
        wait = retry_wait(delivery, policy, policy.first_wait) if tried and delivery.attempts else timedelta(0)
        detail = "interrupted before the final dot"
        return Step(State.QUEUED, delivery.attempts + tried, now + wait, detail=detail)
    if delivery.state is State.DOT:
        return _unknown(delivery, OutcomeUnknown("interrupted after the final dot: perhaps accepted"), now, policy)
    raise ValueError(f"a delivery that is {delivery.state} has no lease to lose")


def step_after_settlement(delivery: Delivery, accepted: bool, now: datetime) -> Step:
    """Decide the step of an `unknown` delivery that a person settles: it arrived, or it is sent again.

    Raises ValueError for other states.
    """
    if delivery.state is not State.UNKNOWN:
        raise ValueError(f"only an unknown delivery can be settled; this one is {delivery.state}")
    if accepted:
        return Step(State.SENT, delivery.attempts, detail="settled by hand: it arrived")
    return Step(State.QUEUED, delivery.attempts, now, detail="settled by hand: send again")


def deadline(delivery: Delivery, policy: Policy) -> datetime:
    """Return when the delivery becomes stale."""
    return delivery.expires or delivery.created + policy.max_age


def retry_wait(delivery: Delivery, policy: Policy, first: timedelta) -> timedelta:
    """Return how long to wait after one more failed attempt: doubled from `first`, bounded, with stable jitter."""
    doubled = first * 2 ** min(delivery.attempts, 20)
    return with_jitter(min(doubled, max(policy.longest_wait, first)), delivery, policy)


def with_jitter(span: timedelta, delivery: Delivery, policy: Policy) -> timedelta:
    """Return the span extended by up to `policy.jitter` of itself, so that not all deliveries are tried at one time."""
    digest = hashlib.sha256(f"{delivery.key} {delivery.attempts}".encode()).digest()
    return span * (1 + policy.jitter * int.from_bytes(digest[:4]) / 2**32)


def _again(delivery: Delivery, error: ChannelError, now: datetime, policy: Policy) -> Step:
    # A 5xx that is tried again is about the sender or the server: a person can fix it before the delivery is stale.
    fixable = error.reply_code is not None and error.reply_code >= 500 and error.reply_code != 552
    return Step(
        State.QUEUED,
        delivery.attempts + 1,
        _in_time(delivery, now + max(retry_wait(delivery, policy, policy.first_wait), _requested_wait(error)), policy),
        error.reply_code,
        error.message,
        frozenset({Effect.REPORT}) if fixable else frozenset(),
    )


def _refused(delivery: Delivery, error: RecipientRefused | BadMessage) -> Step:
    effects = {Effect.REPORT} | ({Effect.PAUSE_RECIPIENT} if _address_is_bad(error) else set())
    return Step(State.FAILED, delivery.attempts + 1, None, error.reply_code, error.message, frozenset(effects))


def _unknown(delivery: Delivery, error: OutcomeUnknown, now: datetime, policy: Policy) -> Step:
    attempts = delivery.attempts + 1
    left = deadline(delivery, policy) - now
    # Without time for another try it remains unknown: `expired` would mean that it did not arrive.
    resend = policy.when_unknown is WhenUnknown.RESEND and delivery.doubts < policy.max_resends
    if not resend or left < policy.first_wait:
        effects = frozenset({Effect.REPORT})
        return Step(State.UNKNOWN, attempts, None, error.reply_code, error.message, effects, doubt=True)
    when = now + min(retry_wait(delivery, policy, policy.unknown_wait), left * 3 / 4)
    return Step(State.QUEUED, attempts, when, error.reply_code, error.message, doubt=True)


def _stopped(delivery: Delivery, error: LoginRefused | ServerBusy, now: datetime, policy: Policy) -> Step:
    login = isinstance(error, LoginRefused)
    pause = max(policy.login_wait if login else policy.busy_wait, _requested_wait(error))
    effects = {Effect.STOP_ALL} if login else {Effect.STOP_SERVER}
    # A server that cannot be reached is reported; one that asks for a pause is not.
    if login or error.reply_code is None:
        effects.add(Effect.REPORT)
    # The delivery that caused the stop is tried last, because it could stop the others again and again.
    behind = _in_time(delivery, now + pause + with_jitter(pause, delivery, policy), policy)
    return Step(
        State.QUEUED,
        delivery.attempts,
        behind,
        error.reply_code,
        error.message,
        frozenset(effects),
        now + pause,
    )


def _requested_wait(error: ChannelError) -> timedelta:
    """Return how long the server asks to wait; a day at most."""
    return timedelta(seconds=min(max(error.retry_after or 0.0, 0.0), 86_400.0))


def _in_time(delivery: Delivery, when: datetime, policy: Policy) -> datetime:
    """Return `when`, but not later than the deadline, so that a stale delivery is reported at once."""
    return min(when, deadline(delivery, policy))


def _address_is_bad(error: ChannelError) -> bool:
    """Whether the refusal is about the address (RFC 3463: 5.1.x, 5.2.1) and not about content or policy."""
    if not isinstance(error, RecipientRefused):
        return False
    if error.status:
        return error.status.startswith("5.1.") or error.status == "5.2.1"
    return error.reply_code in (550, 551, 553)
