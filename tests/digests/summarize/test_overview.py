"""A section in a few sentences: nothing that its items do not say."""

from __future__ import annotations

import pytest

from digests.model import Item, ItemKind, Sentence
from digests.summarize.overview import overview


def item(number: int, *, text: str = "", language: str = "en", kind: ItemKind = ItemKind.NEW) -> Item:
    told = text or f"Town {number} opened its bridge on Monday."
    return Item(f"s{number}", kind, "World", f"Bridge {number} opens", (Sentence(told, (0,)),), (), language=language)


@pytest.mark.parametrize(("items", "sentences"), [(2, 0), (3, 2), (4, 3), (5, 4), (12, 4)])
def test_two_to_four_sentences_and_fewer_than_items(items: int, sentences: int) -> None:
    found = overview([item(n) for n in range(items)], "en")
    assert found.count(" on Monday.") == sentences


def test_every_sentence_is_told_below_it() -> None:
    items = [item(1), item(2, text=" ".join(["word"] * 40) + "."), item(3, kind=ItemKind.UPDATE), item(4)]
    assert overview(items, "en") == "Town 1 opened its bridge on Monday. Bridge 2 opens. Bridge 3 opens."


def test_one_language_at_a_time_the_readers_first() -> None:
    german = [item(n, text=f"Stadt {n} hat ihre Brücke geöffnet.", language="de") for n in (5, 6, 7)]
    mixed = [german[0], item(1), item(2), *german[1:]]
    assert overview(mixed, "en") == "Town 1 opened its bridge on Monday. Town 2 opened its bridge on Monday."
    assert overview(mixed, "fr").count("Stadt") == 3
    assert overview([item(1), *german], "en") == "", "one sentence is no overview"


def test_it_stays_within_its_words() -> None:
    items = [item(n, text=f"Town {n} " + "opened " * 20 + "it.") for n in range(8)]
    assert len(overview(items, "en", words=50).split()) <= 50
