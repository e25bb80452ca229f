"""What a digest reports: by arrival and ledger, each story once, with a reason for all that is kept and held."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digests import choose as choosing
from digests.choose import Judged, choose, wants
from digests.model import Carrier, Choice, DigestSpec, ItemKind, Match, Reported, Story, Version, carrying, outlets
from digests.ranking.settings import DigestKind
from digests.reasons import ReasonCode, because
from digests.render.view.reasons import in_english
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("morning")
SENTENCE = (
    "The council of Port {} voted on Tuesday to close the old quay for repairs that will take most of the summer."
)
QUAKE = "A quake of magnitude 6.1 shook the town of Orr on Sunday, killing 12 people, the governor said."


def quake(*more: object, **fields: object) -> Story:
    return story("quake", source(1, "Quake kills 12 in Orr", QUAKE), *more, **fields)  # type: ignore[arg-type]


def as_reported(tale: Story, hours: float = 0.5) -> dict[str, Reported]:
    """The ledger after this story was reported `hours` ago in its present form."""
    summary = summarize_story(tale, words=90)
    articles = frozenset(s.article for s in tale.sources)
    return {tale.id: Reported(tale.id, NOW - timedelta(hours=hours), summary.headline, summary.facts, articles)}


def kinds(choice: Choice) -> dict[str, ItemKind]:
    return {pick.story.id: pick.kind for pick in choice.picks}


def code(choice: Choice) -> ReasonCode:
    (held,) = choice.held
    return held.reason.code


def test_what_was_not_reported_is_new() -> None:
    choice = choose([quake()], {}, SPEC, NOW)
    assert kinds(choice) == {"quake": ItemKind.NEW}
    assert choice.seen == 1
    assert because(ReasonCode.SOURCES, count=1) in choice.picks[0].reasons


def test_undated_late_and_back_dated_articles_count_by_arrival() -> None:
    old = source(1, "Bridge closed", "The bridge in Lund is closed.", published=NOW - timedelta(days=900))
    undated = source(2, "Road closed", "The road to Lund is closed.", published=None)
    future = source(3, "Tunnel closed", "The tunnel to Lund is closed.", published=NOW + timedelta(days=3))
    stories = [story(n, s) for n, s in (("old", old), ("undated", undated), ("future", future))]
    assert set(kinds(choose(stories, {}, SPEC, NOW))) == {"old", "undated", "future"}


def test_a_reported_story_without_news_is_held() -> None:
    choice = choose([quake()], as_reported(quake()), SPEC, NOW)
    assert not choice.picks
    assert code(choice) is ReasonCode.KNOWN


@pytest.mark.parametrize(
    "text",
    [
        QUAKE,
        "A magnitude 6.1 quake shook the town of Orr on Sunday and killed 12 people, the governor said.",
        "Twelve people were killed on Sunday when a 6.1 magnitude quake shook Orr, according to the governor.",
    ],
    ids=["carrier", "reworded", "number words"],
)
def test_one_more_carrier_or_the_same_in_other_words_is_no_update(text: str) -> None:
    grown = quake(source(2, "Orr quake kills 12", text, hours=0.1))
    assert not choose([grown], as_reported(quake()), SPEC, NOW).picks


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The quake in Orr has killed 19 people, the governor said on Monday.", "19"),
        ("Rescue teams led by General Ada Brook reached the buried school in Orr on Monday.", "Ada Brook"),
        ("Engineers fear that cracks in the reservoir wall threaten villages downstream.", "further details"),
        ("Die Zahl der Toten nach dem Beben in Orr ist auf 19 gestiegen.", "19"),
    ],
)
def test_a_new_number_name_or_happening_is_an_update(text: str, why: str) -> None:
    language = "de" if text.startswith("Die") else "en"
    grown = quake(source(2, "Orr after the quake", text, hours=0.1, language=language))
    choice = choose([grown], as_reported(quake()), SPEC, NOW)
    assert kinds(choice) == {"quake": ItemKind.UPDATE}
    assert why in in_english(choice.picks[0].reasons[:1])


@pytest.mark.parametrize("title", ["What are your questions about the Orr quake?", "Why the Orr quake matters"])
def test_a_new_article_whose_title_tells_no_news_is_no_update(title: str) -> None:
    text = "Readers of the Orr Herald ask General Ada Brook about the school and the reservoir wall downstream."
    assert not choose([quake(source(2, title, text, hours=0.1))], as_reported(quake()), SPEC, NOW).picks
    told = quake(source(2, "General Brook visits the school of Orr", text, hours=0.1))
    assert kinds(choose([told], as_reported(quake()), SPEC, NOW)) == {"quake": ItemKind.UPDATE}
    toll = quake(source(2, title, "The quake in Orr has killed 19 people, the governor said on Monday.", hours=0.1))
    assert kinds(choose([toll], as_reported(quake()), SPEC, NOW)) == {"quake": ItemKind.UPDATE}


def test_an_update_marks_what_is_new_and_reports_nothing_old() -> None:
    grown = quake(source(2, "Toll rises", QUAKE + " The toll has risen to 19, he said on Monday.", hours=0.1))
    (pick,) = choose([grown], as_reported(quake()), SPEC, NOW).picks
    summary = summarize_story(pick.story, words=90, kind=pick.kind, reported=pick.reported)
    assert [s.text for s in summary.sentences if s.new] == ["The toll has risen to 19, he said on Monday."]


def test_a_publishers_change_of_what_was_reported_is_a_correction_once() -> None:
    before = quake()
    ledger = as_reported(before)
    (first,) = before.sources
    changed = replace(
        first,
        text=QUAKE.replace("12", "9"),
        title="Quake kills 9 in Orr",
        versions=(Version(NOW, first.title, QUAKE),),
        revised=NOW,
    )
    after = replace(before, sources=(changed,))
    (pick,) = choose([after], ledger, SPEC, NOW).picks
    assert pick.kind is ItemKind.CORRECTION
    summary = summarize_story(after, words=90, kind=pick.kind, reported=pick.reported)
    assert any(c.was == QUAKE and "9" in c.now for c in summary.corrections)
    told_again = {"quake": Reported("quake", NOW, "", ledger["quake"].facts | summary.facts, frozenset({1}))}
    assert not choose([after], told_again, SPEC, NOW + timedelta(hours=1)).picks


def test_a_change_of_what_was_never_reported_is_no_correction() -> None:
    before = quake()
    ledger = as_reported(before)
    (first,) = before.sources
    changed = replace(
        first,
        text=QUAKE + " Shops are shut.",
        versions=(Version(NOW, first.title, QUAKE + " Shops are open."),),
        revised=NOW,
    )
    assert not choose([replace(before, sources=(changed,))], ledger, SPEC, NOW).picks


def test_a_withdrawal_of_something_reported_is_a_correction_and_of_something_unreported_is_silence() -> None:
    gone = replace(quake(), sources=(replace(quake().sources[0], withdrawn=True),))
    (pick,) = choose([gone], as_reported(quake()), SPEC, NOW).picks
    assert pick.kind is ItemKind.CORRECTION
    silent = choose([gone], {}, SPEC, NOW)
    assert code(silent) is ReasonCode.WITHDRAWN


def test_a_correction_note_of_a_publisher_is_reported() -> None:
    noted = quake(
        source(
            2, "Correction: quake in Orr", "Correction: the quake in Orr had a magnitude of 5.9, not 6.1.", hours=0.1
        )
    )
    (pick,) = choose([noted], as_reported(quake()), SPEC, NOW).picks
    assert pick.kind is ItemKind.CORRECTION


def test_the_backlog_of_a_new_feed_is_never_news_but_may_stand_beside_it() -> None:
    old = story("old", source(1, "Old news", "The museum in Lund was sold last month.", backlog=True))
    assert code(choose([old], {}, SPEC, NOW)) is ReasonCode.BACKLOG
    joined = replace(old, sources=(*old.sources, source(2, "Museum reopens", "The museum in Lund reopened.")))
    assert kinds(choose([joined], {}, SPEC, NOW)) == {"old": ItemKind.NEW}


def test_muted_is_held_for_good_and_beats_must() -> None:
    (held,) = choose([quake(muted=True, must=True)], {}, SPEC, NOW).held
    assert held.final
    assert held.reason.code is ReasonCode.MUTED


def test_must_goes_in_below_min_score_and_beyond_the_budget() -> None:
    others = [story(f"s{n}", source(n, f"Event {n}", f"Event {n} took place."), topic=f"T{n}") for n in range(2, 6)]
    wanted = quake(must=True)
    choice = choose([*others, wanted], {}, replace(SPEC, max_stories=1, min_score=0.99), NOW)
    assert kinds(choice) == {"quake": ItemKind.NEW}


def test_budgets_hold_back_with_a_reason_and_the_held_come_next_time() -> None:
    stories = [story(f"s{n}", source(n, f"Event {n}", f"Event {n} took place in town {n}.")) for n in range(1, 7)]
    first = choose(stories, {}, replace(SPEC, max_stories=4), NOW)
    assert len(first.picks) == 4
    assert all(h.reason.code is ReasonCode.STORIES_FULL and not h.final for h in first.held)
    ledger = {p.story.id: as_reported(p.story)[p.story.id] for p in first.picks}
    second = choose(stories, ledger, replace(SPEC, max_stories=4), NOW + timedelta(hours=2))
    assert set(kinds(second)) == {h.story for h in first.held}


def test_words_are_a_budget_too() -> None:
    text = "The council of Lund met to talk about the harbour, the school, the library and the roads to the north. " * 4
    stories = [story(f"s{n}", source(n, f"Event {n}", text.replace("Lund", f"Town {n}"))) for n in range(1, 7)]
    choice = choose(stories, {}, replace(SPEC, max_words=250), NOW)
    assert len(choice.picks) == 2


def test_min_score_holds_back() -> None:
    assert code(choose([quake()], {}, replace(SPEC, min_score=0.95), NOW)) is ReasonCode.LOW_SCORE


@pytest.mark.parametrize(
    "better",
    [
        {"sources": 3},
        {"interests": (Match("rivers", 0.9),)},
        {"boost": 0.2},
        {"weight": 3.0},
        {"hours": 0.1},
        {"carriers": (Carrier("A"), Carrier("B"))},
    ],
    ids=lambda b: next(iter(b)),
)
def test_what_raises_a_story(better: dict[str, object]) -> None:
    def make(name: str, first: int, extra: dict[str, object]) -> Story:
        n = int(extra.get("sources", 1))  # type: ignore[call-overload]
        fields = {k: v for k, v in extra.items() if k in ("weight", "hours", "carriers")}
        fields.setdefault("hours", 6.0)
        sources = [source(first + i, f"{name} event", f"The {name} event took place.", **fields) for i in range(n)]
        return story(name, *sources, **{k: v for k, v in extra.items() if k in ("interests", "boost")})

    plain, raised = make("aaa", 1, {}), make("zzz", 10, better)
    choice = choose([plain, raised], {}, SPEC, NOW)
    assert choice.picks[0].story.id == "zzz"


def test_topics_stand_as_the_digest_lists_them_and_others_stay_out() -> None:
    stories = [
        story("a", source(1, "A", "A took place."), topic="Sport"),
        story("b", source(2, "B", "B took place."), source(3, "B", "B was seen."), topic="World"),
        story("c", source(4, "C", "C took place."), topic="Culture"),
    ]
    choice = choose(stories, {}, replace(SPEC, topics=("Sport", "World")), NOW)
    assert [p.topic for p in choice.picks] == ["Sport", "World"]
    assert code(choice) is ReasonCode.OTHER_TOPICS
    unordered = choose(stories, {}, SPEC, NOW)
    assert unordered.picks[0].topic == "World"


def test_a_story_without_a_topic_is_under_other() -> None:
    assert choose([quake(topic="")], {}, SPEC, NOW).picks[0].topic == "Other"


def test_diversity_puts_another_topic_before_more_of_the_same() -> None:
    terms = (("orr", 1.0), ("quake", 1.0))
    same = [
        story(f"quake{n}", *(source(10 * n + i, f"Quake {n}", "Quake in Orr.") for i in range(3)), terms=terms)
        for n in range(1, 4)
    ]
    other = story("opera", source(99, "Opera opens", "The opera opened."), topic="Culture", terms=(("opera", 1.0),))
    spec = replace(SPEC, max_stories=2)
    assert "opera" in kinds(choose([*same, other], {}, replace(spec, diversity=0.6), NOW))
    assert "opera" not in kinds(choose([*same, other], {}, replace(spec, diversity=0.0), NOW))


def test_a_merged_story_is_reported_already_if_one_of_its_parts_was() -> None:
    ledger = as_reported(quake())
    merged = replace(quake(), id="big", absorbed=("quake",))
    assert not choose([merged], ledger, SPEC, NOW).picks


def test_a_split_story_is_reported_already_if_its_articles_were_and_new_if_they_only_stood_by() -> None:
    whole = quake(
        source(2, "Opera opens in Lund", "The new opera in Lund opened with a ball on Friday, and 900 guests came.")
    )
    summary = summarize_story(whole, words=18)
    ledger = {"quake": Reported("quake", NOW, summary.headline, summary.facts, frozenset({1, 2}))}
    told_part = story("part", whole.sources[0])
    untold_part = story("rest", whole.sources[1])
    assert kinds(choose([told_part, untold_part], ledger, SPEC, NOW)) == {"rest": ItemKind.NEW}


def _filing(number: int, title: str, text: str, outlet: str) -> Story:
    return story(f"s{number}", source(number, title, text, outlet=outlet))


NOTE = "This note was prepared from the filing of the company and is no advice to buy or sell."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("Altrix earns 40", f"Profit: 40 million. {NOTE}", "A"),
            ("Bresco earns 51", f"Profit: 51 million. {NOTE}", "B"),
        ),
        (("Market report", f"Index: 8120. {NOTE}", "A"), ("Market report", f"Index: 9377. {NOTE}", "B")),
        (("Altrix files", f"Altrix. {NOTE}", "A"), ("Bresco files", f"Bresco. {NOTE}", "A")),
        (("Bulletin", NOTE, "A"), ("Bulletin", NOTE, "A")),
    ],
    ids=["names and numbers", "numbers under one title", "one outlet", "one outlet, all equal"],
)
def test_one_sentence_in_two_stories_does_not_make_their_texts_the_same(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    first, second = _filing(1, *one), _filing(2, *other)
    assert len(choose([first, second], {}, SPEC, NOW).picks) == 2
    (later,) = choose([first, second], as_reported(first), SPEC, NOW).picks
    assert (later.story.id, later.kind) == ("s2", ItemKind.NEW)


@pytest.mark.parametrize(
    "text",
    [
        f"ORR (Nordwire) - Profit: 40 million. {NOTE}",
        f"Profit: 40 million. {NOTE} Shares fell.",
        f"Profit: 40 million. {NOTE}",
    ],
    ids=["dateline", "longer", "whole"],
)
def test_a_text_that_another_outlet_printed_too_is_sent_once(text: str) -> None:
    first = _filing(1, "Altrix earns 40", f"Profit: 40 million. {NOTE}", "A")
    second = _filing(2, "Altrix earns 40", text, "B")
    assert len(choose([first, second], {}, SPEC, NOW).picks) == 1
    assert not choose([first, second], as_reported(first), SPEC, NOW).picks


def test_what_is_over_is_not_announced_unless_a_rule_demands_it_or_another_article_tells_more() -> None:
    text = "The town of Orr will vote on its bridge on Sunday."
    over = source(1, "What to know of the vote in Orr on Sunday", text, hours=60)
    assert code(choose([story("s", over)], {}, SPEC, NOW)) is ReasonCode.OVERDUE
    assert choose([story("s", over)], {}, SPEC, NOW - timedelta(hours=40)).picks, "it was Saturday"
    assert choose([story("s", over, must=True)], {}, SPEC, NOW).picks
    later = source(2, "Orr votes for its bridge", "The town of Orr voted for its bridge, the mayor said.")
    assert choose([story("s", over, later)], {}, SPEC, NOW).picks
    act = source(3, "Mayor of Orr arrested before vote on its bridge", text, hours=60)
    assert choose([story("s", act)], {}, SPEC, NOW).picks
    recap = replace(SPEC, kind=DigestKind.RECAP)
    assert choose([story("s", over)], {}, recap, NOW).picks


def test_the_same_text_in_two_stories_is_reported_once_in_one_edition_and_over_two() -> None:
    twin = story("twin", source(8, "Orr quake", QUAKE))
    choice = choose([quake(), twin], {}, SPEC, NOW)
    assert len(choice.picks) == 1
    assert code(choice) is ReasonCode.SAME_TEXT
    assert not choose([quake(), twin], as_reported(quake()), SPEC, NOW).picks


def test_an_edition_as_of_an_earlier_time_knows_no_later_article() -> None:
    late = story("late", source(5, "Later", "This came later.", hours=-3))
    assert choose([late], {}, SPEC, NOW) == Choice()
    grown = quake(source(2, "Later", "The toll has risen to 19.", hours=-1))
    (pick,) = choose([grown], {}, SPEC, NOW).picks
    assert len(pick.story.sources) == 1


def test_recipients_of_one_slot_share_what_was_judged_of_what_they_do_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [
        quake(),
        *(story(f"s{n}", source(10 + n, f"Town {n} opens a bridge", f"Town {n} opened one.")) for n in range(6)),
    ]
    calls: list[str] = []
    judge = choosing._judge

    def counted(one: Story, *more: Any) -> Any:
        calls.append(one.id)
        return judge(one, *more)

    monkeypatch.setattr(choosing, "_judge", counted)
    judged: Judged = {}
    for reported in ({}, as_reported(stories[0]), as_reported(stories[3])):
        spec = DigestSpec("d")
        assert choose(stories, reported, spec, NOW, judged) == choose(stories, reported, spec, NOW)
    shared = 7 + 1 + 1  # all of them once, and for each recipient what was reported to it
    assert len(calls) == 3 * 7 + shared


def test_nothing_to_tell_is_an_empty_choice() -> None:
    assert choose([], {}, SPEC, NOW) == Choice()


def test_the_order_of_the_stories_given_does_not_matter() -> None:
    stories = [story(f"s{n}", source(n, f"Event {n % 3}", f"Event {n % 3} took place.")) for n in range(1, 9)]
    assert choose(stories, {}, SPEC, NOW) == choose(stories[::-1], {}, SPEC, NOW)


def test_other_comes_last_unless_the_digest_lists_it_elsewhere() -> None:
    best = story("best", *(source(n, "Best", "Best took place.") for n in range(1, 5)), topic="")
    small = story("small", source(9, "Small", "Small took place."), topic="Sport")
    assert [p.topic for p in choose([best, small], {}, SPEC, NOW).picks] == ["Sport", "Other"]
    listed = replace(SPEC, topics=("Other", "Sport"))
    assert [p.topic for p in choose([best, small], {}, listed, NOW).picks] == ["Other", "Sport"]


def test_a_digest_wants_what_a_rule_or_a_named_interest_brings_from_outside_its_topics() -> None:
    sport = replace(SPEC, topics=("Sport",), interests=("rivers",))
    assert not wants(quake(), sport)
    assert wants(quake(must=True), sport)
    assert wants(quake(interests=(Match("rivers", 0.9),)), sport)
    assert not wants(quake(interests=(Match("trains", 0.9),)), sport)


def test_articles_of_one_outlet_count_less_than_a_second_outlet() -> None:
    many = story("many", *(source(n, f"Part {n}", SENTENCE.format(n), outlet="North") for n in range(5)))
    one = story("one", source(9, "Part 9", SENTENCE.format(9), outlet="North"))
    two = story(
        "two",
        source(10, "A", SENTENCE.format(10), outlet="North"),
        source(11, "B", SENTENCE.format(11), outlet="South"),
    )
    scores = {p.story.id: p for p in choose([many, one, two], {}, DigestSpec("daily"), NOW).picks}
    assert scores["one"].score < scores["many"].score < scores["two"].score
    assert because(ReasonCode.SOURCES, count=1) in scores["many"].reasons
    assert because(ReasonCode.SOURCES, count=2) in scores["two"].reasons


def test_a_carrier_that_is_a_source_itself_is_no_further_outlet() -> None:
    sources = (
        source(1, "A", SENTENCE.format(1), outlet="North", carriers=(Carrier("South"), Carrier("East"))),
        source(2, "B", SENTENCE.format(2), outlet="south", carriers=(Carrier("East"),)),
    )
    assert (outlets(sources), carrying(sources)) == (2, 1)
