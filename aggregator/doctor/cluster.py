"""Checks of a cluster: its job tables, the PostgreSQL server, workers, and the leader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.store import Database, leases
from aggregator.store.cluster import jobs, server, sessions
from aggregator.store.errors import StoreError

OLDEST_SERVER = 13  # the oldest PostgreSQL that still gets fixes of security problems
CLOCK_APART = timedelta(seconds=5)


def check_cluster(db: Database, direct: Database, now: datetime) -> Iterator[Finding]:
    """Check the database that the workers share, and whether there are workers.

    `direct` opens the connections that must last.
    """
    try:
        state = server.read_server(db)
        yield from _server(state, now)
        yield from _workers(db, now)
        sessions.check_sessions(db, direct)
        if sessions.idle_limit(db) == "0":
            hint = "ALTER ROLE … SET idle_in_transaction_session_timeout = '60s', for the login of [storage] url"
            yield warning("cluster", "behind a pooler, a worker that is paused may hold locks for ever", hint)
    except StoreError as failure:
        yield error("cluster", f"{failure} [{failure.code}]", failure.hint)


def _server(state: server.Server, now: datetime) -> Iterator[Finding]:
    if state.version < OLDEST_SERVER:
        yield warning("cluster", f"PostgreSQL {state.version} is old", f"update to PostgreSQL {OLDEST_SERVER} or later")
    apart = abs(state.now - now)
    if apart > CLOCK_APART:
        seconds = round(apart.total_seconds())
        hint = "synchronize it with NTP: workers use the clock of the database, but commands use that of the machine"
        yield error("cluster", f"this machine's clock and the database's differ by {seconds} s", hint)
    if state.free_connections < 31:
        yield warning(
            "cluster",
            f"{state.free_connections} connections of the server are free; a worker uses up to 31",
            "raise max_connections, or run fewer workers",
        )


def _workers(db: Database, now: datetime) -> Iterator[Finding]:
    from aggregator.daemon.cluster.leader import LEADER
    from aggregator.daemon.engine.job_scripts import job_scripts

    present, wanted = jobs.installed_version(db), job_scripts().version
    if present is None:
        yield warning("cluster", "no worker has run yet", "start one: `aggregator run` or `aggregator worker`")
        return
    if present != wanted:
        yield error("cluster", f"the job tables are at {present}, not {wanted}", "start a worker of this version")
        return
    workers, leader = jobs.live_workers(db), leases.holder_of(db, LEADER, now)
    if not workers:
        yield warning("cluster", "no worker runs", "start one: `aggregator run` or `aggregator worker`")
    elif leader is None:
        yield error("cluster", "no worker is the leader", "look at the workers' logs; one takes over within a minute")
    else:
        yield ok("cluster", f"workers: {workers}; the leader is {leader.rpartition(':')[0]}")
