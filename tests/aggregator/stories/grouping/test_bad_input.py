"""What feeds really send: none of it may merge the unrelated, stall the engine or stop it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Action, Document, Placed
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, RATES, START, stream

NEWS = (QUAKE_PERU[0], QUAKE_IRAN[0], RATES[0])


def test_a_feed_that_repeats_one_title_keeps_its_pieces_apart() -> None:
    title = "What you need to know this morning"
    documents = stream(*((title, text) for _, text in NEWS), source="daily.example")
    grouper = Grouper()
    assert len({grouper.add(d).story for d in documents}) == len(NEWS)


def test_a_source_that_copies_everything_adds_no_article() -> None:
    grouper = Grouper()
    for document in stream(*NEWS):
        grouper.add(document)
    copies = [grouper.add(d) for d in stream(*NEWS, first=10, source="copies.example")]
    assert {c.action for c in copies} == {Action.CARRIES}
    assert [c.article for c in copies] == [1, 2, 3]


@pytest.mark.parametrize("skew", [timedelta(days=-400), timedelta(days=400), timedelta(0)], ids=str)
def test_a_wrong_clock_merges_nothing_that_is_unlike(skew: timedelta) -> None:
    first, second, third = stream(*NEWS)
    grouper = Grouper()
    moved = replace(second, arrived=second.arrived + skew)
    assert len({grouper.add(d).story for d in (first, moved, third)}) == 3


def test_boilerplate_in_common_is_no_event_in_common() -> None:
    tail = " Subscribe to our newsletter for more. All rights reserved. Follow us and share this story."
    grouper = Grouper()
    documents = stream(*((title, text + tail) for title, text in NEWS))
    assert len({grouper.add(d).story for d in documents}) == len(NEWS)


@pytest.mark.parametrize(
    "texts",
    [
        ("Москва and Tokyo 東京 meet مرحبا", "Lima και Αθήνα 北京 שלום"),
        ("🔥🔥🔥 breaking 🔥🔥🔥", "🔥🔥🔥 goal 🔥🔥🔥"),
        ("\u202emirror text of the harbour", "\u202emirror image of a painter"),
        ("x", "y"),
        ("東京で地震", "北京で会議"),
    ],
    ids=["mixed scripts", "emoji", "direction marks", "letters", "no spaces"],
)
def test_odd_titles_stay_apart(texts: tuple[str, str]) -> None:
    grouper = Grouper()
    stories = {grouper.add(d).story for d in stream(*((t, "") for t in texts))}
    assert len(stories) == 2


def test_two_thousand_at_once_do_not_grow_the_cost_of_one() -> None:
    grouper = Grouper()
    words = [
        f"{a}{b}"
        for a in ("mor", "tal", "fen", "gul", "sev", "dor", "kip", "rel")
        for b in ("an", "ek", "il", "os", "ur")
    ]

    def made(k: int) -> Document:
        title = " ".join(words[(k * step + shift) % 40].title() for shift, step in enumerate((1, 3, 7, 11, 13, 17)))
        return Document(k, f"{title} {k % 997}", "", START, f"outlet{k % 50}.example")

    def spent(first: int, last: int) -> float:
        started = time.process_time()
        for k in range(first, last):
            grouper.add(made(k))
        return time.process_time() - started

    early = spent(0, 500)
    spent(500, 1500)
    assert spent(1500, 2000) < 6 * early + 1.0
    grouper.tidy(START)


class Endpoint:
    """Gives each text a vector of 8 figures; while it is down one zero, as `EndpointEncoder` before a response."""

    name = "endpoint"

    def __init__(self) -> None:
        self.is_down = False

    def encode(self, texts: Sequence[str]) -> Vector:
        if self.is_down:
            return np.zeros((len(texts), 1), np.float32)
        return np.full((len(texts), 8), 8**-0.5, np.float32)


def test_an_encoder_that_did_not_respond_once_stops_nothing() -> None:
    """Its vector is shorter than those of the other articles of the story."""
    documents = [replace(one, source=f"outlet {one.entry}") for one in stream(*QUAKE_PERU)]
    later = replace(documents[0], entry=99, source="another outlet")
    for down in documents:
        endpoint = Endpoint()
        grouper = Grouper(encoder=endpoint)
        placed = []
        for document in documents:
            endpoint.is_down = document is down
            decision = grouper.add(document)
            reading = grouper.readings([document.entry])[document.entry]
            placed.append(Placed(document, decision.article, decision.story, reading))
        assert decision.action is not Action.OPENS
        endpoint.is_down = False
        again = Grouper(encoder=endpoint)
        again.restore(placed)
        assert again.add(later) == grouper.add(later)
