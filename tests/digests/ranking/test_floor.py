"""The lowest score of an edition."""

from __future__ import annotations

from dataclasses import replace

from digests.choose import choose
from digests.model import DigestSpec, Form, ItemKind, Match, Pick, Reported, Story
from digests.ranking.floor import ALWAYS, lowest_score
from digests.ranking.limits import EditionLimits, is_plenty
from digests.reasons import Reason, ReasonCode, because
from tests.support.stories import NOW, source, story


def test_trifles_are_left_out_beside_big_stories() -> None:
    scores = [0.8] * 12 + [0.7, 0.5]
    assert 0.5 < lowest_score(scores, 0.28) < 0.7


def test_stories_of_one_size_all_stay() -> None:
    scores = [0.44, *([0.42] * 20), 0.40]
    assert lowest_score(scores, 0.28) < 0.40


def test_a_few_stories_are_no_edition_to_compare_with() -> None:
    scores = [1.2] * 6 + [0.4] * 4
    assert lowest_score(scores, 0.28) > 0.4
    assert lowest_score(scores[: ALWAYS - 1], 0.28) == 0.28


def test_a_digest_with_min_score_0_takes_trifles_too() -> None:
    assert lowest_score([0.8] * 12 + [0.1], 0.0) == 0.0


def test_an_edition_is_shorter_rather_than_filled_up() -> None:
    big = [
        story(
            f"b{n}", *(source(100 * n + k, f"Flood {n} in Orr", outlet=f"Outlet {k}") for k in range(7)), topic="World"
        )
        for n in range(12)
    ]
    small = story("small", source(9999, "A duck in Lund", outlet="Outlet 1"), topic="World")
    spec = DigestSpec("d", max_words=10_000, min_score=0.28)
    choice = choose([*big, small], {}, spec, NOW)
    assert {held.story: held.reason.code for held in choice.held} == {"small": ReasonCode.LOW_SCORE}
    assert choose([*big, replace(small, must=True)], {}, spec, NOW).held == ()
    assert choose([small], {}, spec, NOW).held == ()


SPEC = DigestSpec("d", max_stories=50, max_words=10_000, min_score=0.28)


def flood(number: int, outlets: int = 7) -> Story:
    articles = (source(100 * number + k, f"Flood {number} in Orr", outlet=f"Outlet {k}") for k in range(outlets))
    return story(f"f{number}", *articles, topic="World")


def test_wishes_do_not_leave_out_the_news_beside_them() -> None:
    news = [flood(n, outlets=2) for n in range(12)]
    liked = [replace(flood(n, outlets=2), interests=(Match("rivers", 0.9),)) for n in range(20, 32)]
    raised = [replace(flood(n, outlets=2), boost=0.5) for n in range(40, 52)]
    for wished in (liked, raised):
        held = choose([*news, *wished], {}, SPEC, NOW).held
        assert ReasonCode.LOW_SCORE not in {one.reason.code for one in held}


def test_two_small_stories_are_an_edition() -> None:
    assert choose([flood(1, outlets=1), flood(2)], {}, SPEC, NOW).held == ()


def test_a_correction_is_never_too_small() -> None:
    small = story("small", source(9999, "A duck in Lund", outlet="Outlet 1", withdrawn=True), topic="World")
    known = Reported("small", NOW, "A duck in Lund", frozenset({"s:duck"}), frozenset({9999}))
    choice = choose([*(flood(n) for n in range(12)), small], {"small": known}, SPEC, NOW)
    assert [pick.kind for pick in choice.picks if pick.story.id == "small"] == [ItemKind.CORRECTION]


def test_every_story_is_picked_or_held() -> None:
    stories = [flood(n, outlets=1 + n % 8) for n in range(40)]
    choice = choose(stories, {}, SPEC, NOW)
    assert len(choice.picks) + len(choice.held) == choice.seen == len(stories)
    assert len(choice.picks) >= ALWAYS


def test_copies_of_one_text_do_not_make_an_edition_short() -> None:
    text = "The river Orr flooded the road to the village at noon. " * 5
    copies = [
        story(f"c{n}", *(source(9000 + 10 * n + k, "River rises", text, outlet=f"Outlet {k}") for k in range(7)))
        for n in range(9)
    ]
    small = [flood(n, outlets=1) for n in range(20)]
    choice = choose([*copies, *small], {}, SPEC, NOW)
    reasons = {held.reason.code for held in choice.held}
    assert len(choice.picks) == ALWAYS
    assert reasons == {ReasonCode.SAME_TEXT, ReasonCode.LOW_SCORE}
    assert len(choice.picks) + len(choice.held) == choice.seen


