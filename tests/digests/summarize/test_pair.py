"""Headline and first sentence of teasers tell one event. The texts are invented."""

from __future__ import annotations

import pytest

from digests.model import Source, Summary
from digests.summarize.extractive import summarize_story
from tests.support.stories import source, story

SEEK = source(
    3,
    "Five rowers of Hale seek refuge in Orr",
    "Five members of the rowing team of Hale have left the team and sought refuge in Orr, officials said on Monday.",
)


def summary(*sources: Source, language: str = "en") -> Summary:
    """The summary of a story reported by these articles."""
    return summarize_story(story("tale", *sources), words=60, language=language)


def texts(*sources: Source, language: str = "en") -> list[str]:
    """The sentences of that summary."""
    return [s.text for s in summary(*sources, language=language).sentences]


def test_both_come_from_the_article_whose_sentence_tells_the_event() -> None:
    old = source(1, "Rowing team of Hale loses its race in Orr", "The rowing team of Hale lost a race in Orr.")
    vague = source(2, "Five rowers of Hale defect in Orr after the race", "Sources say that all are in a safe house.")
    told = summary(old, vague, SEEK)
    assert (told.headline, told.sentences[0].text) == (SEEK.title, SEEK.text)


def test_a_headline_stands_alone_if_the_sentences_are_of_another_event() -> None:
    title = "Minister Arno demands that Orr opens its reserve of grain for the poor of Lund"
    other = source(1, "Opinion | Shares of mills", "Trader Ina Berg sees a crash of shares, as grain is dear.")
    told = summary(other, source(2, title, ""))
    assert (told.headline, told.sentences) == (title, ())


def test_the_title_with_the_newest_toll_takes_the_sentence_of_its_article() -> None:
    accusation = "Hale has accused Orr of a strike on its hospital."
    first = source(1, "Hale accuses Orr of a strike on a hospital", accusation, hours=12)
    last = source(
        2,
        "Strike on hospital in Hale leaves 90 dead, officials say",
        "Rescue crews were digging in the rubble of the hospital in Hale on Tuesday.",
    )
    told = summary(first, last)
    assert (told.headline, told.sentences[0].text) == (last.title, last.text)


@pytest.mark.parametrize(
    ("title", "teaser", "language"),
    [
        ("President Holm of Orr University resigns", "Ina Holm says she \u2018made a mistake\u2019", "en"),
        ("Captain Holm guarded by a man that police shot", "She said the police knew him by another name.", "en"),
        ("Präsidentin Holm tritt in Lund zurück", "Sie habe in Lund einen Fehler gemacht, sagt Holm.", "de"),
        ("La présidente Holm quitte l'université", "Elle dit que la présidente a fait une erreur.", "fr"),
        ("La presidenta Holm deja la universidad", "Ella dice que la presidenta cometió un error.", "es"),
        ("La presidente Holm lascia l'università", "Lei dice che la presidente ha commesso un errore.", "it"),
        ("A presidente Holm deixa a universidade", "Ela diz que a presidente cometeu um erro grave.", "pt"),
        ("Президент Холм покидает университет", "Она сказала, что президент сделал ошибку.", "ru"),
        ("Президентка Холм залишає університет", "Вона сказала, що президентка зробила помилку.", "uk"),
    ],
)
def test_a_teaser_under_its_own_title_may_begin_with_a_pronoun(title: str, teaser: str, language: str) -> None:
    assert texts(source(1, title, teaser, language=language), language=language) == [teaser]


@pytest.mark.parametrize(
    "teaser",
    [
        "\u201cThe ferry is gone and the harbour is closed.\u201d",  # nobody says it
        "But the ferry of Port Hale had sailed for years.",
        "Captain Holm also praised the ferry of Port Hale.",
    ],
)
def test_a_teaser_that_needs_another_sentence_is_left_out(teaser: str) -> None:
    assert not texts(source(1, "Captain Holm leaves the ferry lines of Port Hale", teaser))


def test_a_part_of_a_sentence_gives_way_to_a_whole_one() -> None:
    cut = source(
        1, "Ferry of Hale burns off Orr", "A ferry from Hale burned off Orr and 90 were saved by the crews of their"
    )
    whole = source(2, "Ferry of Hale burns off Orr", "A ferry from Hale burned off Orr and all 90 aboard were saved.")
    assert texts(cut, whole)[0] == whole.text


def test_a_quotation_may_open_and_close_with_unlike_marks() -> None:
    teaser = 'Captain Holm called the fire on the ferry of Hale “a warning to all ports."'
    assert texts(source(1, "Captain Holm warns of fires on the ferry of Hale", teaser)) == [teaser]


def test_a_sentence_that_places_an_event_in_time_is_background() -> None:
    scene = source(1, "Worst flood of Lund in years; leave now", "The flooding comes amid the winter storms of Lund.")
    news = source(2, "Flood in Lund drives 500 out", "Floods in Lund, the worst in years, have driven 500 people out.")
    assert texts(scene, news)[0] == news.text


