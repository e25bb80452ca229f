"""A digest that names its languages: stories in others are marked or left out. And slots without news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.pipeline.compose import NOT_TRANSLATED
from aggregator.pipeline.issue import Outputs
from aggregator.store.editions import editions as edition_store
from aggregator.store.records import RecipientRecord
from digests.channels.recipient import Recipient
from digests.model import Edition
from tests.support.press import Press, press

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 9, 5, tzinfo=UTC)
LANGUAGES = {"zeitung": "de-AT", "gaceta": "es", "nameless": ""}
STORIES = {
    "gazette": (
        "Ferry runs aground off Port Hale",
        "A ferry ran aground off Port Hale in thick fog, the coast guard said.",
    ),
    "zeitung": (
        "Lawine verschüttet Straße am Kesselpass",
        "Eine Lawine hat die Straße am Kesselpass verschüttet, teilte die Polizei mit.",
    ),
    "gaceta": (
        "El puente de Villa Clara cierra un mes",
        "El puente de Villa Clara cierra un mes por obras, anunció el ayuntamiento el lunes.",
    ),
}


def digest(*keys: str) -> str:
    lines = ('name = "it"', 'zone = "UTC"', 'to = ["folder:out"]', "min_score = 0", *keys)
    return "[[digest]]\n" + "\n".join(lines) + "\n"


async def edition(folder: Path, *keys: str) -> tuple[Edition, Press]:
    async with press(folder, digest(*keys), START, tuple(STORIES), LANGUAGES) as paper:
        for outlet, (title, text) in STORIES.items():
            await paper.publish(outlet, START + timedelta(minutes=5), title, text)
        (made,) = await paper.due(START + timedelta(hours=2, minutes=1))
        return made, paper


@pytest.mark.parametrize(
    ("keys", "foreign", "shown"),
    [
        ((), set(), set(STORIES)),
        (('languages = ["en"]',), {"zeitung", "gaceta"}, set(STORIES)),
        (('languages = ["en", "de"]',), {"gaceta"}, set(STORIES)),
        (('languages = ["de"]', 'others = "drop"'), set(), {"zeitung"}),
        (('languages = ["en-US", "es"]', 'others = "drop"'), set(), {"gazette", "gaceta"}),
        (('languages = ["en"]', 'others = "translate"'), {"zeitung", "gaceta"}, set(STORIES)),
    ],
)
async def test_stories_in_other_languages(
    tmp_path: Path, keys: tuple[str, ...], foreign: set[str], shown: set[str]
) -> None:
    made, paper = await edition(tmp_path, *keys)
    by_outlet = {item.sources[0].outlet.lower(): item for item in made.items}
    assert set(by_outlet) == shown
    assert {outlet for outlet, item in by_outlet.items() if item.foreign} == foreign
    assert (NOT_TRANSLATED in made.trust.notes) == ('others = "translate"' in keys)
    outputs = Outputs(made, paper.program.editions.renderer("it"), paper.program.editions.sender())
    mail = outputs.message(RecipientRecord(1, Recipient.by_mail("ann@example.org"), language="fr")).decode()
    assert ("Espagnol" in mail) == ("gaceta" in foreign), "marked in the recipient's language"


async def test_an_unknown_language_is_not_left_out(tmp_path: Path) -> None:
    keys = ('languages = ["de"]', 'others = "drop"')
    async with press(tmp_path, digest(*keys), START, ("nameless",), LANGUAGES) as paper:
        await paper.publish("nameless", START + timedelta(minutes=5), "Xqz 7", "")
        (made,) = await paper.due(START + timedelta(hours=2, minutes=1))
        assert [item.foreign for item in made.items] == [False]


async def test_slots_without_news_leave_no_edition_and_lose_nothing(tmp_path: Path) -> None:
    text = digest('quiet = "skip"', 'schedule = "*/5 * * * *"', 'query = "ferry"')
    async with press(tmp_path, text, START, ("gazette",)) as paper:
        for place in range(1, 12):
            assert await paper.due(START + timedelta(minutes=5 * place)) == []
        await paper.publish("gazette", START + timedelta(minutes=57), *STORIES["gazette"])
        (made,) = await paper.due(START + timedelta(minutes=60))
        assert [item.headline for item in made.items] == ["Ferry runs aground off Port Hale"]
        assert made.period_start == START + timedelta(minutes=55)
        for place in range(13, 20):
            assert await paper.due(START + timedelta(minutes=5 * place)) == []
        assert [one.id for one in edition_store.editions(paper.program.db)] == [made.id]
        assert paper.program.editions.feed("it").count("<entry>") == 1


async def test_send_without_news_leaves_no_edition_either(tmp_path: Path) -> None:
    async with press(tmp_path, digest('quiet = "skip"'), START, ("gazette",)) as paper:
        for _ in range(3):
            paper.clock.advance(timedelta(minutes=5))
            assert await paper.program.editions.send("it") == []
        await paper.publish("gazette", START + timedelta(minutes=20), *STORIES["gazette"])
        (made,) = await paper.program.editions.send("it")
        assert made.period_start == START + timedelta(minutes=15)
