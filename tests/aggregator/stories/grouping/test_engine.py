from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.explain import statement
from aggregator.stories.model import NEAREST, Action, Decision, Document, Evidence, GroupingSettings, Placed
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, RATES, START, stream

DOCUMENTS = stream(QUAKE_PERU[0], QUAKE_IRAN[0], RATES[0], QUAKE_PERU[1], RATES[1], QUAKE_IRAN[1], QUAKE_PERU[2])


def decide(documents: list[Document], grouper: Grouper | None = None) -> list[Decision]:
    engine = grouper or Grouper()
    return [engine.add(d) for d in documents]


def test_the_same_event_is_one_story_and_look_alikes_stay_apart() -> None:
    stories = [d.story for d in decide(DOCUMENTS)]
    assert stories[0] == stories[3] == stories[6]
    assert stories[1] == stories[5]
    assert stories[2] == stories[4]
    assert len(set(stories)) == 3


def test_every_decision_is_explained() -> None:
    decisions = decide(DOCUMENTS)
    assert all(d.evidence for d in decisions)
    joined = next(d for d in decisions if d.action is Action.JOINS)
    assert "Arequipa" in " ".join(map(statement, joined.evidence))
    assert 0.5 <= joined.score <= 1


def test_who_opens_a_story_though_another_was_near_is_reported_which_and_why() -> None:
    first, second = decide(
        stream(
            (
                "Striker Strand scores for Kestrel",
                "Owen Strand scored the goal for Kestrel City against Alder Town on Sunday.",
            ),
            (
                "Kestrel City builds a new stand",
                "Kestrel City will build a stand for 4,000 visitors by next summer, its board said.",
            ),
        )
    )
    assert first.action is second.action is Action.OPENS
    assert [statement(e) for e in first.evidence] == ["no open story is similar"]
    assert second.evidence[0] == Evidence(NEAREST, 0.0, (first.entry,))
    said = re.fullmatch(
        r"not similar enough to join: (\d+)% likely to be the same event, and 50% is required",
        statement(second.evidence[1]),
    )
    assert said is not None
    assert round(100 * (1 - second.score)) == int(said[1])
    assert "Kestrel" in " ".join(map(statement, second.evidence[2:]))


def test_ids_are_stable_over_runs() -> None:
    first, second = decide(DOCUMENTS), decide(DOCUMENTS)
    assert [d.story for d in first] == [d.story for d in second]
    assert all(len(d.story) == 10 and d.story.isalnum() for d in first)


@pytest.mark.parametrize("cut", range(len(DOCUMENTS)))
def test_a_restart_decides_as_if_it_had_never_stopped(cut: int) -> None:
    whole = decide(DOCUMENTS)
    grouper = Grouper()
    placed = [Placed(d, w.article, w.story) for d, w in zip(DOCUMENTS[:cut], whole[:cut], strict=True)]
    grouper.restore(placed)
    assert decide(DOCUMENTS[cut:], grouper) == whole[cut:]


@pytest.mark.parametrize("cut", range(1, len(DOCUMENTS)))
def test_a_restart_from_kept_readings_needs_no_text(cut: int) -> None:
    first = Grouper()
    whole = decide(DOCUMENTS[:cut], first)
    kept = first.readings(range(max(d.entry for d in DOCUMENTS) + 1))
    bare = [replace(d, text="") for d in DOCUMENTS[:cut]]
    second = Grouper()
    second.restore(Placed(d, w.article, w.story, kept[d.entry]) for d, w in zip(bare, whole, strict=True))
    assert decide(DOCUMENTS[cut:], second) == decide(DOCUMENTS[cut:], first)


def test_a_reading_that_is_damaged_is_read_again() -> None:
    first, second = Grouper(), Grouper()
    whole = decide(DOCUMENTS[:3], first)
    second.restore(Placed(d, w.article, w.story, b"damaged") for d, w in zip(DOCUMENTS, whole, strict=False))
    assert decide(DOCUMENTS[3:], second) == decide(DOCUMENTS[3:], first)


FOLLOWED = (*QUAKE_PERU[:2], QUAKE_IRAN[0], QUAKE_PERU[2])


