"""Alerts: a story that enough sources report is sent at once, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.pipeline.issue import Outputs
from aggregator.store.outgoing import deliveries, subscriptions
from aggregator.store.records import RecipientRecord
from aggregator.stories import parts
from digests.channels.recipient import Recipient
from digests.model import Edition, ItemKind
from tests.support.press import Press, press

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 9, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OUTLETS = ("gazette", "courier", "herald", "tidings")
DAM, QUAKE, STRIKE = "dam", "quake", "strike"
# Each event in the words of four outlets.
TEXTS = {
    DAM: (
        (
            "Dam above Port Hale breaks and floods 300 houses",
            (
                "The dam above Port Hale broke on Monday morning and flooded 300 houses in the valley, governor "
                "Ida Lund said."
            ),
        ),
        (
            "300 houses flooded as dam above Port Hale breaks",
            (
                "Water from the broken dam above Port Hale has flooded some 300 houses; governor Ida Lund "
                "called in the army."
            ),
        ),
        (
            "Port Hale dam breaks, 300 houses under water",
            (
                "After the dam above Port Hale broke early on Monday, helicopters took people from the roofs of "
                "300 flooded houses."
            ),
        ),
        (
            "Army helps after dam break at Port Hale",
            (
                "Soldiers build walls of sandbags in Port Hale, where the dam broke on Monday and 300 houses "
                "are flooded."
            ),
        ),
    ),
    QUAKE: (
        (
            "Earthquake of magnitude 6.1 shakes island of Tavira",
            (
                "An earthquake of magnitude 6.1 shook the island of Tavira and damaged the harbour, the seismic "
                "institute said."
            ),
        ),
        (
            "Island of Tavira shaken by earthquake of 6.1",
            (
                "The harbour of Tavira lies in ruins after an earthquake of magnitude 6.1, fishermen on the "
                "island reported."
            ),
        ),
        (
            "Tavira earthquake: harbour in ruins",
            (
                "On the island of Tavira an earthquake of magnitude 6.1 destroyed the harbour and two churches "
                "on Monday."
            ),
        ),
        (
            "Magnitude 6.1 earthquake hits Tavira",
            ("People on Tavira slept outside after the magnitude 6.1 earthquake that wrecked the island's harbour."),
        ),
    ),
    STRIKE: (
        (
            "Train drivers in Vale strike for two days",
            (
                "Train drivers in Vale went on strike for two days after talks about pay with the railway "
                "failed on Sunday."
            ),
        ),
        (
            "Two-day strike of train drivers in Vale",
            (
                "No trains run in Vale until Wednesday: drivers began a two-day strike because the railway "
                "offers too little pay."
            ),
        ),
        (
            "Vale railway: drivers on strike until Wednesday",
            "Commuters in Vale wait for buses, as train drivers are on strike for two days over their pay.",
        ),
        (
            "Strike stops trains in Vale",
            ("The two-day strike of train drivers in Vale has stopped nine trains in ten, the railway said on Monday."),
        ),
    ),
}
DEAD = (
    "12 dead after dam above Port Hale breaks",
    "The flood after the dam above Port Hale broke killed 12 people, the governor of Lorn said on Monday.",
)
DAILY = '[[digest]]\nname = "daily"\nzone = "UTC"\nschedule = "0 18 * * *"\nto = ["folder:out"]\nmin_score = 0\n'


def alert(*keys: str, query: str = "dam OR earthquake OR strike") -> str:
    lines = ('name = "urgent"', f"query = '{query}'", "sources = 2", 'zone = "UTC"', 'to = ["folder:out"]', *keys)
    return "[[alert]]\n" + "\n".join(lines) + "\n"


async def report(paper: Press, event: str, at: datetime, outlets: tuple[str, ...] = ("gazette", "courier")) -> None:
    """Publish an event in some outlets, each in its own words, one minute after the other."""
    for place, outlet in enumerate(outlets):
        await paper.publish(outlet, at + place * MINUTE, *TEXTS[event][OUTLETS.index(outlet)])


def headlines(editions: list[Edition]) -> list[str]:
    return [item.headline for edition in editions for item in edition.items]


async def test_a_story_is_sent_minutes_after_its_sources_and_once(tmp_path: Path) -> None:
    async with press(tmp_path, DAILY + alert(), START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, DAM, START, ("gazette",))
        assert await paper.due(START + MINUTE) == []
        await report(paper, DAM, START + 2 * MINUTE, ("courier",))
        (made,) = await paper.due(START + 3 * MINUTE)
        assert (made.digest, [item.kind for item in made.items]) == ("urgent", [ItemKind.NEW])
        await report(paper, DAM, START + 5 * MINUTE, ("herald", "tidings"))
        assert await paper.due(START + 8 * MINUTE) == []
        assert paper.program.editions.due_names() == []


async def test_outlets_that_may_report_another_event_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "FIRM", 1.1)
    async with press(tmp_path, DAILY + alert(), START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, DAM, START)
        assert await paper.due(START + 3 * MINUTE) == []


async def test_the_next_digest_does_not_repeat_it_except_as_an_update(tmp_path: Path) -> None:
    async with press(tmp_path, DAILY + alert(), START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, STRIKE, START - MINUTE)
        await report(paper, DAM, START + MINUTE)
        await report(paper, QUAKE, START + 3 * MINUTE, ("gazette",))
        assert len(headlines(await paper.due(START + 5 * MINUTE))) == 2
        await paper.publish("herald", START + timedelta(hours=2), *DEAD)
        (daily,) = await paper.due(START + timedelta(hours=9, minutes=1))
        kinds = {"dam" if "dam" in item.headline.lower() else "quake": item.kind for item in daily.items}
        assert kinds == {"quake": ItemKind.NEW, "dam": ItemKind.UPDATE}


async def test_what_a_digest_sent_is_an_alert_only_with_news(tmp_path: Path) -> None:
    text = DAILY.replace("0 18", "30 9") + alert()
    async with press(tmp_path, text, START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, DAM, START, ("gazette",))
        assert [e.digest for e in await paper.due(START + 31 * MINUTE)] == ["daily"]
        await paper.publish("courier", START + 40 * MINUTE, *TEXTS[DAM][1])
        assert await paper.due(START + 41 * MINUTE) == []
        await paper.publish("herald", START + 50 * MINUTE, *DEAD)
        (made,) = await paper.due(START + 51 * MINUTE)
        assert [item.kind for item in made.items] == [ItemKind.UPDATE]


async def test_the_limit_of_a_day_and_nothing_of_yesterday(tmp_path: Path) -> None:
    async with press(tmp_path, alert("per_day = 2"), START - timedelta(hours=2), OUTLETS) as paper:
        made: list[Edition] = []
        for place, text in enumerate((DAM, QUAKE, STRIKE)):
            await report(paper, text, START + 10 * place * MINUTE)
            made += await paper.due(START + (10 * place + 2) * MINUTE)
        assert len(headlines(made)) == 2
        assert await paper.due(START + timedelta(hours=15, minutes=5)) == []


async def test_quiet_hours_hold_it_until_they_end(tmp_path: Path) -> None:
    quiet = 'quiet_hours = "22:00-07:00"'
    async with press(tmp_path, alert(quiet, "per_day = 9"), START, OUTLETS) as paper:
        night = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
        await report(paper, DAM, night)
        await report(paper, QUAKE, night + timedelta(hours=3))
        for hours in (0.2, 2, 6, 8.4):
            assert await paper.due(night + timedelta(hours=hours)) == []
        made = await paper.due(night + timedelta(hours=8, minutes=30))
        assert len(headlines(made)) == 2


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        ('interest = "floods"', '[[interest]]\nname = "floods"\nwords = ["dam", "flooded"]\n'),
        ('rule = "water"', '[[rule]]\nname = "water"\nquery = "flooded"\naction = "boost"\nvalue = 0.1\n'),
    ],
)
async def test_an_interest_or_a_rule_says_what_matches(tmp_path: Path, keys: str, first: str) -> None:
    text = first + alert(keys).replace("query = 'dam OR earthquake OR strike'\n", "")
    async with press(tmp_path, text, START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, DAM, START)
        await report(paper, QUAKE, START + 5 * MINUTE)
        made = await paper.due(START + 9 * MINUTE)
        assert len(headlines(made)) == 1
        assert "dam" in headlines(made)[0].lower()


async def test_what_was_there_before_the_alert_is_none(tmp_path: Path) -> None:
    async with press(tmp_path, DAILY, START - timedelta(hours=2), OUTLETS) as paper:
        await report(paper, DAM, START)
    async with press(tmp_path, DAILY + alert(), START + timedelta(hours=1), OUTLETS) as paper:
        assert await paper.due(START + timedelta(hours=1, minutes=1)) == []


async def test_who_left_the_alert_gets_none_and_the_mail_is_small(tmp_path: Path) -> None:
    to = 'to = ["ann@example.org", "bob@example.org"]'
    mail = '[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
    text = mail + alert().replace('to = ["folder:out"]', to)
    async with press(tmp_path, text, START - timedelta(hours=2), OUTLETS) as paper:
        subscriptions.leave(paper.program.db, Recipient.by_mail("Bob@example.org"), "urgent", START)
        await report(paper, DAM, START)
        (made,) = await paper.due(START + 3 * MINUTE)
        assert {one.address for one in deliveries.list_deliveries(paper.program.db)} == {"ann@example.org"}
        outputs = Outputs(made, paper.program.editions.renderer("urgent"), paper.program.editions.sender())
        message = outputs.message(RecipientRecord(1, Recipient.by_mail("ann@example.org"), language="de"))
        assert len(message) < 40_000
        assert made.trust.entries_seen == 2
