from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from digests.channels.base import Receipt
from digests.errors import (
    BadMessage,
    ChannelError,
    LoginRefused,
    OutcomeUnknown,
    RecipientRefused,
    ServerBusy,
    TemporaryFailure,
)
from digests.outbox import (
    FINAL,
    Delivery,
    Effect,
    Policy,
    State,
    Step,
    WhenUnknown,
    deadline,
    step_after_crash,
    step_after_settlement,
    step_after_try,
    step_before_try,
)

NOW = datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SENDING = Delivery("<1@news.example>", State.SENDING, 0, NOW - MINUTE)
RESEND, HOLD = Policy(), Policy(when_unknown=WhenUnknown.HOLD)


def test_an_accepted_delivery_is_sent() -> None:
    step = step_after_try(SENDING, Receipt("250 ok"), NOW, RESEND)
    assert (step.state, step.attempts, step.next_try, step.detail) == (State.SENT, 1, None, "250 ok")


def test_a_temporary_failure_backs_off_with_stable_jitter() -> None:
    waits = []
    for attempts in range(12):
        tried = replace(SENDING, attempts=attempts, expires=NOW + timedelta(days=9))
        step = step_after_try(tried, TemporaryFailure(reply_code=451), NOW, RESEND)
        assert step == step_after_try(tried, TemporaryFailure(reply_code=451), NOW, RESEND)
        assert (step.state, step.attempts) == (State.QUEUED, attempts + 1)
        assert step.next_try
        waits.append(step.next_try - NOW)
    for attempts, waited in enumerate(waits):
        plain = min(RESEND.first_wait * 2**attempts, RESEND.longest_wait)
        assert plain <= waited <= plain * (1 + RESEND.jitter)


def test_two_deliveries_do_not_come_back_at_the_same_moment() -> None:
    times = {
        step_after_try(replace(SENDING, key=f"<{n}>"), TemporaryFailure(), NOW, RESEND).next_try for n in range(50)
    }
    assert len(times) == 50


def test_the_server_may_ask_for_a_longer_wait() -> None:
    step = step_after_try(SENDING, TemporaryFailure(reply_code=429, retry_after=3600), NOW, RESEND)
    assert step.next_try == NOW + timedelta(hours=1)
    busy = step_after_try(SENDING, ServerBusy(reply_code=421, retry_after=3600), NOW, RESEND)
    assert busy.stop_until == NOW + timedelta(hours=1)


def test_no_wait_goes_beyond_the_deadline() -> None:
    short = replace(SENDING, expires=NOW + MINUTE)
    for error in (TemporaryFailure(), ServerBusy(), LoginRefused()):
        assert step_after_try(short, error, NOW, RESEND).next_try == NOW + MINUTE


def test_421_stops_the_server_and_burns_no_attempt() -> None:
    step = step_after_try(SENDING, ServerBusy(reply_code=421), NOW, RESEND)
    assert (step.state, step.attempts, step.effects) == (State.QUEUED, 0, {Effect.STOP_SERVER})
    assert step.stop_until == NOW + RESEND.busy_wait
    assert step.next_try
    assert step.next_try > step.stop_until  # behind those that wait, which it may be starving


def test_a_server_that_cannot_be_reached_is_reported_to_the_operator() -> None:
    step = step_after_try(SENDING, ServerBusy("connect: refused"), NOW, RESEND)
    assert step.effects == {Effect.STOP_SERVER, Effect.REPORT}


def test_a_refused_login_stops_all_and_burns_no_attempt() -> None:
    step = step_after_try(SENDING, LoginRefused(reply_code=535), NOW, RESEND)
    assert (step.state, step.attempts) == (State.QUEUED, 0)
    assert step.effects == {Effect.STOP_ALL, Effect.REPORT}
    assert step.stop_until == NOW + RESEND.login_wait


@pytest.mark.parametrize(
    ("error", "paused"),
    [
        (RecipientRefused(reply_code=550, status="5.1.1"), True),
        (RecipientRefused(reply_code=550, status="5.2.1"), True),
        (RecipientRefused(reply_code=550), True),
        (RecipientRefused(reply_code=554, status="5.7.1"), False),
        (RecipientRefused(reply_code=550, status="5.7.1"), False),
        (RecipientRefused(reply_code=554), False),
        (BadMessage(reply_code=552), False),
    ],
)
def test_a_refusal_ends_it_and_pauses_only_a_bad_address(error: ChannelError, paused: bool) -> None:
    step = step_after_try(SENDING, error, NOW, RESEND)
    assert (step.state, step.next_try) == (State.FAILED, None)
    assert (Effect.PAUSE_RECIPIENT in step.effects) == paused
    assert Effect.REPORT in step.effects


