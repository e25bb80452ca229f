"""A subscription list that changes while the daemon runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.daemon.reload import Reload
from aggregator.demo.two_days import YESTERDAY
from aggregator.observe.health import Health
from aggregator.store.intake import feeds
from aggregator.system.clock import ManualClock
from tests.support.apps import DIGEST, app_of

pytestmark = pytest.mark.anyio


def listing(*names: str) -> str:
    outlines = "".join(f'<outline type="rss" text="{name}" xmlUrl="https://{name}.example/"/>' for name in names)
    return f"<opml><body>{outlines}</body></opml>"


async def test_a_list_that_cannot_be_read_keeps_what_was_subscribed_and_is_named(tmp_path: Path) -> None:
    file, seconds = tmp_path / "subs.opml", [0]

    def write(text: str) -> None:
        file.write_text(text, encoding="utf-8")
        seconds[0] += 1
        os.utime(file, (seconds[0], seconds[0]))

    write(listing("north"))
    with app_of(tmp_path, DIGEST + '[[opml]]\nfile = "subs.opml"\n', ManualClock(YESTERDAY)) as program:
        health = Health()
        reload = Reload(program, health)
        write("half a fi")
        for _ in range(3):
            await reload()
            assert "subs.opml" in health.configuration
            assert [f.configured for f in feeds.feeds_by_id(program.db).values() if f.subscribed] == [
                "https://north.example/"
            ]
        write(listing("north", "south"))
        await reload()
        assert health.configuration == ""
        assert len([f for f in feeds.feeds_by_id(program.db).values() if f.subscribed]) == 2
        await program.aclose()
