"""Reasons are said only where the articles of the story show them. The texts are invented."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.choose import choose
from digests.model import DigestSpec, Source, Story
from digests.ranking.importance import surroundings, within_an_hour
from digests.ranking.why import because_of_reach, without_common_names
from digests.reasons import ReasonCode, because
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("daily", max_words=10_000)
POINTS = {"reach:deaths": 0.03, "reach:court": 0.03}


def codes(tale: Story) -> set[ReasonCode]:
    """The codes of the reasons with which the only story is chosen."""
    (pick,) = choose([tale], {}, SPEC, NOW).picks
    return {reason.code for reason in pick.reasons}


def dated(number: int, minutes: int | None) -> Source:
    """An article that was fetched five minutes ago, and published so many minutes ago if it says so."""
    published = None if minutes is None else NOW - timedelta(minutes=minutes)
    return source(number, "Orr opens a bridge", hours=1 / 12, published=published)


@pytest.mark.parametrize(("minutes", "said"), [(20, True), (600, False), (None, False)])
def test_what_a_fetch_just_brought_is_news_of_this_hour_only_if_it_is_dated_so(minutes: int | None, said: bool) -> None:
    assert (ReasonCode.THIS_HOUR in codes(story("s", dated(1, minutes)))) is said


def test_the_age_of_what_is_older_than_a_day_is_said() -> None:
    assert not {ReasonCode.HOURS_AGO, ReasonCode.DAYS_AGO} & codes(story("s", source(1, "Orr opens", hours=7)))
    assert ReasonCode.HOURS_AGO in codes(story("s", source(1, "Orr opens a bridge", hours=30)))
    assert ReasonCode.DAYS_AGO in codes(story("s", source(1, "Orr opens a bridge", hours=80)))


def test_outlets_are_fast_only_by_their_own_dates() -> None:
    assert within_an_hour([dated(n, 600) for n in range(4)]) == 4
    assert within_an_hour([dated(n, None) for n in range(4)]) == 0


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        (("Ferry fire kills 12 in Orr", "At least 12 dead as ferry burns"), True),
        (("Fähre brennt vor Orr: 12 Tote", "Zwölf Tote bei Brand auf Fähre"), True),
        (("Ada Brook, mayor of Orr, dies at 81", "Mayor Ada Brook is dead at 81"), False),
        (("Bank settles lawsuit of fraud victims", "Victims of fraud get $72 million"), False),
        (("Ferry fire kills 12 in Orr", "A bad day for Orr"), False),
    ],
)
def test_many_people_are_affected_where_two_articles_count_them(titles: tuple[str, ...], said: bool) -> None:
    german = titles[0].startswith("Fähre")
    sources = (source(n, one, f"{one}.", language="de" if german else "en") for n, one in enumerate(titles))
    reasons = because_of_reach(story("s", *sources), POINTS)
    assert [reason.values for reason in reasons] == ([(("about", ("deaths",)),)] if said else [])


def test_names_of_outlets_and_of_half_the_day_are_no_news() -> None:
    tale = story("s", source(1, "Brook speaks", outlet="www.northwire.example"), terms=(("brook", 1.0),))
    day = [story(f"d{n}", source(10 + n, f"Kest {n}"), terms=(("kest", 1.0),)) for n in range(6)]
    around = surroundings([tale, *day])
    reason = because(ReasonCode.NEW_FACTS, words=("Northwire", "Kest", "Ada Lund", "12 dead"))
    assert without_common_names(reason, tale, around).values == (("words", ("Ada Lund", "12 dead")),)
    nothing = because(ReasonCode.NEW_FACTS, words=("Northwire", "Kest"))
    assert without_common_names(nothing, tale, around) == because(ReasonCode.NEW_DETAILS)


@pytest.mark.parametrize(
    ("name", "outlet", "said"),
    [
        ("EU", "Reuters", True),
        ("Ian", "The Guardian", True),
        ("Ada Lund", "Lund Post", True),
        ("Reuters", "Reuters", False),
        ("New York Times", "The New York Times", False),
        ("Guardian", "www.theguardian.com", False),
        ("NBC", "nbcnews.com", False),
    ],
)
def test_letters_inside_the_name_of_an_outlet_are_no_name_of_it(name: str, outlet: str, said: bool) -> None:
    tale = story("s", source(1, "Brook speaks", outlet=outlet))
    reason = without_common_names(because(ReasonCode.NEW_FACTS, words=(name,)), tale, surroundings([tale]))
    assert (reason.code is ReasonCode.NEW_FACTS) is said
