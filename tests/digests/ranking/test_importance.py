"""What makes a story important, among what else is reported. The texts are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digests.model import Match, Story
from digests.ranking import importance, vocabulary
from digests.ranking.importance import is_teaser, measures, parts, surroundings, within_an_hour
from tests.support.stories import NOW, source, story


def points(one: Story, others: list[Story]) -> float:
    """The points of a story among others."""
    return sum(parts(measures(one, surroundings([one, *others]))).values())


def filler(count: int, title: str = "Council of Orr meets on Monday") -> list[Story]:
    """Stories that say nothing of importance."""
    return [story(f"f{n}", source(100 + n, f"{title} {n}"), topic="Culture") for n in range(count)]


def test_the_vocabulary_finds_words_by_their_stems_in_each_language() -> None:
    assert vocabulary.hits("Twelve killed as missile hits Orr", "en") == {"acts": 1, "deaths": 1, "war": 1}
    assert "disaster" in vocabulary.hits("Schweres Erdbeben erschüttert Orr", "de")
    assert "election" in vocabulary.hits("Élections à Orr : second tour dimanche", "fr")
    assert "deaths" in vocabulary.hits("Al menos doce muertos en Orr", "es")
    assert "war" in vocabulary.hits("Ракетный удар по Орру", "ru")
    assert "war" in vocabulary.hits("Ракета влучила в Орр", "uk")
    assert "disaster" in vocabulary.hits("زلزال يضرب المدينة", "ar")
    assert vocabulary.hits("Orr opens a new bridge", "en") == {}, "a phrase is no single word"
    assert vocabulary.hits("Die Sonne scheint über dem Hafen", "de") == {}, "the German article is no death"


def test_every_group_and_every_measure_has_a_weight_of_the_right_sign() -> None:
    known = importance.weights()
    for group in vocabulary.groups():
        reaches = group in importance.REACH
        weight = known[f"reach:{group}" if reaches else f"soft:{group}"]
        assert weight >= 0 if reaches else weight <= 0
    assert known["outlets"] > 0


def test_reach_raises_and_softness_lowers() -> None:
    others = filler(20)
    plain = story("p", source(1, "Orr opens a new bridge"), topic="Culture")
    deadly = story("d", source(2, "Twelve killed in Orr explosion"), topic="Culture")
    soft = story("s", source(3, "Star shows engagement outfit and hair"), topic="Culture")
    assert points(deadly, others) > points(plain, others) > points(soft, others)


def test_what_all_stories_have_says_nothing() -> None:
    games = [story(f"g{n}", source(n, f"Chess club cooks recipe {n}"), topic="Sport") for n in range(40)]
    among_games = parts(measures(games[0], surroundings(games)))
    among_others = parts(measures(games[0], surroundings([games[0], *filler(40)])))
    assert abs(among_games["soft:lifestyle"]) < abs(among_others["soft:lifestyle"]) / 3
    assert abs(among_games["topic:Sport"]) < abs(among_others["topic:Sport"]) / 3


def test_more_outlets_count_and_one_outlet_counts_once() -> None:
    apart = [source(n, "Fire in Orr", outlet=f"Outlet {n}") for n in range(4)]
    alone = [source(n, "Fire in Orr", outlet="North") for n in range(4)]
    assert importance.outlets(apart) > importance.outlets(alone) == importance.outlets(alone[:1])


def test_an_outlet_alone_that_writes_again_counts_less_than_a_second_outlet_however_often() -> None:
    others = filler(20)
    once, twice, often = (
        story("s", *(source(n, f"Fire in Orr, report {n}", outlet="North") for n in range(count)), topic="World")
        for count in (1, 2, 9)
    )
    two = story("s", *(source(n, f"Fire in Orr, report {n}", outlet=f"Outlet {n}") for n in range(2)), topic="World")
    same = story("s", *(source(n, "Fire in Orr, report 0", outlet="North") for n in range(2)), topic="World")
    assert points(two, others) > points(twice, others) == points(often, others) > points(once, others)
    assert points(same, others) == points(once, others)


def test_outlets_within_an_hour_are_counted_by_their_first_articles() -> None:
    at = (NOW, NOW - timedelta(minutes=30), NOW - timedelta(minutes=59), NOW - timedelta(hours=5))
    sources = [source(n, "Fire", hours=0, published=moment) for n, moment in enumerate(at)]
    assert importance.within_an_hour(sources) == 3
    assert importance.within_an_hour([]) == 0


def test_a_story_that_others_name_is_part_of_a_theme() -> None:
    terms = (("karthia", 3.0), ("blockade", 2.0))
    one = story("a", source(1, "Karthia closes the strait"), terms=terms)
    others = [story(f"o{n}", source(10 + n, "Karthia and oil"), terms=terms) for n in range(6)]
    assert (
        measures(one, surroundings([one, *others]))["theme"] > measures(one, surroundings([one, *filler(6)]))["theme"]
    )


def test_topics_count_by_their_confidence() -> None:
    sure = story("a", source(1, "Orr meets"), topics=(Match("Health", 0.9),))
    unsure = story("b", source(2, "Orr meets"), topics=(Match("Health", 0.45),))
    assert points(sure, filler(20)) < points(unsure, filler(20))


def test_dates_that_cannot_be_believed_make_no_speed() -> None:
    unset = datetime(1970, 1, 1, tzinfo=UTC)
    tale = [source(n, "Fire", hours=20 * n, published=unset) for n in range(1, 5)]
    assert within_an_hour(tale) == 0


@pytest.mark.parametrize(
    ("title", "language", "teases"),
    [
        ("You will not believe what happened", "en", True),
        ("Why the mayor left", "en", True),
        ("What I learned in Orr", "en", True),
        ("EU agrees on a budget", "en", False),
        ("World War I bomb found in Orr", "en", False),
        ("Was the mayor told", "en", False),
        ("Salvati i migranti al largo di Orr", "it", False),
        ("Tusk i Duda w Warszawie", "pl", False),
        ("Warum der Bürgermeister geht", "de", True),
    ],
)
def test_a_teaser_is_known_by_the_words_of_its_own_language(title: str, language: str, teases: bool) -> None:
    assert is_teaser(title, language) is teases


def test_one_title_alone_does_not_say_that_people_were_killed() -> None:
    bill = source(1, "Council moves to kill the ferry bill", "The council of Orr votes on the ferries on Monday.")
    assert not importance.is_meant(story("s", bill), "deaths")
    assert importance.is_meant(story("s", replace(bill, text="Three people were killed on the ferry.")), "deaths")
    assert importance.is_meant(story("s", bill, source(2, "Three killed on the ferry of Orr")), "deaths")


def test_what_only_one_trade_writes_about_is_light() -> None:
    sport = [story(f"s{n}", source(n, f"Orr wins game {n}", outlet="game.example"), topic="Sport") for n in range(3)]
    news = [
        story(f"n{n}", source(10 + n, f"Storm {n}", outlet="Orr Herald"), topic=("World", "Sport")[n % 2])
        for n in range(4)
    ]
    trade = importance.trade_press([*sport, *news])
    assert trade == {"game.example"}
    assert importance.trade_press([*sport[:2], *news]) == frozenset(), "two stories do not show what an outlet is for"
    club = source(20, "Club of Orr has a new owner", outlet="game.example")
    assert importance.is_light(story("c", club), trade)
    assert not importance.is_light(story("c", club, source(21, "Club is sold", outlet="Orr Herald")), trade)


@pytest.mark.parametrize("title", ["Meteor lights up the sky of Orr", "Feuerkugel über Hale gesehen"])
def test_a_curious_sight_is_light(title: str) -> None:
    language = "de" if "Feuer" in title else "en"
    assert importance.is_light(story("s", source(1, title, language=language), language=language), frozenset())