@pytest.mark.parametrize("hours", [5, 24, 48])
def test_a_follow_up_that_is_fetched_later_joins_as_if_fetched_together(hours: int) -> None:
    """The outlet published it soon; the feed was asked late."""
    together = stream(*FOLLOWED)
    dated = [replace(d, published=d.arrived) for d in together]
    late = [*dated[:-1], replace(dated[-1], arrived=dated[-1].arrived + timedelta(hours=hours))]
    found = [d.story for d in decide(together)]
    assert found[3] == found[0]
    assert [d.story for d in decide(late)] == found


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_an_index_filled_in_another_order_finds_the_same(order: tuple[int, ...]) -> None:
    documents = stream(*FOLLOWED)
    probe = Document(50, *QUAKE_PERU[1], arrived=documents[-1].arrived, source="late.example")

    def decided(order: Sequence[int]) -> tuple[Evidence, ...]:
        grouper = Grouper()
        grouper.restore(Placed(documents[k], documents[k].entry, "one") for k in order)
        return grouper.add(replace(probe, title="Peru: rescue teams at work in Arequipa")).evidence

    assert decided(order) == decided(range(4))


def test_the_same_text_is_carried_not_reported_again() -> None:
    title, text = QUAKE_PERU[0]
    documents = stream((title, text), ("Deadly earthquake in Peru", f"LIMA (Agency) - {text} Read more on our site."))
    first, second = decide(documents)
    assert second.action is Action.CARRIES
    assert (second.article, second.story) == (first.article, first.story)
    assert "same" in statement(second.evidence[0])


def test_a_quiet_story_ends_and_a_new_one_opens() -> None:
    grouper = Grouper()
    first = grouper.add(DOCUMENTS[0])
    later = DOCUMENTS[0].arrived + timedelta(days=60)
    assert grouper.forget(later - timedelta(seconds=1)) == 0
    assert grouper.forget(later) == 1
    again = Document(99, *QUAKE_PERU[1], arrived=later)
    assert grouper.add(again).story != first.story


def test_of_more_articles_than_are_held_the_quietest_stories_end() -> None:
    grouper = Grouper(GroupingSettings(articles=3))
    decisions = decide(DOCUMENTS, grouper)
    now = DOCUMENTS[-1].arrived
    assert grouper.forget(now) > 0
    kept = grouper.readings(d.entry for d in DOCUMENTS)
    last = max(decisions, key=lambda d: d.entry)
    assert 0 < len(kept) <= 3
    assert last.article in kept
    assert grouper.forget(now) == 0


def test_coarser_granularity_never_gives_more_stories() -> None:
    fine, event, saga = (
        len({d.story for d in decide(DOCUMENTS, Grouper(GroupingSettings(granularity=one)))})
        for one in ("fine", "event", "saga")
    )
    assert fine >= event >= saga
    assert event == 3


@pytest.mark.parametrize(
    "pair",
    [
        (("", ""), ("", "")),
        (("Update", ""), ("Weather", "")),
        (("😀😀😀", "😀"), ("😀🎉", "🎉")),
        (("Live", "Read more. Subscribe."), ("Video", "Read more. Subscribe.")),
        (("a" * 100_000, "b" * 100_000), ("c " * 50_000, "d " * 50_000)),
        (("שלום עולם", "זהו ניסיון"), ("مرحبا بالعالم", "هذه تجربة")),
    ],
    ids=["empty", "one word", "emoji", "boilerplate", "huge", "right-to-left"],
)
def test_poor_texts_never_merge(pair: tuple[tuple[str, str], tuple[str, str]]) -> None:
    first, second = decide(stream(*pair))
    assert first.story != second.story


def test_an_article_in_another_language_is_found_by_the_meaning_of_its_words() -> None:
    grouper = Grouper()
    titles = {1: ("en", "Earthquake destroys houses"), 2: ("en", "Parliament debates taxes"), 3: ("de", "Zwei Hunde")}
    for entry, (language, title) in titles.items():
        grouper.add(Document(entry, title, "", START, f"outlet{entry}", language))
    window = grouper._window
    senses = [
        [n for n in window.articles[slot].terms.tolist() if window.index.words.term(n)[0] == "~"] for slot in (1, 2)
    ]
    assert all(senses)
    for slot, found in zip((1, 2), senses, strict=True):
        sought = np.array(found, np.int32)
        assert window.index.candidates(sought, window.index.weights(sought), 5).tolist() == [slot]


class Alike:
    """An encoder that finds all texts alike."""

    name = "alike"

    def encode(self, texts: Sequence[str]) -> Vector:
        return np.array([(0.6, 0.8) for _ in texts], np.float32)


def test_an_article_without_a_word_is_no_candidate_by_its_meaning() -> None:
    grouper = Grouper(encoder=Alike())
    empty = Document(1, "!?", "", START, language="de")
    told = [empty, *(Document(2 + k, title, text, START, language="en") for k, (title, text) in enumerate(QUAKE_PERU))]
    assert len({decision.story for decision in decide(told, grouper)}) == 2
