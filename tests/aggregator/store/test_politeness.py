"""Which feeds a worker may claim: one task at a host at a time, some of its feeds, the rest put off in order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.store.cluster.politeness import ClaimPlan, DueFeed, HostState, Manners, plan_claim
from tests.support.stored import MINUTE, NOW

SECOND = timedelta(seconds=1)
FREE = HostState()


def due(*hosts: str) -> list[DueFeed]:
    return [DueFeed(n, host) for n, host in enumerate(hosts)]


def test_feeds_of_free_hosts_are_claimed_with_their_hosts() -> None:
    plan = plan_claim(due("a", "b", "a"), {"a": FREE, "b": FREE}, NOW, Manners())
    assert plan == ClaimPlan(feeds=[0, 1, 2], hosts=["a", "b"])


def test_of_one_host_no_more_are_claimed_than_fit_into_a_minute() -> None:
    plan = plan_claim(due(*"a" * 20), {"a": FREE}, NOW, Manners(per_host=2, timeout=20 * SECOND))
    assert plan.feeds == [0, 1, 2, 3, 4, 5]
    assert not plan.put_off, "the host is free again soon"
    slow = Manners(per_host=2, delay=5 * MINUTE)
    assert plan_claim(due("a", "a"), {"a": FREE}, NOW, slow).feeds == [0]


def test_feeds_of_a_leased_host_are_put_off_one_after_another() -> None:
    leased = HostState(leased_until=NOW + 5 * MINUTE)
    first = plan_claim(due("a", "b", "a"), {"a": leased, "b": FREE}, NOW, Manners())
    assert first.feeds == [1]
    assert list(first.put_off) == [0, 2]
    assert NOW < first.put_off[0] < first.put_off[2] < first.queues["a"] < NOW + MINUTE
    again = HostState(leased_until=NOW + 5 * MINUTE, queued_until=first.queues["a"])
    second = plan_claim(due("a"), {"a": again}, NOW, Manners())
    assert second.put_off[0] == first.queues["a"]


def test_a_pause_between_two_requests_is_kept() -> None:
    manners = Manners(delay=30 * SECOND)
    resting = HostState(free_from=NOW + 20 * SECOND)
    plan = plan_claim(due("a", "a"), {"a": resting}, NOW, manners)
    assert plan.feeds == []
    assert plan.put_off[0] >= NOW + 20 * SECOND
    assert plan.put_off[1] - plan.put_off[0] >= manners.delay
    assert plan_claim(due("a"), {"a": resting}, NOW + 20 * SECOND, manners).feeds == [0]


def test_a_host_in_another_claim_is_left_as_it_is() -> None:
    assert plan_claim(due("a"), {}, NOW, Manners()) == ClaimPlan()


def test_a_lease_that_ran_out_holds_nobody_up() -> None:
    assert plan_claim(due("a"), {"a": HostState(leased_until=NOW)}, NOW, Manners()).feeds == [0]


@given(
    hosts=st.lists(st.sampled_from("abcd"), max_size=40),
    leased=st.dictionaries(st.sampled_from("abcd"), st.integers(-100, 400), max_size=4),
    per_host=st.integers(1, 8),
    delay=st.integers(0, 100),
)
@settings(max_examples=100)
def test_each_feed_is_claimed_put_off_or_left_due(
    hosts: list[str], leased: dict[str, int], per_host: int, delay: int
) -> None:
    states = {host: HostState(leased_until=NOW + seconds * SECOND) for host, seconds in leased.items()}
    manners = Manners(per_host, delay * SECOND)
    plan = plan_claim(due(*hosts), states, NOW, manners)
    busy = {host for host, seconds in leased.items() if seconds > 0}
    assert not set(plan.feeds) & set(plan.put_off)
    assert set(plan.put_off) == {n for n, host in enumerate(hosts) if host in busy}
    assert set(plan.hosts) == {host for host in hosts if host in leased} - busy
    for host in plan.hosts:
        assert sum(hosts[n] == host for n in plan.feeds) == min(hosts.count(host), manners.most)
    assert all(NOW < at <= NOW + 30 * MINUTE or at == NOW + 10 * SECOND for at in plan.put_off.values())
