"""The page of a story: what every mail links to."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from aggregator.observe.metrics import Metrics
from aggregator.web.reading.story import withdrawn_outlets
from aggregator.web.routes import application
from tests.support.apps import newsroom
from tests.support.stories import source, story

pytestmark = pytest.mark.anyio


async def test_a_story_is_reported_with_its_sources(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", "ledger") as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        item = max(composed.edition.items, key=lambda one: len(one.sources))
        assert len(item.sources) > 1
        transport = httpx.ASGITransport(application(program, Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get(f"/stories/{item.story}")
            assert answer.status_code == 200
            for source in item.sources:
                assert source.outlet in answer.text
                assert source.url is not None
                assert source.url in answer.text
            assert "<sup>" in answer.text
            assert "<script>" not in answer.text
            missing = await client.get("/stories/none")
            assert missing.status_code == 404
            assert "not here" in missing.text
        await program.aclose()


async def test_what_was_taken_back_is_marked() -> None:
    reported = story(
        "fire",
        source(1, "Fire in Orr", "A hall in Orr burned down.", withdrawn=True),
        source(2, "Fire", "A hall burned."),
    )
    (outlet,) = withdrawn_outlets(reported)
    assert outlet == reported.sources[0].outlet


async def test_the_page_of_a_story_says_who_withdrew_it(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        item = composed.edition.items[0]
        with program.db.write() as connection:
            connection.execute(text("UPDATE entry SET withdrawn = true"))
        transport = httpx.ASGITransport(application(program, Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get(f"/stories/{item.story}")
            assert f"{item.sources[0].outlet} withdrew its report." in answer.text
        await program.aclose()
