"""Two steps of one affair stand side by side. The texts are invented."""

from __future__ import annotations

from collections.abc import Sequence

from digests.model import Form, ItemKind, Pick
from digests.ranking.steps import side_by_side
from tests.support.stories import source, story

HARBOUR = ("harbour", "ferry", "collision")


def pick(name: str, score: float, *terms: str, topic: str = "World", section: str = "", light: bool = False) -> Pick:
    """A story with these terms, three of its own and one that all stories have."""
    weights = tuple((term, 1.0) for term in (*terms, "president", *(f"{name}{n}" for n in range(3))))
    one = story(name, source(sum(map(ord, name)), f"News of {name}"), topic=topic, terms=weights)
    return Pick(one, ItemKind.NEW, topic, score, section=section, light=light)


def edition(step: Pick) -> list[Pick]:
    """Three top stories, the first of them of the harbour, six others and at last the further step."""
    top = [pick(f"top{n}", 0.6, *(HARBOUR if n == 0 else ()), section="Top stories") for n in range(3)]
    return [*top, *(pick(f"other{n}", 0.5) for n in range(7)), step]


def names(picks: Sequence[Pick]) -> list[str]:
    """The ids in order."""
    return [one.story.id for one in picks]


def test_a_big_further_step_comes_right_after_the_first() -> None:
    shown = side_by_side(edition(pick("inquiry", 0.65, *HARBOUR, topic="Incidents")))
    assert names(shown)[:3] == ["top0", "inquiry", "top1"]
    assert shown[1].section == "Top stories"
    assert len(shown) == 11


def test_a_small_step_stays_in_its_section_and_a_light_one_too() -> None:
    assert names(side_by_side(edition(pick("inquiry", 0.4, *HARBOUR))))[-1] == "inquiry"
    assert names(side_by_side(edition(pick("song", 0.9, *HARBOUR, light=True))))[-1] == "song"
    opinion = pick("essay", 0.9, *HARBOUR)
    assert (
        names(
            side_by_side([*edition(opinion)[:-1], Pick(opinion.story, ItemKind.NEW, "World", 0.9, form=Form.OPINION)])
        )[-1]
        == "essay"
    )


def test_steps_of_one_affair_meet_in_the_section_of_their_topic_only() -> None:
    others = [pick(f"other{n}", 0.5, topic="Politics") for n in range(9)]
    house, senate = pick("house", 0.5, *HARBOUR, topic="Politics"), pick("senate", 0.3, *HARBOUR, topic="Politics")
    shown = side_by_side([house, *others, senate])
    assert names(shown)[:2] == ["house", "senate"]
    assert {one.section for one in shown} == {""}
    elsewhere = pick("bank", 0.5, *HARBOUR, topic="Business")
    assert names(side_by_side([house, *others, elsewhere]))[-1] == "bank"


def test_what_all_stories_name_is_no_affair() -> None:
    picks = [pick(f"other{n}", 0.5, topic="Politics") for n in range(12)]
    assert names(side_by_side(picks)) == names(picks)
