"""A weekly recap beside a daily digest: what became of the stories of the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digests.model import Edition, ItemKind
from digests.reasons import ReasonCode
from tests.support.press import Press, press

pytestmark = pytest.mark.anyio
MONDAY = datetime(2026, 3, 9, 6, tzinfo=UTC)
DAY = timedelta(days=1)
DIGESTS = """\
[[topic]]
name = "Vales"
feeds = ["Gazette", "Courier", "Herald"]
[[digest]]
name = "daily"
zone = "UTC"
schedule = "0 7 * * *"
to = ["folder:out"]
min_score = 0
[[digest]]
name = "week"
zone = "UTC"
schedule = "0 18 * * 0"
kind = "recap"
quiet = "skip"
to = ["folder:out"]
min_score = 0
"""
SUNDAY = MONDAY + 6 * DAY + timedelta(hours=12, minutes=1)
OUTLETS = ("gazette", "courier", "herald")
FERRY = (
    "A ferry with 300 people on board ran aground off Port Hale in thick fog on Monday morning, the coast guard said."
)
CHARGED = "The captain of the ferry that ran aground off Port Hale, Ada Brook, was charged with negligence on Thursday."
RESCUED = "Rescuers said 12 people were injured when the ferry ran aground off Port Hale, 9 more than first reported."
LIBRARY = "The library of Little Vale lends out garden tools from this week on, its director told the town council."


async def week(press: Press) -> list[Edition]:
    """A ferry runs aground and its captain is charged; a library lends tools. The daily editions of the week."""
    made = []
    await press.publish("gazette", MONDAY, "Ferry with 300 people runs aground off Port Hale", FERRY)
    await press.publish("courier", MONDAY + timedelta(hours=1), "Ferry aground off Port Hale with 300 on board", FERRY)
    for day in range(6):
        at = MONDAY + day * DAY
        made += await press.due(at + timedelta(hours=1, minutes=1))
        if day == 1:
            await press.publish("herald", at + 2 * DAY / 24, "Port Hale ferry: 12 people injured", RESCUED)
        if day == 3:
            await press.publish("courier", at + 2 * DAY / 24, "Captain of Port Hale ferry charged", CHARGED)
        if day == 4:
            await press.publish("gazette", at + 2 * DAY / 24, "Library of Little Vale lends garden tools", LIBRARY)
    return made


def said(edition: Edition) -> str:
    return "\n".join([i.headline + " " + " ".join(s.text for s in i.sentences) for i in edition.items])


async def test_it_repeats_what_the_daily_sent_and_says_what_became_of_it(tmp_path: Path) -> None:
    async with press(tmp_path, DIGESTS, MONDAY - timedelta(hours=10), OUTLETS) as paper:
        daily = await week(paper)
        sent = "\n".join(map(said, daily))
        assert all(word in sent for word in ("300 people", "12 people", "charged", "garden tools"))
        made = await paper.due(SUNDAY)
        recap = next(one for one in made if one.digest == "week")
        assert [item.kind for item in recap.items] == [ItemKind.RECAP] * len(recap.items)
        first = recap.items[0]
        assert "300 people on board" in first.sentences[0].text
        assert not first.sentences[0].new
        assert any(s.new and "charged" in s.text for s in first.sentences), "what happened since"
        assert ReasonCode.LASTED in {reason.code for reason in first.reasons}
        assert "garden tools" in said(recap)
        page = paper.program.editions.renderer("week").page(recap).content
        assert page.index("Port Hale") < page.index("Little Vale")


async def test_a_story_without_news_is_in_one_recap_only(tmp_path: Path) -> None:
    async with press(tmp_path, DIGESTS, MONDAY - timedelta(hours=10), OUTLETS) as paper:
        await week(paper)
        assert "week" in {e.digest for e in await paper.due(SUNDAY)}
        text = "The captain of the ferry off Port Hale, Ada Brook, was acquitted by the court of Vale on Friday."
        await paper.publish("herald", MONDAY + 11 * DAY, "Captain of Port Hale ferry acquitted", text)
        made = await paper.due(SUNDAY + 7 * DAY)
        (recap,) = [one for one in made if one.digest == "week"]
        assert "acquitted" in said(recap)
        assert "garden tools" not in said(recap)


async def test_a_week_without_news_has_no_recap(tmp_path: Path) -> None:
    async with press(tmp_path, DIGESTS, MONDAY - timedelta(hours=10), OUTLETS) as paper:
        await week(paper)
        await paper.due(SUNDAY)
        made = await paper.due(SUNDAY + 7 * DAY)
        assert "week" not in {one.digest for one in made}


async def test_what_only_the_recap_reported_is_old_news_to_the_daily(tmp_path: Path) -> None:
    async with press(tmp_path, DIGESTS, MONDAY - timedelta(hours=10), OUTLETS) as paper:
        await paper.publish("gazette", MONDAY, "Ferry with 300 people runs aground off Port Hale", FERRY)
        paper.clock.set(MONDAY + timedelta(hours=1, minutes=30))
        (recap,) = await paper.program.editions.send("week")
        assert "300 people" in said(recap)
        daily = await paper.due(MONDAY + DAY + timedelta(hours=1, minutes=1))
        assert "300 people" not in "".join(said(one) for one in daily if one.digest == "daily")
