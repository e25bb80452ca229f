"""Marks of readers move the next edition: what is like a liked story is lifted, what is like a disliked one lowered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.pipeline import feedback as tasting
from aggregator.services.program import Program
from aggregator.store.outgoing import recipients
from aggregator.store.stories import stories
from aggregator.stories.profile.interests import InterestProfile, Mark
from digests.channels.recipient import Recipient
from digests.choose import LESS, MORE, choose
from digests.model import DigestSpec, Story
from digests.render.view.reasons import in_english
from tests.support.apps import DIGEST, newsroom
from tests.support.stored import HOUR
from tests.support.stories import NOW, source, story

pytestmark = pytest.mark.anyio
ALL = ("northwire", "harbour", "ledger", "tidings", "kurier", "vestnik")


async def scores(program: Program) -> dict[str, tuple[float, str]]:
    (composed,) = await program.editions.compose("daily")
    return {p.story.id: (p.score, in_english(p.reasons)) for p in composed.choice.picks}


async def test_marks_lift_and_lower_with_a_reason_and_fade(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL, more=DIGEST + "min_score = 0\n") as (program, clock, _server):
        await program.fetching.fetch()
        program.stories.group()
        before = await scores(program)
        liked, *_, unliked = before
        reader = recipients.ensure(program.db, program.editions.plan("daily").recipients, clock.now())[0].id
        recipients.add_feedback(program.db, reader, liked, 1, clock.now())
        recipients.add_feedback(program.db, reader, unliked, -1, clock.now())
        after = await scores(program)
        assert after[liked][0] > before[liked][0]
        assert "like stories that you wanted more of: " in after[liked][1]
        assert after[unliked][0] < before[unliked][0]
        assert "like stories that you wanted less of: " in after[unliked][1]
        marked = stories.stories(program.db, ids=[liked])[0]
        early = tasting.load_feedback(program.db, [reader], clock.now())
        late = tasting.load_feedback(program.db, [reader], clock.now() + timedelta(days=45))
        assert early is not None
        assert late is not None
        assert late.apply(marked).interests[-1].score < early.apply(marked).interests[-1].score
        await program.aclose()


async def test_no_marks_no_taste_and_marks_of_others_or_of_later_do_not_count(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL, more=DIGEST + "min_score = 0\n") as (program, clock, _server):
        await program.fetching.fetch()
        program.stories.group()
        one, other = recipients.ensure(
            program.db, [Recipient("mail", "a@b.example"), Recipient("mail", "c@d.example")], clock.now()
        )
        first = next(iter(await scores(program)))
        recipients.add_feedback(program.db, one.id, first, 1, clock.now())
        assert tasting.load_feedback(program.db, [], clock.now()) is None
        assert tasting.load_feedback(program.db, [other.id], clock.now()) is None
        assert tasting.load_feedback(program.db, [one.id], clock.now() - HOUR) is None
        recipients.add_feedback(program.db, one.id, "no-such-story", 1, clock.now())
        assert tasting.load_feedback(program.db, [one.id], clock.now()) is not None
        await program.aclose()


SUBJECTS = {
    "race": ("Vera Holm wins the hill stage of the cycling tour", "Cyclist Vera Holm won the hill stage of the tour."),
    "harbour": ("Port Hale opens a second harbour basin", "The basin in Port Hale takes ships of 300 metres."),
    "school": ("Orr gets a school for six hundred pupils", "The council of Orr approved the building on Monday."),
    "museum": ("Museum in Lund shows maps of the north", "Forty maps are on show in Lund until May."),
    "bakery": ("Bakers in Hale agree on shorter nights", "The bakers of Hale will start at four from June."),
    "library": ("Library in Orr lends tools as well", "Drills and ladders can be borrowed in Orr."),
    "tram": ("Tram line to the airport closes for repairs", "Buses replace the tram until the end of June."),
    "vote": ("Parliament passes the budget after a night of talks", "The budget passed with 61 votes to 58."),
}


def day(outlets: dict[str, int]) -> list[Story]:
    """One story of each subject, from one outlet unless said otherwise."""
    made = []
    for number, (name, (title, text)) in enumerate(SUBJECTS.items()):
        voices = [source(number * 100 + k, title, text) for k in range(outlets.get(name, 1))]
        made.append(story(name, *voices))
    return made


def order(profile: tasting.FeedbackProfile | None) -> list[str]:
    """The names of a day's stories in order of their scores."""
    stories_of_day = day({"vote": 7, "race": 1, "harbour": 2})
    marked = [profile.apply(one) if profile else one for one in stories_of_day]
    picks = choose(marked, {}, DigestSpec("day"), NOW).picks
    return [pick.story.id for pick in sorted(picks, key=lambda pick: -pick.score)]


def learned(text: str, *, more: bool) -> tasting.FeedbackProfile:
    """What a mark on a text of the day before makes."""
    marks = [Mark(text, True, NOW - timedelta(days=1))]
    liked, unliked = (marks, []) if more else ([], marks)
    return tasting.FeedbackProfile(
        InterestProfile.learned(MORE, liked, NOW), InterestProfile.learned(LESS, unliked, NOW)
    )


def test_one_mark_moves_a_new_story_within_a_day_but_not_above_the_news_of_the_day() -> None:
    yesterday = "Vera Holm takes the lead of the cycling tour\nCyclist Vera Holm leads the tour after the time trial."
    before, lifted, lowered = order(None), order(learned(yesterday, more=True)), order(learned(yesterday, more=False))
    assert before[:2] == lifted[:1] + before[1:2] == ["vote", "harbour"]
    assert lifted.index("race") == 1
    assert before.index("race") >= 2
    assert lowered[-1] == "race", "it sinks, but stays in the edition"
    others = [[name for name in found if name != "race"] for found in (before, lifted, lowered)]
    assert others[0] == others[1] == others[2]


def test_two_marks_lower_a_story_more_than_one() -> None:
    title, text = SUBJECTS["race"]
    race = story("race", source(1, title, text))
    marks = [Mark(f"{title}\n{text}", True, NOW - timedelta(days=days)) for days in (1, 2)]
    lowered = [
        tasting.FeedbackProfile(
            InterestProfile.learned(MORE, [], NOW), InterestProfile.learned(LESS, marks[:count], NOW)
        )
        .apply(race)
        .interests[-1]
        .score
        for count in (1, 2)
    ]
    assert lowered[1] < lowered[0] < 0


def test_a_mark_that_was_taken_back_changes_nothing(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire") as (program, clock, _server):
        one = recipients.ensure(program.db, [Recipient("mail", "a@b.example")], clock.now())[0].id
        recipients.add_feedback(program.db, one, "race", 1, clock.now())
        assert tasting.load_feedback(program.db, [one], clock.now()) is not None
        recipients.add_feedback(program.db, one, "race", 0, clock.now())
        assert tasting.load_feedback(program.db, [one], clock.now()) is None
