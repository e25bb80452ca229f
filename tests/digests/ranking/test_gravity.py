"""How grave a story is beside its score: its affair, its kind and its topic. The texts are invented."""

from __future__ import annotations

import pytest

from digests.choose import choose
from digests.model import Choice, DigestSpec, Story
from digests.ranking.gravity import affairs, gravity
from digests.ranking.order import ALSO, TOP
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("daily", max_words=10_000)
WAR = ("kestia", "orrland")


def tale(name: str, outlets: int, *terms: str, title: str = "", topic: str = "World") -> Story:
    """A story of so many outlets with these terms and three of its own."""
    own = (f"{name}-a", f"{name}-b", f"{name}-c")
    title = title or f"Council of {name} approves a plan for its harbour"
    number = sum(map(ord, name)) * 50
    sources = (source(number + k, title, f"{title}.", outlet=f"Outlet {name} {k}") for k in range(outlets))
    return story(name, *sources, topic=topic, terms=tuple((term, 1.0) for term in (*terms, *own)))


def quiet(count: int = 16) -> list[Story]:
    """Stories of different affairs, of two outlets each."""
    return [tale(f"town{n}", 2, topic=("Politics", "Business", "World")[n % 3]) for n in range(count)]


def section(choice: Choice, name: str) -> list[str]:
    """The stories of a section."""
    return [pick.story.id for pick in choice.picks if pick.section == name]


def test_an_affair_is_as_large_as_the_other_stories_that_share_its_terms() -> None:
    sizes = affairs([tale("raid", 1, *WAR), tale("talks", 2, *WAR), tale("oil", 3, "kestia"), tale("fair", 9)])
    assert sizes["fair"] == 0.0
    assert sizes["raid"] == pytest.approx(2 + 3)  # all alike by more than a fifth
    assert sizes["talks"] == pytest.approx(1 + 3)


def test_what_shares_little_counts_little() -> None:
    common = (("kestia", 1.0),)
    near = story("near", source(1, "Raid"), terms=(*common, ("raid", 1.0)))
    far = story("far", source(2, "Shoe fair"), terms=(*common, ("shoe", 9.0)))
    assert 0 < affairs([near, far])["near"] < 0.5


def test_deaths_and_the_world_are_graver_and_teasers_and_fields_less() -> None:
    plain = gravity("Politics", {}, 0.0)
    assert gravity("World", {}, 0.0) > plain > gravity("Technology", {}, 0.0)
    assert gravity("Politics", {"reach:deaths": 1.0}, 0.0) > plain > gravity("Politics", {"teaser": 1.0}, 0.0)
    assert gravity("Politics", {}, 20.0) > gravity("Politics", {}, 2.0) > plain
    assert gravity("Ferries", {}, 0.0) == plain  # a topic of the user's own


def test_a_war_in_many_small_stories_leads_a_bigger_story_of_no_affair() -> None:
    war = [tale(f"war{n}", 3 if n < 2 else 1, *WAR) for n in range(12)]
    studio = tale("studio", 4, title="Court orders studio to take its head back", topic="Business")
    choice = choose([*war, studio, *quiet()], {}, SPEC, NOW)
    by_score = max(choice.picks, key=lambda pick: pick.score)
    assert by_score.story.id == "studio"
    assert section(choice, TOP)[0] in ("war0", "war1")
    assert "studio" in (*section(choice, TOP), *section(choice, ALSO))


def test_an_event_of_nine_outlets_leads_a_small_story_of_a_war() -> None:
    war = [tale(f"war{n}", 2 if n < 2 else 1, *WAR) for n in range(12)]
    choice = choose([*war, tale("quake", 9, title="Earthquake kills 40 in Lund"), *quiet()], {}, SPEC, NOW)
    assert choice.picks[0].story.id == "quake"


def test_the_days_largest_affair_is_among_the_first_stories_even_if_each_of_its_stories_is_small() -> None:
    war = [tale(f"war{n}", 1, *WAR) for n in range(12)]
    choice = choose([*war, *quiet()], {}, SPEC, NOW)
    assert sum(name.startswith("war") for name in section(choice, TOP)) == 1
    assert len([*section(choice, TOP), *section(choice, ALSO)]) == 10
