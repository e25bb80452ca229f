"""Articles that may be of another event: listed, never summarized, never counted as sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digests.choose import choose
from digests.edition import assemble, story_item
from digests.model import DigestSpec, Item, Reported, Source, Story, Trust
from digests.ranking.related import related_last
from digests.reasons import ReasonCode, because
from digests.render.renderer import Renderer
from digests.summarize.extractive import summarize_story
from tests.support import editions as sample
from tests.support.stories import NOW, after_reading, source, story

SPEC = DigestSpec("d")
WIND = "The ministry agreed on Monday to pay Borealis 1 billion for giving up two wind farms off Maren."
CARS = "Halden Motors said on Monday that it would put 1 billion into two car factories in Lund."


def wind(article: int, **more: object) -> Source:
    return source(article, "Borealis is paid 1 billion to give up two wind farms off Maren", WIND, **more)


def cars(article: int, **more: object) -> Source:
    return source(article, "Halden Motors puts 1 billion into car factories in Lund", CARS, part=1, **more)


def reported(of: Story, known: Reported | None = None) -> Item:
    (pick,) = choose([of], {of.id: known} if known else {}, SPEC, NOW).picks
    return story_item(pick, None, SPEC)


def listed(item: Item) -> tuple[list[int], list[int]]:
    return [s.article for s in item.reporting], [s.article for s in item.sources if s.related]


def test_a_story_of_one_part_stays_as_it_is() -> None:
    one = story("s", wind(1), wind(2))
    assert related_last(one) is one


def test_headline_and_summary_are_of_the_part_with_most_outlets_and_the_rest_is_related() -> None:
    item = reported(story("s", cars(1), wind(2), wind(3)))
    assert listed(item) == ([2, 3], [1])
    assert "wind farms" in item.headline
    assert [s.text for s in item.sentences] == [WIND]
    assert item.independent_sources == 2
    assert because(ReasonCode.SOURCES, count=2) in item.reasons


def test_numbers_of_another_event_are_not_compared() -> None:
    here = "The blast in Lund killed 12 people, the fire service said on Monday."
    there = "The blast in Maren killed 15 people, the police said on Monday."
    both = story("s", source(1, "Blast kills 12", here), source(2, "Blast kills 15", there))
    assert summarize_story(both, words=90).disagreements
    parted = replace(both, sources=(both.sources[0], replace(both.sources[1], part=1)))
    assert not reported(parted).disagreements


def test_a_report_leads_before_an_opinion_of_more_outlets() -> None:
    essays = [source(n, "Opinion: The price of the wind farms", CARS, part=1) for n in (1, 2)]
    assert listed(reported(story("s", *essays, wind(3)))) == ([3], [1, 2])


def test_the_newest_part_is_reported_to_those_who_know_the_other() -> None:
    before = story("s", wind(1, hours=30), wind(2, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    item = reported(replace(before, sources=(*before.sources, cars(3)), last=NOW - timedelta(hours=1)), known)
    assert listed(item) == ([3], [1, 2])
    assert "car factories" in item.headline
    assert [moment.source for moment in item.timeline] == [1, 0]  # its reader was told of the other


def test_what_the_recipient_knows_of_the_other_part_is_not_told_as_new() -> None:
    before = story("s", wind(1, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    both = source(3, "Halden Motors puts 1 billion into car factories in Lund", f"{CARS} {WIND}", part=1)
    item = reported(replace(before, sources=(*before.sources, both), last=NOW - timedelta(hours=1)), known)
    assert [s.text for s in item.sentences] == [CARS]


def test_a_timeline_of_what_the_recipient_does_not_know_has_nothing_related() -> None:
    assert not reported(story("s", wind(1, hours=30), cars(3))).timeline


def test_what_was_listed_as_related_is_known_and_does_not_come_again() -> None:
    both = story("s", wind(1), wind(2), cars(3))
    known = after_reading(None, reported(both), NOW)
    assert not choose([both], {"s": known}, SPEC, NOW + timedelta(days=1)).picks


def test_a_withdrawal_or_a_correction_is_never_only_related() -> None:
    both = story("s", wind(1), wind(2), cars(3, withdrawn=True), cars(4, revised=NOW))
    assert [s.related for s in related_last(both).sources] == [False] * 4


def test_a_story_with_something_related_is_no_single_source() -> None:
    item = reported(story("s", wind(1), cars(2)))
    assert (item.independent_sources, item.single) == (1, False)
    assert reported(story("s", wind(1))).single


@pytest.mark.parametrize("output", ["page", "text", "mail"])
def test_every_output_lists_it_with_its_title_and_its_link(output: str) -> None:
    picks = choose([story("s", wind(1), cars(2, url="https://lund.example/cars"))], {}, SPEC, NOW)
    edition = assemble(
        picks, {}, SPEC, edition_id="d", slot=NOW, composed=NOW, period_start=NOW, period_end=NOW, trust=Trust()
    )
    made = getattr(Renderer(), output)(edition, sample.NO_LINKS).content
    assert "Related" in made
    assert "https://lund.example/cars" in made
    assert "Halden Motors puts 1 billion" in " ".join(made.split())
