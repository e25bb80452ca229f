"""Grouping, asked for by several tasks of the daemon at one time."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from aggregator.pipeline.group import GROUPING_LEASE, LEASE
from aggregator.services.program import Program
from tests.support.apps import newsroom


def test_a_run_ends_though_entries_keep_arriving(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour", "ledger") as (program, _, _):

        async def fetch(name: str) -> int:
            report = await program.fetching.fetch([name])
            await program.fetching.aclose()
            return sum(polled.new for polled in report.results)

        first, more = asyncio.run(fetch("The Harbour Post")), list[int]()

        def meanwhile(done: int, total: int) -> None:
            assert (done, total) == (first, first)
            if not more:
                more.append(asyncio.run(fetch("Capital Ledger")))

        assert first
        assert program.stories.group(meanwhile).entries == first
        assert more[0]
        assert program.stories.group().entries == more[0]


def test_one_thread_groups_at_a_time(tmp_path: Path) -> None:
    ended: list[str] = []

    async def fetch(program: Program) -> None:
        await program.fetching.fetch()
        await program.fetching.aclose()

    with newsroom(tmp_path, "harbour", "ledger") as (program, _, _):
        asyncio.run(fetch(program))
        others: list[threading.Thread] = []

        def compose() -> None:
            program.stories.group()
            ended.append("the other run")

        def meanwhile(done: int, total: int) -> None:
            if not others:
                others.append(threading.Thread(target=compose))
                others[0].start()
                others[0].join(0.5)

        found = program.stories.group(meanwhile)
        ended.append("the first run")
        others[0].join(10)
    assert found.entries
    assert ended == ["the first run", "the other run"]


def test_the_lease_is_not_kept_while_grouping_hangs(tmp_path: Path) -> None:
    """A worker whose grouping hangs is alive, but another one must be able to take over."""

    async def fetch(program: Program) -> None:
        await program.fetching.fetch()
        await program.fetching.aclose()

    with newsroom(tmp_path, "harbour") as (program, clock, _):
        asyncio.run(fetch(program))
        kept = [program.stories.kept_leases()]

        def meanwhile(done: int, total: int) -> None:
            for _ in range(2):
                clock.advance(LEASE)
                kept.append(program.stories.kept_leases())

        assert program.stories.group(meanwhile).entries
        assert kept == [[GROUPING_LEASE], [GROUPING_LEASE], []]
        assert program.stories.kept_leases() == [GROUPING_LEASE], "a run that ended does not hang"
