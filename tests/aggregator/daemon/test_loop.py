"""Work that takes long leaves the event loop free: the daemon answers, sends and renews its leases meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from aggregator.pipeline import compose, fetch
from aggregator.services.program import Program
from digests.summarize import extractive
from tests.support.apps import newsroom


@pytest.mark.parametrize(
    ("module", "name"),
    [(fetch, "decide"), (compose, "choose"), (compose, "assemble"), (extractive, "summarize_story")],
)
def test_the_loop_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
    real: Callable[..., Any] = getattr(module, name)
    threads = set[int]()

    def noted(*arguments: Any, **options: Any) -> Any:
        threads.add(threading.get_ident())
        return real(*arguments, **options)

    monkeypatch.setattr(module, name, noted)

    async def work(program: Program) -> int:
        await program.fetching.fetch()
        await program.fetching.aclose()
        await asyncio.to_thread(program.stories.group)
        await program.editions.compose("daily", program.clock.now() + timedelta(hours=1))
        return threading.get_ident()

    with newsroom(tmp_path, "harbour", "ledger") as (program, _, _):
        loop = asyncio.run(work(program))
    assert threads
    assert loop not in threads
