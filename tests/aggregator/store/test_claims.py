"""Claims by several workers on a real PostgreSQL: nothing twice, limits of hosts, no more work with more feeds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from aggregator.store import Database, leases
from aggregator.store.cluster import claims, membership
from aggregator.store.cluster.politeness import Manners
from aggregator.store.errors import LeaseLost
from aggregator.store.intake import feeds
from tests.support.statements import counting
from tests.support.stored import LEASE, MINUTE, NOW, poll, subscribe
from tests.support.stores import *  # noqa: F403 - fixtures are found by their names
from tests.support.workers import eventually

pytestmark = pytest.mark.postgres


@pytest.fixture
def db(server_or_file_url: str) -> Iterator[Database]:
    store = Database.open(server_or_file_url)
    yield store
    store.close()


postgres = pytest.mark.parametrize("server_or_file_url", ["postgres"], indirect=True)


def claim(db: Database, holder: str = "me", limit: int = 10, later: timedelta = timedelta(0)) -> claims.ClaimedFeeds:
    return claims.claim_due(db, NOW + later, holder, LEASE, limit, Manners())


def names(claimed: claims.ClaimedFeeds) -> list[str]:
    return [one.url for one in claimed.feeds]


@postgres
def test_a_host_is_one_tasks_until_it_is_released(db: Database) -> None:
    urls = [f"https://big.example/{n}" for n in range(8)]
    subscribe(db, *urls, "https://small.example/feed")
    first = claim(db, limit=7)
    assert names(first) == urls[:6], "six fit into a minute"
    assert names(claim(db, "other")) == ["https://small.example/feed"]
    assert claim(db, "other") == claims.ClaimedFeeds(), "the last two wait"
    claims.release_hosts(db, first, NOW + MINUTE)
    assert claim(db, "other", later=MINUTE / 2) == claims.ClaimedFeeds()
    assert names(claim(db, "other", later=2 * MINUTE)) == urls[6:]


@postgres
def test_the_host_of_a_dead_worker_is_free_when_its_lease_ends(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://a.example/2")
    assert len(claim(db).feeds) == 2
    assert len(claim(db, "other", later=LEASE + MINUTE).feeds) == 2


DEAD = membership.LIFE + membership.GRACE


def sign_of_life(db: Database, holder: str, later: timedelta = timedelta(0)) -> None:
    membership.renew(db, holder, NOW + later, wanted="leader")


@postgres
def test_what_a_dead_worker_had_leased_is_released_before_the_end_of_its_lease(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://b.example/1")
    for holder in ("dead", "alive"):
        sign_of_life(db, holder)
        assert len(claim(db, holder, 1).feeds) == 1
    sign_of_life(db, "alive", DEAD)
    assert membership.release_dead(db, NOW + DEAD) == ["dead"]
    assert membership.release_dead(db, NOW + DEAD) == []
    assert names(claim(db, "third", later=DEAD)) == ["https://a.example/1"]


@postgres
def test_a_worker_whose_session_has_ended_is_dead_at_once_and_a_slow_one_is_not(db: Database) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    sessions = {holder: membership.open_session(url, holder) for holder in ("killed", "slow")}
    fences = {}
    for holder, session in sessions.items():
        assert membership.renew(session, holder, NOW, wanted=f"lease of {holder}", kept=["grouping"])
        fences[holder] = leases.acquire_fenced(db, "grouping", holder, NOW, MINUTE)
    assert fences["slow"] is None
    with db.read() as other:
        others = other.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").scalar_one()
    assert others == 2
    sessions["killed"].close()
    soon = NOW + membership.SILENT
    eventually(lambda: membership.release_dead(db, soon) == ["killed"], 10)
    assert leases.acquire(db, "lease of killed", "third", soon, MINUTE)
    assert not leases.acquire(db, "lease of slow", "third", soon, MINUTE)
    assert leases.acquire_fenced(db, "grouping", "slow", soon, MINUTE) == leases.Fence("grouping", 2)
    assert membership.release_dead(db, NOW + DEAD) == ["slow"], "its machine may have lost power"
    sessions["slow"].close()


@postgres
def test_a_session_that_lost_its_connection_is_there_again_with_the_next_sign_of_life(db: Database) -> None:
    session = membership.open_session(db.engine.url.render_as_string(hide_password=False), "one")
    membership.renew(session, "one", NOW, wanted="leader")
    with db.write() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    assert membership.renew(session, "one", NOW, wanted="leader")
    assert membership.release_dead(db, NOW + membership.SILENT) == []
    session.close()


@postgres
def test_a_dead_workers_host_is_released_though_its_feeds_are_saved(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://a.example/2")
    sign_of_life(db, "dead")
    (saved,) = claim(db, "dead", 1).feeds
    feeds.save_polls(db, [poll(saved)], "dead", NOW)
    assert membership.release_dead(db, NOW + DEAD) == ["dead"]
    assert names(claim(db, "third", later=DEAD)) == ["https://a.example/2"]


@postgres
def test_a_dead_workers_host_stays_with_the_worker_that_has_it_since(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://a.example/2", "https://a.example/3")
    sign_of_life(db, "dead")
    first = claim(db, "dead", 1)
    claims.release_hosts(db, first, NOW)  # its feed is still leased
    assert len(claim(db, "other", 1, MINUTE).feeds) == 1
    assert membership.release_dead(db, NOW + DEAD) == ["dead"]
    assert claim(db, "third", later=DEAD).feeds == ()


@postgres
def test_a_late_release_frees_nothing_of_another_worker(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://a.example/2")
    late = claim(db, limit=1)
    second = claim(db, "other", later=LEASE + MINUTE)
    assert len(second.feeds) == 2
    claims.release_hosts(db, late, NOW)
    with db.read() as connection:
        until = connection.execute(text("SELECT lease_until FROM feed_host")).scalar_one()
    assert until is not None


@postgres
def test_many_workers_at_once_claim_each_feed_once_and_no_host_twice(db: Database) -> None:
    subscribe(db, *(f"https://{n % 40}.example/{n}" for n in range(200)))
    at_host, seen, lock, failures = Counter[str](), Counter[int](), threading.Lock(), list[str]()

    def work(name: str) -> None:
        for _ in range(40):
            claimed = claim(db, name, 5)
            with lock:
                at_host.update(claimed.hosts)
                seen.update(one.id for one in claimed.feeds)
                failures.extend(host for host in claimed.hosts if at_host[host] > 1)
            with db.write() as connection:  # polled: not due any more
                ids = [one.id for one in claimed.feeds] or [0]
                connection.execute(text("UPDATE feed SET next_check = NULL WHERE id = ANY(:ids)"), {"ids": ids})
            with lock:
                at_host.subtract(claimed.hosts)
            claims.release_hosts(db, claimed, NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, [f"worker {n}" for n in range(6)]))
    while (rest := claim(db, "last", 50, later=20 * MINUTE)).feeds:
        seen.update(one.id for one in rest.feeds)
        claims.release_hosts(db, rest, NOW)
        with db.write() as connection:
            ids = [one.id for one in rest.feeds]
            connection.execute(text("UPDATE feed SET next_check = NULL WHERE id = ANY(:ids)"), {"ids": ids})
    assert failures == []
    assert len(seen) == 200
    assert set(seen.values()) == {1}


@postgres
@pytest.mark.parametrize("many", [100, 3000])
def test_a_claim_takes_six_statements_however_many_feeds_are_due(db: Database, many: int) -> None:
    subscribe(db, *(f"https://{n}.example/" for n in range(many)))
    with counting(db) as seen:
        assert len(claim(db, limit=50).feeds) == 50
    assert len(seen) == 6, seen


@postgres
def test_a_big_host_that_is_busy_does_not_stop_the_others(db: Database) -> None:
    """300 due feeds of one busy host come first: they are put off, so the feeds behind them are found."""
    subscribe(db, *(f"https://big.example/{n}" for n in range(300)))
    busy = claim(db, limit=5)
    subscribe(db, *(f"https://big.example/{n}" for n in range(300)), "https://small.example/")
    found: list[str] = []
    for _ in range(10):
        found += names(claim(db, "other", 50))
    assert found == ["https://small.example/"]
    assert len(busy.feeds) == 5


@postgres
def test_a_claim_tells_whether_others_may_be_due(db: Database) -> None:
    """A task that claimed once more whenever it has polled would claim a few feeds each time."""
    subscribe(db, *(f"https://{n}.example/" for n in range(3)))
    assert claim(db, limit=2).more
    assert not claim(db, limit=2).more, "the only one"
    subscribe(db, *(f"https://{n}.example/" for n in range(3)), *(f"https://big.example/{n}" for n in range(8)))
    busy = claim(db, limit=10)
    assert len(busy.feeds) == 6
    assert busy.more, "two of the host are left"
    subscribe(db, "https://small.example/", *(f"https://big.example/{n}" for n in range(8)))
    assert names(found := claim(db, "other", limit=10)) == ["https://small.example/"]
    assert not found.more, "they are put off"


@postgres
def test_a_feed_that_may_end_its_process_is_claimed_alone_and_then_set_aside(db: Database) -> None:
    urls = [f"https://{n}.example/feed" for n in range(3)]
    subscribe(db, *urls)
    for turn in range(2):
        assert names(claim(db, f"worker {turn}", later=turn * 2 * LEASE)) == urls
    later, seen = 4 * LEASE, []
    for turn in range(2, 9):
        claimed = claims.claim_due(db, NOW + later, f"worker {turn}", LEASE, 10, Manners())
        assert len(claimed.feeds) <= 1
        seen += names(claimed)
        if urls[0] not in names(claimed):
            feeds.save_polls(db, [poll(one, now=NOW + later) for one in claimed.feeds], f"worker {turn}", NOW + later)
        later += 2 * LEASE
    assert sorted(seen) == sorted([urls[0], *urls])
    assert feeds.feed(db, urls[0]).state.error_code == "poll-ends-process"


@postgres
def test_the_leases_of_a_poll_that_takes_long_are_renewed(db: Database) -> None:
    subscribe(db, "https://a.example/1", "https://a.example/2")
    first = claim(db)
    for turn in range(1, 9):
        first = claims.renew(db, first, "me", NOW + turn * LEASE / 2, LEASE)
        assert claim(db, "other", later=turn * LEASE / 2) == claims.ClaimedFeeds()
    late = NOW + 4 * LEASE
    assert not feeds.save_polls(db, [poll(one, now=late) for one in first.feeds], "me", late).lost


@postgres
def test_a_worker_that_was_paused_learns_that_others_poll_its_hosts(db: Database) -> None:
    subscribe(db, "https://a.example/1")
    first = claim(db)
    assert len(claim(db, "other", later=2 * LEASE).feeds) == 1
    with pytest.raises(LeaseLost):
        claims.renew(db, first, "me", NOW + 2 * LEASE, LEASE)