def refused(pick: Pick, *, usually_light: bool = False) -> Reason | None:
    """Why an edition that has its first stories does not take the pick; the lowest score is 0.5."""
    limits = EditionLimits((), 50, 0.5, usually_light=usually_light)
    for _ in range(ALWAYS):
        limits.take(replace(pick, form=Form.REPORT))
    return limits.refusal(pick)


def test_a_light_story_needs_more_than_another_of_its_size() -> None:
    town = Pick(flood(1), ItemKind.NEW, "World", 0.52)
    game, product = replace(town, topic="Sport"), replace(town, light=True)
    listed = replace(town, form=Form.LIST)
    assert refused(town) is None
    for light in (game, product, listed):
        assert refused(light) == because(ReasonCode.LOW_SCORE, score=0.52, least=0.55)
        assert refused(replace(light, score=0.56)) is None
        asked = replace(light, story=replace(light.story, interests=(Match("the team", 0.9),)))
        assert refused(asked) is None
        assert refused(light, usually_light=True) is None, "where most stories are light"


def test_what_only_one_outlet_has_of_a_light_story_needs_more() -> None:
    shared = replace(Pick(flood(1), ItemKind.NEW, "World", 0.57), light=True)
    alone = replace(shared, story=flood(1, outlets=1))
    known = frozenset(one.article for one in shared.story.sources[1:])
    repeated = replace(shared, kind=ItemKind.UPDATE, reported=Reported(shared.story.id, NOW, "", frozenset(), known))
    assert refused(shared) is None
    for light in (alone, repeated):
        assert refused(light) == because(ReasonCode.LOW_SCORE, score=0.57, least=0.59)
        assert refused(replace(light, score=0.6)) is None
    listed = replace(alone, form=Form.LIST, score=0.6)
    assert refused(listed) == because(ReasonCode.LOW_SCORE, score=0.6, least=0.65)


def test_a_story_of_one_outlet_on_an_event_that_is_in_needs_more() -> None:
    terms = (("flood", 1.0), ("orr", 1.0))
    first = Pick(replace(flood(1), terms=terms), ItemKind.NEW, "World", 0.6)
    second = Pick(replace(flood(2, outlets=1), terms=terms), ItemKind.NEW, "World", 0.52)
    other = replace(second, story=replace(second.story, terms=(("mill", 1.0),)))
    limits = EditionLimits((), 50, 0.5)
    for _ in range(ALWAYS):
        limits.take(first)
    assert limits.refusal(second) == because(ReasonCode.LOW_SCORE, score=0.52, least=0.59)
    assert limits.refusal(replace(second, score=0.6)) is None
    assert limits.refusal(other) is None
    low = replace(second, score=0.4)
    assert limits.refusal(low) == because(ReasonCode.LOW_SCORE, score=0.4, least=0.5), "compared with no story"
    assert limits.refusal(replace(second, story=replace(flood(2), terms=terms))) is None, "of several outlets"


def test_a_quiet_day_takes_what_only_one_outlet_has() -> None:
    alone = Pick(flood(1, outlets=1), ItemKind.NEW, "Sport", 0.57)
    quiet = EditionLimits((), 50, 0.5, usually_light=False, plenty=False)
    for _ in range(ALWAYS):
        quiet.take(alone)
    assert quiet.refusal(alone) is None
    town, game = replace(alone, topic="World"), alone
    assert is_plenty([town] * 2 * ALWAYS, 0.5)
    assert not is_plenty([town] * 19 + [game], 0.5), "a game is light"
    assert not is_plenty([town] * 2 * ALWAYS, 0.6)


def test_a_digest_of_light_stories_has_no_higher_bound_for_them() -> None:
    games = [replace(flood(n, outlets=7 if n < 12 else 3), topics=(Match("Sport", 0.5),)) for n in range(24)]
    assert choose(games, {}, SPEC, NOW).held == ()


def test_what_only_one_outlet_talks_of_needs_a_higher_score_where_there_is_enough_else() -> None:
    def refused(event: float, *, outlets: int = 1, plenty: bool = True) -> bool:
        sources = [source(n, "Poll on bridges", "Half of them like bridges.") for n in range(outlets)]
        pick = Pick(story("s", *sources, topic="Politics"), ItemKind.NEW, "Politics", 0.6, event=event)
        limits = EditionLimits((), 30, 0.5, usually_light=False, plenty=plenty)
        for _ in range(ALWAYS):
            limits.take(pick)
        return limits.refusal(pick) is not None

    assert refused(-1.0)
    assert not refused(0.0)
    assert not refused(-1.0, outlets=2)
    assert not refused(-1.0, plenty=False)
