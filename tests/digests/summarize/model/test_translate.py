"""Translation of an edition by a real endpoint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from digests.errors import SummaryError
from digests.model import Edition, Item, ItemKind, ItemSource, Section, Sentence
from digests.render.renderer import Renderer
from digests.summarize.model.endpoint import ChatEndpoint, ChatSettings, MemoryCache
from digests.summarize.model.translate import Translator, read_lines
from tests.support import editions as sample
from tests.support.chat_server import Answer, ChatServer, serving
from tests.support.markup import tree

FERRY = Item(
    "ferry", ItemKind.NEW, "World", "Fähre rammt Frachter: zwölf Verletzte",
    (Sentence("Zwölf Menschen wurden am Montag in Wien verletzt, sagte Lena Falk.", (0,)),),
    (ItemSource(1, "Kurier", "Fähre rammt Frachter", "https://kurier.example/1", language="de"),),
    language="de", foreign=True,
)  # fmt: skip
LINES = ["Ferry rams freighter: twelve injured", "Twelve people were injured in Vienna on Monday, Lena Falk said."]


def edition(*items: Item) -> Edition:
    return sample.rich(sections=(Section("World", items),))


def lines(*texts: str) -> Answer:
    return Answer(json.dumps({"lines": list(texts)}))


def translated(
    given: Edition, answer: Answer | Callable[[Any], Answer], cache: MemoryCache | None = None
) -> tuple[Edition, ChatServer]:
    async def run(server: ChatServer) -> Edition:
        async with ChatEndpoint(ChatSettings(server.url, "m", retries=0), cache=cache) as endpoint:
            done, refused = await Translator(endpoint).edition(given)
            assert len(refused) == sum(item.foreign for item in done.items)
            return done

    with serving(answer) as server:
        return asyncio.run(run(server)), server


def test_a_foreign_story_is_translated_and_marked_and_its_source_linked() -> None:
    own = sample.solo()
    done, server = translated(edition(own, FERRY), lines(*LINES))
    assert done.items[0] == own
    item = done.items[1]
    assert (item.headline, item.sentences[0].text) == (LINES[0], LINES[1])
    assert (item.language, item.foreign, item.translated_from) == ("en", False, "de")
    assert item.facts == FERRY.facts
    html = Renderer().page(done).content
    assert "translated by machine: German" in html
    (text,) = (e for e in tree(html).iter() if e.tag != "script" and (e.text or "").strip() == LINES[1])
    assert text.get("lang") is None
    assert 'href="https://kurier.example/1"' in html
    assert "into English" in server.asked[0]["messages"][0]["content"]


@pytest.mark.parametrize(
    "answer",
    [
        lines("Ferry rams freighter: thirteen injured", LINES[1]),
        lines(LINES[0], LINES[1].replace("Lena Falk", "Anna Brandt")),
        lines(LINES[0]),
        Answer("no JSON"),
        Answer('{"lines": [1, 2]}'),
        Answer(status=500),
        Answer(status=401, body=b'{"error": {"message": "wrong key"}}'),
    ],
)
def test_what_fails_stays_in_its_language_and_is_noted(answer: Answer) -> None:
    done, _ = translated(edition(FERRY), answer)
    assert done.items == (FERRY,)
    assert "1 of 1 stories" in done.trust.notes[-1]


def test_a_text_is_translated_once() -> None:
    cache = MemoryCache()

    async def run(server: ChatServer) -> Edition:
        async with ChatEndpoint(ChatSettings(server.url, "m"), cache=cache) as endpoint:
            done, _ = await Translator(endpoint).edition(edition(FERRY))
            return done

    with serving(lines(*LINES)) as server:
        first, second = asyncio.run(run(server)), asyncio.run(run(server))
        assert len(server.asked) == 1
    assert first.items == second.items
    assert first.items[0].translated_from == "de"


def test_an_edition_without_foreign_stories_asks_nothing() -> None:
    given = edition(replace(FERRY, foreign=False))
    done, server = translated(given, lines(*LINES))
    assert done == given
    assert server.asked == []


def test_reasoning_and_prose_around_the_lines_are_left_out() -> None:
    answer = '<think>Is it {"lines": ["a", "b"]}?</think> Here it is: {"lines": ["One", "Two",]} {done}'
    assert read_lines(answer, 2) == ["One", "Two"]


@pytest.mark.parametrize("answer", ["", "{", '{"lines": "x"}', '{"other": []}', "[" * 100_000 + "{" * 100_000])
def test_an_answer_that_cannot_be_read_is_an_error(answer: str) -> None:
    with pytest.raises(SummaryError):
        read_lines(answer, 1)
