"""Updates, corrections and timelines: what is news to a recipient of the first report, and what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digests.model import ItemKind, Reported, Source, Story, Summary, Version
from digests.summarize import candidates, opening, standalone
from digests.summarize.changes import timeline, updates
from digests.summarize.changes.corrections import corrections
from digests.summarize.extractive import summarize_story
from digests.summarize.opening import Headline
from tests.support.stories import NOW, source, story

FIRE = "A fire in the harbour of Lund destroyed 12 boats on Sunday, the fire service said."
LATER = NOW + timedelta(hours=1)  # after the edition of `as_reported`
FIRST = source(1, "Fire in Lund harbour destroys 12 boats", FIRE, hours=20)


def as_reported(tale: Story) -> Reported:
    """What a recipient of the story in its present form knows."""
    summary = summarize_story(tale, words=90)
    return Reported(tale.id, NOW, summary.headline, summary.facts, frozenset(s.article for s in tale.sources))


def update(*later: Source, language: str = "en") -> Summary:
    """The update that later articles make of the fire."""
    first = story("fire", FIRST)
    tale = story("fire", FIRST, *later)
    return summarize_story(tale, words=60, kind=ItemKind.UPDATE, reported=as_reported(first), language=language)


ENGLISH = source(
    2, "Owner of burnt Lund boats arrested", "Police arrested the owner of 9 burnt boats, Per Holm, on Monday."
)
GERMAN = source(
    3, "Bootsbesitzer in Lund verhaftet", "Die Polizei nahm am Montag 4 Verdächtige und den Eigner fest.", language="de"
)


def test_an_update_has_the_title_of_what_is_new() -> None:
    assert update(ENGLISH).headline == "Owner of burnt Lund boats arrested"


def test_an_update_speaks_the_readers_language_where_it_can() -> None:
    assert [s.sources for s in update(GERMAN, ENGLISH).sentences] == [(2,)]
    only_german = update(GERMAN)
    assert [s.sources for s in only_german.sentences] == [(1,)]
    assert only_german.headline == FIRST.title, "the title stays in the reader's language"
    assert update(GERMAN, ENGLISH, language="de").headline == GERMAN.title


@pytest.mark.parametrize(
    "text",
    [
        "The two harbours of the town stay shut after the fire in Lund destroyed boats.",
        "A fire in Lund harbour destroyed boats, and 14 May is the day the harbour opens.",
        "The fire of 2026 in the harbour of Lund destroyed boats, the service said.",
        "The fire service said at 14:30 that the fire in the harbour destroyed boats.",
    ],
    ids=["small number", "day of a month", "year", "clock"],
)
def test_a_date_or_a_small_number_makes_no_update(text: str) -> None:
    tale = story("fire", FIRST, source(2, "Lund harbour", text))
    assert updates.news(tale, as_reported(story("fire", FIRST))) == ()


def test_an_update_opens_with_what_its_news_is_about() -> None:
    opening = "The harbour of Lund reopens for boats on Tuesday after the fire, its master announced."
    later = source(2, "Lund harbour reopens", f"{opening} Divers raised 7 wrecks.")
    assert [s.text for s in update(later).sentences] == [opening, "Divers raised 7 wrecks."]
    retold = source(2, "Lund harbour", f"{FIRE} Divers raised 7 wrecks.")
    assert [s.text for s in update(retold).sentences] == ["Divers raised 7 wrecks."]


def test_news_that_two_articles_bring_is_reported_once_with_both() -> None:
    text = "Divers raised 7 wrecks from the harbour on Tuesday."
    (told_once,) = update(source(2, "Wrecks raised", text), source(3, "Harbour", text)).sentences
    assert (told_once.text, told_once.sources) == (text, (1, 2))


def corrected(text: str, title: str) -> Source:
    return replace(FIRST, text=text, title=title, versions=(Version(LATER, FIRST.title, FIRE),), revised=LATER)


def test_a_correction_says_what_is_now_and_not_the_note_that_repeats_the_mistake() -> None:
    note = "Correction: an earlier version of this article said that 12 boats were destroyed."
    changed = corrected(FIRE.replace("12", "9") + " " + note, "Corrected: Fire in Lund harbour destroys 9 boats")
    tale = story("fire", changed)
    found = corrections(tale, as_reported(story("fire", FIRST)))
    assert found
    assert all("12" in c.was and "9" in c.now and "earlier version" not in c.now for c in found)
    summary = summarize_story(tale, words=60, kind=ItemKind.CORRECTION, reported=as_reported(story("fire", FIRST)))
    assert summary.headline == "Fire in Lund harbour destroys 9 boats", "the badge says that it is corrected"


def test_a_note_alone_is_reported_when_the_text_was_left_as_it_was() -> None:
    note = "Correction: the fire in Lund destroyed 9 boats, not 12."
    tale = story("fire", replace(corrected(f"{FIRE} {note}", FIRST.title)))
    assert [c.now for c in corrections(tale, as_reported(story("fire", FIRST)))] == [note]


def test_the_same_news_in_another_language_is_no_moment_but_its_new_number_is() -> None:
    same = source(2, "Feuer im Hafen von Lund", "Ein Feuer.", hours=19, language="de")
    more = source(3, "Incendie de Lund : 15 bateaux détruits", "Un incendie.", hours=18, language="fr")
    later = source(4, "Versicherer streiten um Entschädigung der Fischer", "Der Hafen.", hours=17, language="de")
    moments = timeline.of(story("fire", FIRST, same, more, later))
    assert [m.source for m in moments] == [0, 2, 3]
    assert moments[0].at == NOW - timedelta(hours=20)


def test_a_single_moment_is_no_timeline() -> None:
    assert timeline.of(story("fire", FIRST)) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Eleven others are still being treated.", "en"),
        ("Two of the others were freed.", "en"),
        ("Elf weitere werden noch behandelt.", "de"),
        ("Onze autres sont soignés.", "fr"),
        ("Otras once personas están en el hospital.", "es"),
        ("Ещё 11 человек остаются в больнице.", "ru"),
        ("Ще 11 людей лишаються в лікарні.", "uk"),
    ],
)
def test_more_of_what_was_counted_before_cannot_open_a_summary(text: str, language: str) -> None:
    assert standalone.dangles(text, language)


def test_a_story_of_nothing_but_surroundings_is_reported_as_it_is() -> None:
    only_note = source(1, "Correction", "Correction: the fire in Lund destroyed 9 boats, not 12.")
    assert [s.text for s in summarize_story(story("note", only_note), words=60).sentences] == [only_note.text]
    with_news = story("fire", FIRST, only_note)
    assert only_note.text not in [s.text for s in summarize_story(with_news, words=60).sentences]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A passenger, 71, and a 64-year-old driver of the boats died after the fire on Monday.", "64-year-old"),
        ("El incendio del puerto de Lund ha quemado 4.000 hectáreas desde el lunes.", "4.000 hectáreas"),
        (
            "The fire in the harbour of Lund cost 9 of the boats and 40 % of the piers.",
            "9 of the boats, 40 % of the piers",
        ),
        ("The fire in the harbour of Lund killed at least 98 on Monday, the town said.", "killed at least 98"),
        ("The fire in the harbour of Lund killed 98 people on Monday, the town said.", "killed 98 people"),
        ("The fire in the harbour of Lund left 98 injured, the town said on Monday.", "98 injured"),
        (
            "The fire in the harbour of Lund burnt 43 old wooden boats and 36 harbour cranes on Monday.",
            "43 old wooden boats, 36 harbour cranes",
        ),
        ("The fire in the harbour of Lund was seen by the reporter, 98, on Monday.", ""),
    ],
)
def test_a_number_that_is_news_is_named_with_what_it_counts(text: str, why: str) -> None:
    language = "es" if "hectáreas" in text else "en"
    tale = story("fire", FIRST, source(2, "Later", text, language=language))
    assert ", ".join(updates.new_facts(updates.news(tale, as_reported(story("fire", FIRST))))) == why


@pytest.mark.parametrize(
    ("prefix", "told"), [("Live updates: ", []), ("", ["Mayor Ida Moor closed the ring road at noon."])]
)
def test_the_text_of_a_live_blog_is_not_told_under_a_title_of_which_it_has_no_word(
    prefix: str, told: list[str]
) -> None:
    text = "Mayor Ida Moor closed the ring road at noon. Trams run every hour. Schools stay shut. Shops open late."
    made = update(source(2, f"{prefix}Boat owner of Lund arrested after harbour fire", text))
    assert made.headline == "Boat owner of Lund arrested after harbour fire"
    assert [s.text for s in made.sentences] == told


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("The fire in Lund destroyed 3,000 boats.", "The fire in Lund destroyed at least 1,000 boats.", 0),
        ("The fire in Lund destroyed over 1,000 boats.", "The fire in Lund destroyed 3,000 boats.", 0),
        ("The fire in Lund destroyed 1,000 boats.", "The fire in Lund destroyed 3,000 boats.", 1),
        ("The fire in Lund killed at least 120 people.", "The fire in Lund killed at least 180 people.", 1),
        ("The fire in Lund killed 180 people.", "The fire in Lund killed at least 120 people.", 0),
    ],
)
def test_a_number_within_a_round_bound_is_no_changed_count(before: str, after: str, changes: int) -> None:
    known = story("fire", source(1, "Fire in Lund", before, hours=20))
    found = updates.news(story("fire", *known.sources, source(2, "Later", after)), as_reported(known))
    assert len(list(updates.changed_counts(found))) == changes


def test_a_full_name_is_no_new_fact_where_its_last_word_was_known() -> None:
    known = story("fire", replace(FIRST, title="Moor says the harbour of Lund burns"))
    later = source(
        2, "Later", "Harbour master Ida Moor closed seven old piers for good after Lund lost its lighthouse."
    )
    found = updates.news(story("fire", *known.sources, later), as_reported(known))
    assert "Ida Moor" not in updates.new_facts(found)


def test_that_an_outlet_names_itself_is_no_news() -> None:
    text = "A fire in the harbour of Lund destroyed boats on Sunday, as pictures seen by reporters of Northwire show."
    tale = story("fire", FIRST, source(2, "Later", text, outlet="Northwire"))
    assert "Northwire" not in " ".join(updates.new_facts(updates.news(tale, as_reported(story("fire", FIRST)))))


def test_the_sentences_of_an_update_tell_the_event_of_its_headline_and_do_not_repeat_it() -> None:
    title = "Harbour master of Lund resigns over the fire of 12 boats"
    aside = "Tours of the castle of Arno end in June after 88 years."
    news = "Ida Moor, the harbour master of Lund, resigned on Tuesday after 31 years."
    later = source(2, title, f"{aside} {news}")
    assert [s.text for s in update(later).sentences] == [news]
    again = source(2, title, f"The harbour master of Lund resigns over the fire of 12 boats. {news}")
    assert [s.text for s in update(again).sentences] == [news]


def test_a_title_with_capitals_everywhere_gives_no_names_as_new_facts() -> None:
    later = source(2, "Lund Harbour Opera Tickets, Stage And Premiere Season Revealed", "")
    found = updates.news(story("fire", FIRST, later), as_reported(story("fire", FIRST)))
    assert [one.facts for one in found] == [()]


@pytest.mark.parametrize(
    "text",
    [
        "As more people keep cameras on their doors, more of such sightings become known every year.",
        "Cameras of Ida Moor recorded such sightings for 31 years.",
    ],
)
def test_a_title_alone_tells_an_update_if_no_sentence_is_about_it(text: str) -> None:
    title = "Harbour master of Lund resigns over the fire of 12 boats"
    told = update(source(2, title, text))
    assert (told.headline, told.sentences) == (title, ())


def test_an_update_has_headline_and_first_sentence_of_one_event() -> None:
    kin = source(2, "Boat owners of Lund speak up", "Ida Moor of the boat owners of Lund is sad about 9 lost boats.")
    news = "Per Holm, owner of 9 boats in Lund, was charged with arson on Monday."
    told = update(kin, source(3, "Owner of Lund boats charged with arson", news))
    assert told.headline == "Owner of Lund boats charged with arson"
    assert told.sentences[0].text == news


def test_an_update_that_only_a_live_blog_has_takes_its_headline() -> None:
    blog = source(
        2,
        "Lund live: 20 boats lost in harbour fire of Lund - as it happened",
        "The fire in the harbour of Lund took 20 boats, the fire service now says.",
    )
    told = update(blog)
    assert told.headline == "20 boats lost in harbour fire of Lund"
    assert [s.text for s in told.sentences] == [blog.text]


def test_an_update_whose_news_is_in_no_sentence_reports_the_new_articles_alone() -> None:
    later = source(
        2, "Holm, owner of the burnt boats of Lund, was heard", "Friends of Per Holm ate soup with 40 guests."
    )
    told = update(later)
    assert told.headline == later.title
    assert FIRE not in [s.text for s in told.sentences]


def test_an_update_begins_with_its_newest_development() -> None:
    closed = "The harbour of Lund is closed after two people died in the fire of 12 boats, police said."
    older = source(2, "Lund harbour closed after fire of boats leaves two dead", closed, hours=18)
    also = source(4, "Two die in fire of boats in Lund", "Two people died in the fire of 12 boats in Lund.", hours=16)
    named = "Per Holm was named as one of two people who died when boats burnt in the harbour of Lund."
    newer = source(3, "Lund harbour fire: one of two dead named", named)
    told = update(older, also, newer)
    assert (told.headline, told.sentences[0].text) == (newer.title, named)
    assert closed not in [s.text for s in told.sentences]


def test_others_are_told_only_behind_the_sentence_before_them_in_their_article() -> None:
    text = (
        "Police arrested Per Holm, who owns the boats. Holm hurt a guard. "
        "Nine others were treated for burns in Lund. Two more left a clinic in Orr with cuts."
    )
    tale = story("fire", source(2, "Owner of burnt Lund boats arrested", text))
    arrest, guard, others, more = candidates.of_source(tale, 0)
    title = Headline("Owner of burnt Lund boats arrested", "en", 0)
    assert opening.of_update(title, [arrest, guard, others, more]) == [arrest, guard, others, more]
    assert opening.of_update(title, [arrest, others, more]) == [arrest]