def test_older_news_does_not_follow_newer() -> None:
    now = source(2, "Hale loses five rowers in Orr", "Five rowers of Hale sought refuge in Orr, officials said.")
    title, race = "Rowers lose the final", "Captain Ina Holm blamed strong winds from Lund."
    assert texts(source(1, title, race), now) == [now.text, race]
    assert texts(source(1, title, race, hours=14), now) == [now.text]


def test_a_teaser_about_what_its_title_names_may_point_at_it() -> None:
    teaser = "This ferry had sailed for forty years between Hale and Orr."
    assert texts(source(1, "Ferry burns off Hale", teaser)) == [teaser]


def test_the_writer_gives_way_to_the_news() -> None:
    writer = source(
        1,
        "Ferry of Hale sails again",
        "I was aboard the ferry of Hale on Monday as bells rang and children sang in the harbour.",
    )
    news = source(2, "Ferry of Hale sails again", "The ferry of Hale left for Orr after repairs.")
    assert texts(writer, news)[0] == news.text


def test_a_teaser_whose_second_sentence_needs_the_first_is_taken_from_its_beginning() -> None:
    title = "Ferry guild of Hale is fined after a regatta"
    begun, then = (
        "Three captains are said to have wagered much silver.",
        "Separately, Orr looks into the regatta of May.",
    )
    assert texts(source(1, title, f"{begun} {then}")) == [begun, then]


@pytest.mark.parametrize(
    ("aside", "kept"),
    [
        ("The regulator has told all travellers to expect long queues.", False),
        ("The developments made the people of Hale fear for summer.", False),
        ("In the first letter, Holm also asked the people of Hale for patience.", False),
        ("The accident closed both bridges of Orr.", True),
    ],
)
def test_a_sentence_of_another_article_names_nothing_as_known_that_was_not_named(aside: str, kept: bool) -> None:
    news = "A tram and a bus collided in Hale and hurt nine people."
    told = texts(source(1, "Tram crash in Hale hurts nine", news), source(2, "Nine hurt in Hale tram crash", aside))
    assert told[0] == news
    assert (aside in told) == kept


def test_a_quotation_without_its_speaker_does_not_follow() -> None:
    news = "The price of salt has risen by a third in Hale, the guild of bakers said."
    quote = "“A bad choice of salt this year could be dear for Hale.”"
    assert texts(source(1, "Salt dear in Hale", news), source(2, "Bakers fear dear salt", quote)) == [news]


def test_a_sentence_with_its_full_stop_comes_before_a_subtitle() -> None:
    title = "Ferry of Hale hits the bridge of Orr"
    subtitle = "Ferry of Hale hits bridge as captain Holm waits for tide"
    whole = "A ferry of Hale struck a bridge on Monday while its captain Holm read letters."
    assert texts(source(1, title, subtitle), source(2, title, whole))[0] == whole


@pytest.mark.parametrize(
    "text",
    [
        "The missiles came days after Orr paused talks about grain.",
        "While most of the coast is wary of Orr, farms on villages are at ease.",
    ],
)
def test_a_headline_stands_alone_above_background(text: str) -> None:
    assert texts(source(1, "Missiles on villages of Lund kill four", text)) == []


def test_what_all_articles_name_does_not_make_a_sentence_one_about_the_headline() -> None:
    caught = "Orr said on Tuesday that it caught the mayor of Hale at her home in Lund."
    other = "Hale and Orr fired rockets at Lund and the towns of the coast on Tuesday."
    first = source(1, "Orr catches mayor of Hale in Lund, Orr says", caught, hours=2)
    told = summary(first, source(2, "Treasurer of Hale caught, Orr says", other))
    assert (told.headline, told.sentences[0].text) == (first.title, caught)


def test_a_quotation_that_asks_gives_way_to_the_headline_alone() -> None:
    quote = '"Is the war worth it? Towns and farms differ," said analyst Ina Berg of Hale.'
    assert texts(source(1, "More people think war makes Hale less safe", quote)) == []


def test_a_taunt_does_not_follow() -> None:
    news = "Hale beat Orr by 59 points on Friday."
    taunt = "If you thought Hale and Orr had a close game, you were asleep."
    assert texts(source(1, "Hale beats Orr by 59 points", news), source(2, "Hale crushes Orr", taunt)) == [news]


def test_an_article_of_days_ago_does_not_tell_how_things_are() -> None:
    old = source(1, "Fever case in Hale", "A case of fever was found in Hale, and Hale names places.", hours=240)
    new = source(
        2, "Hale reports fourth fever case", "Hale has a fourth case of fever. It is kin of the first. All rest."
    )
    assert "A case of fever was found in Hale, and Hale names places." not in texts(old, new)
    assert texts(old) != [], "but where nothing else tells"
