"""Model summaries in a whole edition: cached, counted, and never in the way of the edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.pipeline.summarizers import SharedSummaries
from aggregator.services.program import Program
from aggregator.store.editions import summaries
from digests.model import ItemKind, Match, Reported, Source, Story, Summary
from digests.summarize.extractive import ExtractiveSummarizer
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


class Counting:
    """The summarizer without a model, with the stories that it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._inner = ExtractiveSummarizer()

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
        at: datetime | None = None,
    ) -> Summary:
        self.asked.append(story.id)
        return await self._inner.summarize(story, words=words, kind=kind, reported=reported, language=language, at=at)


async def test_a_story_is_summarized_once_for_all_who_know_the_same_of_it() -> None:
    at = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
    text = "The harbour bridge was closed on Monday after two ships hit it. Nobody was hurt."
    one = Story("s1", (Source(1, "Gazette", "Bridge is closed", text, at),), at, at, language="en")
    liked = replace(one, interests=(Match("harbour", 0.9),), boost=0.5)
    known = Reported("s1", at, "Bridge is closed", frozenset({"s:1"}), frozenset({1}))
    counting = Counting()
    shared = SharedSummaries(counting)
    first = await shared.summarize(one, words=40)
    assert await shared.summarize(liked, words=40) == first == await ExtractiveSummarizer().summarize(liked, words=40)
    assert counting.asked == ["s1"]
    await shared.summarize(one, words=40, kind=ItemKind.UPDATE, reported=known)
    await shared.summarize(one, words=40, kind=ItemKind.UPDATE, reported=replace(known))
    assert counting.asked == ["s1", "s1"], "once for each state of knowledge"
