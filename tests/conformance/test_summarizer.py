"""Whatever makes summaries keeps the promises of the port: the extractive one, the fake, the one with a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from digests.model import ItemKind, Reported, Story, Summary
from digests.summarize.base import Summarizer
from digests.summarize.extractive import ExtractiveSummarizer
from digests.summarize.fake import LeadSummarizer
from digests.summarize.model.client import ChatSummarizer
from digests.summarize.model.endpoint import ChatEndpoint, ChatSettings
from tests.support.chat_server import Answer, serving
from tests.support.chat_server import answer_of as answered
from tests.support.stories import NOW, source, story


class ModelSummarizer:
    """The summarizer with a model, behind a server that answers each request in its own words, some of them wrong."""

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
        def echo(request: dict[str, Any]) -> Answer:
            articles = json.loads(request["messages"][1]["content"])["articles"]
            lines = [(a["text"].split(". ")[0].rstrip(".") + ".", [a["id"]]) for a in articles]
            return answered(*lines, ("Nobody in Atlantis ever said 17 things.", [1]))

        with serving(echo) as server:
            async with ChatEndpoint(ChatSettings(server.url, "echo")) as endpoint:
                return await ChatSummarizer(endpoint).summarize(
                    story, words=words, kind=kind, reported=reported, language=language, at=at
                )


MAKERS: list[Callable[[], Summarizer]] = [ExtractiveSummarizer, LeadSummarizer, ModelSummarizer]

FLOOD = story(
    "flood",
    source(
        1,
        "Flood cuts off three villages in Marlow valley",
        "MARLOW (Wire) - A flood cut off three villages in the Marlow valley on Sunday, the county council said. "
        "About 400 people were brought to a school in Eastham. Rain is expected to last until Tuesday.",
    ),
    source(
        2,
        "Marlow valley under water after record rain",
        "Record rain put the Marlow valley under water on Sunday night. Mayor Edda Brook asked the army for boats. "
        "The railway between Eastham and Port Lune is closed.",
    ),
)
ODD = {
    "no text": story("bare", source(1, "Parliament dissolved", "")),
    "one sentence": story("one", source(1, "Parliament dissolved", "The king dissolved parliament on Monday.")),
    "nothing at all": story("void", source(1, "", "")),
    "a quotation only": story("quote", source(1, "“Enough”, says minister", "“Enough is enough.”")),
    "no sentence": story("table", source(1, "Results", "Ajax 2 1\nPSV 0 0\nTwente 1 3")),
    "withdrawn": story("gone", source(1, "Dam bursts", "The dam at Orr burst.", withdrawn=True)),
    "three languages": story(
        "three",
        source(1, "Brücke gesperrt", "Die Brücke in Lund ist seit Montag gesperrt.", language="de"),
        source(2, "Мост закрыт", "Мост в Лунде закрыт с понедельника.", language="ru"),
        source(3, "Bridge closed", "The bridge in Lund has been closed since Monday.", language="en"),
    ),
    "a hundred articles": story(
        "many",
        *(source(i, f"Storm number {i}", f"Storm {i} hit the coast of Orr. {i} roofs were lost.") for i in range(100)),
    ),
}


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def summarizer(request: pytest.FixtureRequest) -> Summarizer:
    made: Summarizer = request.param()
    return made


def test_every_sentence_names_a_source_of_the_story(summarizer: Summarizer) -> None:
    summary = asyncio.run(summarizer.summarize(FLOOD, words=60))
    assert summary.sentences
    for sentence in summary.sentences:
        assert sentence.sources
        assert all(0 <= place < len(FLOOD.sources) for place in sentence.sources)


def test_the_budget_of_words_is_kept_once_there_is_a_sentence(summarizer: Summarizer) -> None:
    for words in (5, 20, 40, 90):
        summary = asyncio.run(summarizer.summarize(FLOOD, words=words))
        assert len(summary.sentences) == 1 or sum(len(s.text.split()) for s in summary.sentences) <= words


def test_the_same_story_gives_the_same_summary(summarizer: Summarizer) -> None:
    first, second = (asyncio.run(summarizer.summarize(FLOOD, words=50)) for _ in range(2))
    assert first == second


def test_facts_are_left_for_the_ledger(summarizer: Summarizer) -> None:
    assert asyncio.run(summarizer.summarize(FLOOD, words=60)).facts


@pytest.mark.parametrize("name", ODD)
def test_odd_stories_give_a_summary_all_the_same(summarizer: Summarizer, name: str) -> None:
    odd: Story = ODD[name]
    summary = asyncio.run(summarizer.summarize(odd, words=40))
    for sentence in summary.sentences:
        assert all(0 <= place < len(odd.sources) for place in sentence.sources)


def test_an_update_and_a_correction_are_accepted(summarizer: Summarizer) -> None:
    stated = Reported("flood", NOW, articles=frozenset({1}))
    for kind in (ItemKind.UPDATE, ItemKind.CORRECTION):
        assert asyncio.run(summarizer.summarize(FLOOD, words=40, kind=kind, reported=stated)).sentences


def test_many_stories_at_once_do_not_mix(summarizer: Summarizer) -> None:
    async def all_at_once() -> list[str]:
        found = await asyncio.gather(*(summarizer.summarize(s, words=40) for s in ODD.values()))
        return [summary.headline for summary in found]

    together = asyncio.run(all_at_once())
    assert together == [asyncio.run(summarizer.summarize(s, words=40)).headline for s in ODD.values()]


def test_what_is_over_when_it_is_read_gives_way_to_a_later_report(summarizer: Summarizer) -> None:
    before = source(1, "Hale and Orr to meet", "Envoys of Hale and Orr will meet in Lund on Sunday.", hours=40)
    after = source(2, "Hale and Orr sign a treaty", "Envoys of Hale and Orr signed a treaty in Lund.", hours=9)
    met = story("envoys", before, after)
    told = asyncio.run(summarizer.summarize(met, words=40, at=NOW))
    assert [sentence.sources for sentence in told.sentences] == [(1,)]
