"""Articles that may be of another event: listed, never summarized, never counted as sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from digests.choose import choose
from digests.edition import assemble, story_item
from digests.model import DigestSpec, Item, ItemKind, Reported, Source, Story, Trust, Version
from digests.ranking.related import related_last, with_part
from digests.reasons import ReasonCode, because
from digests.render.renderer import Renderer
from digests.summarize.changes import course
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


def test_old_news_of_a_first_fetch_is_not_the_part_that_is_reported() -> None:
    assert listed(reported(story("s", wind(1, backlog=True), wind(2, backlog=True), cars(3)))) == ([3], [1, 2])


def test_the_newest_part_is_reported_to_those_who_know_the_other() -> None:
    before = story("s", wind(1, hours=30), wind(2, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    item = reported(replace(before, sources=(*before.sources, cars(3)), last=NOW - timedelta(hours=1)), known)
    assert listed(item) == ([3], [1, 2])
    assert "car factories" in item.headline
    assert [moment.source for moment in item.timeline] == [1, 0]  # the recipient knows the other event


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


def test_a_withdrawal_or_a_change_of_what_was_sent_is_never_only_related() -> None:
    changed = {"revised": NOW, "versions": (Version(NOW, "Halden Motors puts 2 billion into Lund", CARS),)}
    both = story("s", wind(1), wind(2), cars(3, withdrawn=True), cars(4, **changed), cars(5, **changed))
    sent = Reported("s", NOW - timedelta(hours=1), articles=frozenset({1, 4}))
    assert [s.article for s in related_last(both, sent).sources if s.related] == [5]
    later = replace(sent, last_reported=NOW + timedelta(hours=1))
    assert [s.article for s in related_last(both, later).sources if s.related] == [4, 5]
    assert [s.article for s in related_last(both).sources if s.related] == [4, 5]


def test_a_withdrawal_is_told_under_the_event_that_was_withdrawn() -> None:
    before = story("s", wind(1, hours=30), wind(2, hours=30), cars(3, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    gone = [replace(one, withdrawn=True) for one in before.sources[:2]]
    item = reported(replace(before, sources=(*gone, before.sources[2])), known)
    assert listed(item) == ([1, 2], [3])
    assert (item.kind, item.retracted) == (ItemKind.CORRECTION, True)
    one = reported(replace(before, sources=(gone[0], *before.sources[1:])), known)
    assert (listed(one), one.retracted) == (([1, 2], [3]), False)
    assert "wind farms" in one.headline


def test_a_part_without_news_is_not_told_again_for_the_news_of_another() -> None:
    before = story("s", wind(1, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    repeated = [wind(2, hours=3), wind(3, hours=3)]
    now = replace(before, sources=(*before.sources, *repeated, cars(4)), last=NOW - timedelta(hours=1))
    item = reported(now, known)
    assert listed(item) == ([4], [1, 2, 3])
    assert [s.text for s in item.sentences] == [CARS]
    assert not choose([now], {"s": after_reading(known, item, NOW)}, SPEC, NOW).picks


def test_a_note_in_an_article_of_another_event_corrects_only_where_it_is_told() -> None:
    before = story("s", wind(1, hours=30))
    known = after_reading(None, reported(before), NOW - timedelta(hours=24))
    note = "Correction: An earlier version of this article misstated the name of the chief of Halden Motors."
    more = source(
        2, "Borealis sells its port in Lund", "Borealis also sells its port in Lund for 300 million.", hours=3
    )
    again = source(3, "Borealis sells its port", "Borealis sells its port in Lund for 300 million.", hours=3)
    noted = replace(cars(4), text=f"{CARS} {note}")
    item = reported(replace(before, sources=(*before.sources, more, again, noted), last=NOW), known)
    assert listed(item) == ([1, 2, 3], [4])
    assert (item.kind, item.corrections) == (ItemKind.UPDATE, ())


def test_articles_are_in_one_order_whatever_part_was_marked_before() -> None:
    one = story("s", cars(1, hours=3), wind(2, hours=2), replace(cars(3), part=2))
    first, *others = ([s.article for s in with_part(with_part(one, n), 1).sources] for n in range(3))
    assert [first] * 2 == others
    assert first == [1, 2, 3]


def test_a_recap_begins_with_the_first_report_of_the_event_it_tells() -> None:
    marked = related_last(story("s", cars(1, hours=60), wind(2, hours=9), wind(3, hours=8), wind(4, hours=1)))
    assert course.first_report(marked).articles == {2, 3}


def test_outlets_that_only_have_something_related_do_not_count_for_an_alert() -> None:
    both = related_last(story("s", wind(1, hours=3), wind(2, hours=2), cars(3)))
    assert course.reached(both, 2) == NOW - timedelta(hours=2)
    assert course.reached(both, 3) is None


def test_the_text_of_a_related_article_keeps_no_other_story_back() -> None:
    both, same = story("s", wind(1), wind(2), cars(3)), story("t", replace(cars(4), part=0))
    assert {pick.story.id for pick in choose([both, same], {}, SPEC, NOW).picks} == {"s", "t"}


def test_victims_of_another_event_are_no_reason() -> None:
    here = [source(n, "Blast kills miner in Lund", "A blast killed a miner in Lund on Monday.") for n in (1, 2, 5)]
    there = [source(n, "Blast kills 15 in Maren", "The blast killed 15 people in Maren.", part=1) for n in (3, 4)]
    affects = because(ReasonCode.REACH, about=("deaths",))
    for sources, told in ((here, False), ([*here, *there], False), ([replace(s, part=0) for s in there], True)):
        (pick,) = choose([story("s", *sources)], {}, SPEC, NOW).picks
        assert any("deaths" in str(reason) for reason in pick.reasons if reason.code is affects.code) == told


@pytest.mark.parametrize("output", ["page", "text", "mail", "atom", "book"])
def test_every_output_lists_it_with_its_title_and_its_link(output: str) -> None:
    picks = choose([story("s", wind(1), cars(2, url="https://lund.example/cars"))], {}, SPEC, NOW)
    edition = assemble(
        picks, {}, SPEC, edition_id="d", slot=NOW, composed=NOW, period_start=NOW, period_end=NOW, trust=Trust()
    )
    if output == "book":
        with ZipFile(BytesIO(Renderer().book(edition, sample.NO_LINKS)[0])) as book:
            made = "".join(book.read(name).decode() for name in book.namelist())
    else:
        given = [edition] if output == "atom" else edition
        made = getattr(Renderer(), output)(given, sample.NO_LINKS).content
    assert "Related" in made
    assert "https://lund.example/cars" in made
    assert "Halden Motors puts 1 billion" in " ".join(made.split())
