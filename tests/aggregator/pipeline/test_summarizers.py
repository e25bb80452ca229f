"""Model summaries in a whole edition: cached, counted, and never in the way of the edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.services.program import Program
from aggregator.store.editions import summaries
from tests.support.apps import DIGEST, newsroom
from tests.support.chat_server import Answer, serving

pytestmark = pytest.mark.anyio


def configured(url: str, more: str = "") -> str:
    return (
        f'[summaries]\nmethod = "chat"\nendpoint = "{url}"\nmodel = "tiny"\nprice_in = 1000.0\nprice_out = '
        f"1000.0\n{more}{DIGEST}"
    )


async def methods(program: Program) -> set[str]:
    (composed,) = await program.editions.compose("daily")
    return {item.method for item in composed.edition.items}


async def test_an_endpoint_that_is_down_costs_no_edition_and_is_reported(tmp_path: Path) -> None:
    with newsroom(
        tmp_path, "kurier", more=configured("http://127.0.0.1:9/v1", "budget_per_edition = 0\nbudget_per_day = 0\n")
    ) as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        assert composed.edition.items
        assert all(item.sentences and item.method == "extractive" for item in composed.edition.items)
        assert any("endpoint" in note for note in composed.edition.trust.notes)
        await program.aclose()


async def test_what_the_model_cost_is_counted_for_the_day_and_bounds_it(tmp_path: Path) -> None:
    with (
        serving(Answer("no sentences at all", usage=(1000, 100))) as chat,
        newsroom(tmp_path, "kurier", more=configured(chat.url, "budget_per_day = 1.2\nbudget_per_edition = 5.0\n")) as (
            program,
            clock,
            _,
        ),
    ):
        await program.fetching.fetch()
        program.stories.group()
        assert await methods(program) == {"extractive"}, "what the gate refuses is extracted"
        spent = summaries.spend(program.db, clock.now().date())
        assert 0 < spent.cost <= 1.2
        asked = len(chat.asked)
        await methods(program)
        assert len(chat.asked) == asked, "the day's budget is used up, or the answers are remembered"
        await program.aclose()
