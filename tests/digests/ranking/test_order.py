"""Which stories lead an edition, what stays out, and in what order the sections come. The texts are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from digests.choose import choose
from digests.model import Choice, DigestSpec, Form, Match, Reported, Story
from digests.ranking.limits import is_light, usual
from digests.ranking.order import ALSO, OTHER, TOP, arranged
from digests.reasons import ReasonCode
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("daily", max_words=10_000)
TOPICS = ("Sport", "Culture", "Business", "Politics", "World")


def tale(n: int, title: str = "", *, topic: str = "World", outlets: int = 1, **more: object) -> Story:
    """A story of its own event, reported by some outlets."""
    title = title or f"Town {n} opens bridge {n}"
    text = f"The bridge of town {n} carries {n + 200} cars, its mayor said in week {n}."
    sources = (source(n * 20 + k, title, text, outlet=f"Outlet {n}-{k}") for k in range(outlets))
    return story(f"s{n:02}", *sources, topic=topic, **more)  # type: ignore[arg-type]


def many() -> list[Story]:
    """Thirty stories over five topics; the first of each topic are reported by more outlets."""
    return [tale(n, topic=TOPICS[n % 5], outlets=4 if n < 10 else 1) for n in range(30)]


def sections(choice: Choice) -> list[str]:
    """The sections in their order."""
    return list(dict.fromkeys(p.section or p.topic for p in choice.picks))


def test_a_long_edition_begins_with_its_best_stories_and_ends_with_the_soft_sections() -> None:
    choice = choose(many(), {}, SPEC, NOW)
    assert sections(choice) == [TOP, ALSO, "World", "Politics", "Business", "Culture", "Sport"]
    assert [p.section for p in choice.picks[:10]] == [TOP] * 5 + [ALSO] * 5
    assert min(p.score for p in choice.picks[:10]) >= max(p.score for p in choice.picks[10:])


def test_a_story_without_a_sentence_is_no_top_story_and_an_order_can_be_made_again() -> None:
    picks = choose(many(), {}, SPEC, NOW).picks
    assert arranged(picks, SPEC) == picks
    first = picks[0].story.id
    again = arranged([replace(pick, untold=pick.story.id == first) for pick in picks], SPEC)
    assert {p.story.id for p in again} == {p.story.id for p in picks}
    assert [p.section for p in again if p.story.id == first] == [ALSO]


def test_the_digests_own_order_comes_right_after_the_top_stories() -> None:
    choice = choose(many(), {}, DigestSpec("d", max_words=10_000, topics=("Sport", "World", "Culture")), NOW)
    assert sections(choice) == [TOP, "Sport", "World", "Culture"]


def test_a_topic_of_the_users_own_comes_first_and_the_rest_last() -> None:
    stories = [tale(1, topic="Ferries"), tale(2, topic="World"), tale(3, topics=())]
    assert sections(choose(stories, {}, SPEC, NOW)) == ["Ferries", "World", OTHER]


def test_a_short_edition_has_no_top_stories() -> None:
    assert TOP not in sections(choose(many()[:9], {}, SPEC, NOW))


def test_no_opinion_leads_however_many_tell_it() -> None:
    loud = tale(40, "Opinion | Bridges are too long", outlets=9)
    choice = choose([loud, *many()], {}, SPEC, NOW)
    assert TOP not in [p.section for p in choice.picks if p.form is Form.OPINION]
    alone = choose([loud, tale(1), tale(2)], {}, SPEC, NOW)
    assert [p.form for p in alone.picks] == [Form.REPORT, Form.REPORT, Form.OPINION]


def test_offers_and_paid_content_stay_out_unless_asked_for() -> None:
    offer, paid = tale(41, "Deal: 40% off Kest headphones"), tale(42, "Sponsored: Switch to Veltrix now")
    choice = choose([offer, paid, tale(1)], {}, SPEC, NOW)
    assert [p.story.id for p in choice.picks] == ["s01"]
    assert {h.reason.code for h in choice.held} == {ReasonCode.ADVERTISING}
    wanted = tale(41, "Deal: 40% off Kest headphones", interests=(Match("headphones", 0.8),))
    assert len(choose([wanted, tale(1)], {}, SPEC, NOW).picks) == 2
    assert len(choose([tale(41, "Deal: 40% off Kest headphones", must=True), tale(1)], {}, SPEC, NOW).picks) == 2


def test_other_forms_are_few() -> None:
    quizzes = [tale(n, f"Quiz: How well do you know town {n}?", outlets=5) for n in range(50, 60)]
    choice = choose([*quizzes, *many()], {}, SPEC, NOW)
    assert sum(p.form is Form.QUIZ for p in choice.picks) <= 3
    assert ReasonCode.FORM_FULL in {h.reason.code for h in choice.held}


def test_a_form_that_half_of_the_feeds_have_is_what_they_are_for() -> None:
    reviews = [tale(n, f"Kest K{n} review: loud and light") for n in range(20)]
    assert usual([Form.REVIEW] * 20) == [Form.REVIEW]
    assert usual([Form.REVIEW] * 3) == []
    assert len(choose(reviews, {}, SPEC, NOW).picks) == 20


def test_an_edition_of_opinions_alone_has_no_top_stories() -> None:
    opinions = [tale(n, f"Opinion: why town {n} needs bridge {n}", topic=TOPICS[3 + n % 2]) for n in range(14)]
    assert sections(choose(opinions, {}, SPEC, NOW)) == ["World", "Politics"]


def test_a_game_is_no_lead_on_a_day_with_other_top_stories_unless_it_was_asked_for() -> None:
    game = tale(60, "Orr wins the cup", topic="Sport", outlets=9)
    choice = choose([game, *many()], {}, SPEC, NOW)
    assert [p.section for p in choice.picks if p.story.id == "s60"] == [ALSO]
    assert not {"Sport", "Culture"} & {p.topic for p in choice.picks if p.section == TOP}
    wanted = tale(60, "Orr wins the cup", topic="Sport", outlets=9, interests=(Match("cup", 0.9),))
    assert choose([wanted, *many()], {}, SPEC, NOW).picks[0].story.id == "s60"


def test_no_opinion_leads_a_short_edition_because_its_topic_comes_first() -> None:
    loud = tale(40, "Opinion | Bridges are too long", outlets=9)
    choice = choose([loud, tale(1, topic="Politics"), tale(2, topic="Culture")], {}, SPEC, NOW)
    assert choice.picks[0].form is Form.REPORT
    assert Form.OPINION in [p.form for p in choice.picks]


def test_games_do_not_fill_the_front_of_an_edition() -> None:
    games = [tale(n, f"Team {n} wins cup {n}", topic="Sport", outlets=8) for n in range(70, 76)]
    picks = choose([*games, *many()], {}, DigestSpec("d", max_words=10_000, max_stories=30), NOW).picks
    assert [p.topic for p in picks if p.section == TOP].count("Sport") == 0
    assert [p.topic in ("Sport", "Culture") for p in picks if p.section in (TOP, ALSO)].count(True) == 4
    also = [p.topic for p in picks if p.section == ALSO]
    assert also == sorted(also, key=lambda topic: topic in ("Sport", "Culture")), "a game is after a storm"
    assert len([p for p in picks if p.section in (TOP, ALSO)]) == 10


def test_a_product_is_no_top_story_beside_others() -> None:
    phone = tale(61, "Kest phone leak shows new gaming specs", topic="Business", outlets=5)
    picks = choose([phone, *many()], {}, SPEC, NOW).picks
    assert [p.section for p in picks if p.story.id == "s61"] == [""]
    big = tale(61, "Kest phone leak shows new gaming specs", topic="Business", outlets=12)
    picks = choose([big, *many()], {}, SPEC, NOW).picks
    assert "s61" in [p.story.id for p in picks if p.section == ALSO]


def test_a_digest_about_games_leads_with_a_game() -> None:
    news = [tale(n, f"Kest game {n} gets a gameplay trailer", topic="Technology", outlets=2) for n in range(80, 98)]
    picks = choose([*news, *(tale(n) for n in range(5))], {}, SPEC, NOW).picks
    assert picks[0].topic == "Technology"


def test_a_digest_about_sport_leads_with_sport() -> None:
    games = [tale(n, f"Team {n} wins cup {n}", topic="Sport", outlets=3) for n in range(70, 90)]
    picks = choose([*games, *(tale(n) for n in range(4))], {}, SPEC, NOW).picks
    assert [p.topic for p in picks if p.section == TOP] == ["Sport"] * 5


def test_a_second_story_of_an_event_is_beside_the_first_if_it_is_big_and_else_in_its_section() -> None:
    half = (("ferry", 1.0), ("harbour", 1.0), ("fire", 1.0))
    twice = [
        tale(80, "Ferry burns in Port Hale", outlets=9, terms=(*half, ("crew", 1.0))),
        tale(81, "Crew of burning ferry rescued", outlets=8, terms=(*half, ("mayor", 1.0))),
    ]
    picks = choose([*twice, *many()], {}, SPEC, NOW).picks
    assert [(p.story.id, p.section) for p in picks[:2]] == [("s80", TOP), ("s81", TOP)]
    small = tale(81, "Crew of burning ferry rescued", outlets=2, terms=(*half, ("mayor", 1.0)))
    picks = choose([twice[0], small, *many()], {}, SPEC, NOW).picks
    assert [p.section for p in picks if p.story.id == "s81"] == [""]


def test_an_update_of_a_game_counts_less_than_one_of_the_news() -> None:
    def score(topic: str) -> float:
        fresh = source(2, "Bridge 1 burns", "Fire killed 12 people on the bridge of town 1, its mayor said.")
        one = story("s1", source(1, "Town 1 opens bridge 1", "The bridge carries 200 cars."), fresh, topic=topic)
        known = {"s1": Reported("s1", NOW - timedelta(days=1), "Bridge opens", frozenset(), frozenset({1}))}
        return choose([one], known, SPEC, NOW).picks[0].score

    assert score("Business") - score("Sport") > 0


def test_what_only_the_press_of_one_trade_has_is_no_top_story_beside_others_of_its_size() -> None:
    def of_trade(n: int, *outlets: str) -> Story:
        sources = (source(n * 20 + k, f"Kest {n} is sold again", outlet=outlet) for k, outlet in enumerate(outlets))
        return story(f"t{n}", *sources, topic="Technology")

    news = [tale(n, outlets=3) for n in range(20)]
    press = [of_trade(n, "kest.example", "veltrix.example", "chips.example", "nodes.example") for n in range(30, 33)]
    leading = [pick.story.id for pick in choose([*news, *press], {}, SPEC, NOW).picks if pick.section == TOP]
    assert not any(name.startswith("t") for name in leading)
    general = ("Port Hale Gazette", "Orr Herald", "Lund News", "Hale Times", "Brod Post", "Marn Mail")
    other = of_trade(30, "kest.example", *general)
    leading = [pick.story.id for pick in choose([*news, other], {}, SPEC, NOW).picks if pick.section == TOP]
    assert "t30" in leading


def test_a_light_story_is_a_top_story_only_where_there_are_not_enough_others_and_comes_last() -> None:
    update = tale(40, "Phone update brings new games to iPhone and Android", topic="Technology", outlets=8)
    shows = [tale(n, f"Singer {n} shows album", topic="Culture") for n in range(50, 57)]
    for news, section in ((20, ALSO), (4, TOP)):
        choice = choose([*(tale(n, outlets=2) for n in range(news)), update, *shows], {}, SPEC, NOW)
        assert max(choice.picks, key=lambda pick: pick.score).story.id == "s40"
        assert [pick.section for pick in choice.picks if pick.story.id == "s40"] == [section]
        top = [is_light(pick) for pick in choice.picks if pick.section == TOP]
        assert top == sorted(top)


def test_what_happened_leads_what_is_only_said_of_it() -> None:
    talk = tale(41, "Poll: most voters worry about bridges", topic="Politics", outlets=4)
    act = tale(42, "Parliament rejects bridge tax", topic="Politics", outlets=2)
    choice = choose([talk, act, *(tale(n, outlets=2) for n in range(20))], {}, SPEC, NOW)
    place = {pick.story.id: (pick.section, number) for number, pick in enumerate(choice.picks)}
    assert max(choice.picks, key=lambda pick: pick.score).story.id == "s41"
    assert place["s42"] == (TOP, 0)
    assert place["s41"][0] == ALSO


def test_one_outlet_with_grave_news_is_put_before_bigger_trifles() -> None:
    games = [tale(n, f"Team {n} wins cup {n}", topic="Sport", outlets=4) for n in range(70, 80)]
    attack = tale(43, "Army kills twelve in attack on Brod")
    others = [tale(n, f"Mayor {n} praises bridge {n}") for n in range(12)]
    assert choose([*games, attack, *others], {}, SPEC, NOW).picks[0].story.id == "s43"


def test_one_outlet_alone_leads_only_with_an_act() -> None:
    def top(title: str) -> list[str]:
        affair = [
            tale(n, f"Talks {n} in Brod", topic="Politics", terms=(("brod", 1.0), (f"t{n}", 1.0)))
            for n in range(50, 62)
        ]
        lone = tale(44, title, terms=(("brod", 1.0), ("own", 1.0)))
        picks = choose([*affair, lone, *(tale(n, outlets=2) for n in range(20))], {}, SPEC, NOW).picks
        return [pick.story.id for pick in picks if pick.section == TOP]

    assert "s44" in top("Parliament of Brod rejects peace plan")
    assert "s44" not in top("The peace of Brod changes everything")


def test_a_section_tells_what_happened_before_what_is_said() -> None:
    talk = [tale(n, f"Poll {n}: voters like bridges", topic="Politics", outlets=2) for n in (71, 72)]
    acts = [tale(n, f"Parliament rejects bridge {n}", topic="Politics") for n in (73, 74)]
    picks = choose([*talk, *acts], {}, SPEC, NOW).picks
    assert max(picks, key=lambda pick: pick.score).story.id in ("s71", "s72")
    assert [pick.story.id for pick in picks] == ["s73", "s74", "s71", "s72"]