def test_a_refused_sender_waits_and_is_reported() -> None:
    step = step_after_try(SENDING, TemporaryFailure(reply_code=550), NOW, RESEND)
    assert (step.state, step.effects) == (State.QUEUED, {Effect.REPORT})
    assert step_after_try(SENDING, TemporaryFailure(reply_code=552), NOW, RESEND).effects == frozenset()


def test_an_unknown_outcome_is_settled_by_policy() -> None:
    again = step_after_try(SENDING, OutcomeUnknown(), NOW, RESEND)
    assert again.state is State.QUEUED
    assert again.next_try
    assert again.next_try >= NOW + RESEND.unknown_wait
    held = step_after_try(SENDING, OutcomeUnknown(), NOW, HOLD)
    assert (held.state, held.next_try, held.effects) == (State.UNKNOWN, None, {Effect.REPORT})


def test_a_server_that_never_answers_gets_no_more_than_so_many_copies() -> None:
    states = [
        step_after_try(replace(SENDING, doubts=doubts), OutcomeUnknown(), NOW, RESEND).state for doubts in range(5)
    ]
    assert states == [State.QUEUED] * 3 + [State.UNKNOWN] * 2


def test_an_unknown_outcome_near_the_deadline_is_tried_sooner_or_left_unknown() -> None:
    soon = step_after_try(replace(SENDING, expires=NOW + 8 * MINUTE), OutcomeUnknown(), NOW, RESEND)
    assert soon.next_try == NOW + 6 * MINUTE
    late = step_after_try(replace(SENDING, expires=NOW + MINUTE), OutcomeUnknown(), NOW, RESEND)
    assert late.state is State.UNKNOWN


def test_stale_before_a_try() -> None:
    assert step_before_try(SENDING, NOW, RESEND) is None
    assert step_before_try(replace(SENDING, expires=NOW), NOW, RESEND) is not None
    old = step_before_try(replace(SENDING, created=NOW - RESEND.max_age), NOW, RESEND)
    assert old
    assert (old.state, old.next_try) == (State.EXPIRED, None)


def test_a_lost_lease_before_the_dot_is_queued_again_at_once() -> None:
    step = step_after_crash(SENDING, NOW, HOLD)
    assert (step.state, step.attempts, step.next_try) == (State.QUEUED, 0, NOW)


def test_a_delivery_that_was_tried_when_its_process_died_waits_longer_each_time() -> None:
    waits, delivery = [], SENDING
    for _ in range(4):
        step = step_after_crash(delivery, NOW, HOLD, tried=True)
        assert step.next_try
        waits.append(step.next_try - NOW)
        delivery = replace(delivery, attempts=step.attempts)
    assert waits[0] == timedelta(0), "most processes die of something else"
    assert HOLD.first_wait < waits[1] < waits[2] < waits[3]


def test_a_lost_lease_after_the_dot_is_unknown() -> None:
    dot = replace(SENDING, state=State.DOT)
    assert step_after_crash(dot, NOW, HOLD).state is State.UNKNOWN
    assert step_after_crash(dot, NOW, RESEND).state is State.QUEUED


@pytest.mark.parametrize("state", [State.QUEUED, State.SENT, State.FAILED, State.UNKNOWN, State.EXPIRED])
def test_what_is_not_leased_cannot_lose_a_lease(state: State) -> None:
    with pytest.raises(ValueError, match="no lease"):
        step_after_crash(replace(SENDING, state=state), NOW, RESEND)


def test_a_person_settles_an_unknown_delivery() -> None:
    unknown = replace(SENDING, state=State.UNKNOWN, attempts=2)
    assert step_after_settlement(unknown, True, NOW).state is State.SENT
    again = step_after_settlement(unknown, False, NOW)
    assert (again.state, again.next_try) == (State.QUEUED, NOW)
    with pytest.raises(ValueError, match="only an unknown"):
        step_after_settlement(SENDING, True, NOW)


ERRORS = st.sampled_from(
    [
        TemporaryFailure(reply_code=451),
        TemporaryFailure(retry_after=1e12),
        ServerBusy(reply_code=421),
        LoginRefused(reply_code=535),
        RecipientRefused(reply_code=550),
        BadMessage(),
        OutcomeUnknown(),
    ]
)


