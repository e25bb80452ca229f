"""A week of a mixed stream over real HTTP: every event is sent once, every entry counted, no false correction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e import mixed_week
from tests.e2e.mixed_week import LOGIN
from tests.support.streams import DAYS, at, play

pytestmark = pytest.mark.anyio
COUNTER = re.compile(r"\b7[1-9],\d{3}\b")  # see `mixed_week.counter`
DEVELOPING = {"live", "incident", "landslide"}
CORRECTED = {"school", "bank"}


@pytest.mark.timeout(300)
async def test_a_week_of_a_mixed_stream(tmp_path: Path) -> None:
    feeds = mixed_week.feeds()
    week = await play(tmp_path, feeds, pages={f"/page/{day}": LOGIN for day in range(DAYS)})
    assert week.problems(feeds, DEVELOPING, CORRECTED) == []
    counted_feeds = [f for f in feeds if COUNTER.search(f.document(at(DAYS)).decode())]
    assert {feed.key for feed in counted_feeds} == {"coast", "brindle", "clips", "orange"}
    assert not any(COUNTER.search(mail) for mail in week.mails)
    assert not any("Subscribers read every article" in mail for mail in week.mails), "a login page is no article"