@given(ERRORS, st.integers(0, 2000), st.integers(0, 40), st.sampled_from([RESEND, HOLD]))
def test_whatever_happens_a_try_is_planned_in_time_or_it_has_ended(
    error: ChannelError, attempts: int, hours: int, policy: Policy
) -> None:
    tried = replace(SENDING, attempts=attempts, expires=NOW + timedelta(hours=hours))
    step = step_after_try(tried, error, NOW, policy)
    if step.state is State.QUEUED:
        assert step.next_try is not None
        assert step.next_try <= deadline(tried, policy)
    else:
        assert step.next_try is None
        assert Effect.REPORT in step.effects


class World(RuleBasedStateMachine):
    """A process that may die at any point, a server that may accept or forget, and a clock."""

    @initialize(policy=st.sampled_from([RESEND, HOLD]), count=st.integers(1, 3))
    def start(self, policy: Policy, count: int) -> None:
        self.policy, self.now = policy, NOW
        self.rows = [Delivery(f"<{n}@news.example>", State.QUEUED, 0, NOW) for n in range(count)]
        self.next_try: list[datetime | None] = [NOW] * count
        self.accepted = [0] * count
        self.windows = [0] * count  # how often nobody could know
        self.refused = [False] * count

    def write(self, n: int, step: Step) -> None:
        assert self.rows[n].state not in FINAL  # what has ended never changes
        self.rows[n] = replace(self.rows[n], state=step.state, attempts=step.attempts)
        self.next_try[n] = step.next_try

    def pick(self, data: st.DataObject, state: State) -> int:
        return data.draw(st.sampled_from([n for n, row in enumerate(self.rows) if row.state is state]))

    def any(self, state: State) -> bool:
        return any(row.state is state for row in self.rows)

    @precondition(lambda self: self.any(State.QUEUED))
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        n = self.pick(data, State.QUEUED)
        when = self.next_try[n]
        assert when is not None
        self.now = max(self.now, when)
        stale = step_before_try(self.rows[n], self.now, self.policy)
        if stale:
            self.write(n, stale)
        else:
            self.rows[n] = replace(self.rows[n], state=State.SENDING)

    @precondition(lambda self: self.any(State.SENDING))
    @rule(data=st.data(), error=ERRORS.filter(lambda e: not isinstance(e, OutcomeUnknown)))
    def refuse_before_the_dot(self, data: st.DataObject, error: ChannelError) -> None:
        n = self.pick(data, State.SENDING)
        self.refused[n] = isinstance(error, (RecipientRefused, BadMessage))
        self.write(n, step_after_try(self.rows[n], error, self.now, self.policy))

    @precondition(lambda self: self.any(State.SENDING))
    @rule(data=st.data())
    def die_before_the_mark(self, data: st.DataObject) -> None:
        n = self.pick(data, State.SENDING)
        self.write(n, step_after_crash(self.rows[n], self.now, self.policy))

    @precondition(lambda self: self.any(State.SENDING))
    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        n = self.pick(data, State.SENDING)
        self.rows[n] = replace(self.rows[n], state=State.DOT)

    @precondition(lambda self: self.any(State.DOT))
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        n = self.pick(data, State.DOT)
        self.accepted[n] += 1
        self.write(n, step_after_try(self.rows[n], Receipt("250"), self.now, self.policy))

    @precondition(lambda self: self.any(State.DOT))
    @rule(data=st.data(), kept=st.booleans(), died=st.booleans())
    def break_after_the_mark(self, data: st.DataObject, kept: bool, died: bool) -> None:
        n = self.pick(data, State.DOT)
        self.accepted[n] += kept
        self.windows[n] += 1
        if died:
            self.write(n, step_after_crash(self.rows[n], self.now, self.policy))
        else:
            self.write(n, step_after_try(self.rows[n], OutcomeUnknown(), self.now, self.policy))

    @rule(hours=st.integers(0, 30))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def nothing_is_lost_and_nothing_doubled(self) -> None:
        for n, row in enumerate(getattr(self, "rows", [])):
            assert (row.state is State.SENT) <= (self.accepted[n] > 0)
            assert (row.state is State.FAILED) <= self.refused[n]
            assert (row.state is State.EXPIRED) <= (self.now >= deadline(row, self.policy))
            assert (row.state is State.UNKNOWN) <= (self.windows[n] > 0)
            assert (row.state is State.QUEUED) == (self.next_try[n] is not None) or row.state in (
                State.SENDING,
                State.DOT,
            )
            allowed = 1 if self.policy is HOLD else 1 + self.windows[n]
            assert self.accepted[n] <= allowed


World.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestWorld = World.TestCase
