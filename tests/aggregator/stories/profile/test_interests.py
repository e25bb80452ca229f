"""Interests: what is read of an example, what comes first, why, and how marks move and fade it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from aggregator.stories.encoder import Vector
from aggregator.stories.model import Interest
from aggregator.stories.profile.interests import (
    HALF_LIFE,
    MARKS,
    NEAR,
    DocumentIndex,
    InterestProfile,
    Mark,
    example_text,
)
from aggregator.stories.profile.likeness import Text, likeness, word_alignment
from digests.render.view.reasons import in_english

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FERRY = (
    "Ferry company suspends all crossings to the islands after engine fire\n"
    "By Ann Example\n"
    "The ferry Nordvik caught fire off Bodø on Sunday; 210 passengers were taken to Bodø, the operator "
    "Nordferger said.\n"
    "“We are checking the engines of all our ships,” said Nordferger's director Per Dahl.\n"
    "Photo: Kari Lund\n"
    "Голос Севера"
)
NEWS = {
    "same": (
        "Nordferger checks ships after blaze",
        "All 210 people aboard the Nordvik were brought ashore in Bodø, Per Dahl said.",
    ),
    "near": ("Passenger ship runs aground near the coast", "Lifeboats took travellers from the vessel to the harbour."),
    "far": ("Striker scores twice as leaders win", "The league match ended three to one."),
}


def scores(profile: InterestProfile) -> dict[str, float]:
    return {key: profile.score(*news).score for key, news in NEWS.items()}


def test_the_same_event_comes_first_then_the_same_subject() -> None:
    found = scores(InterestProfile.build(Interest("ferries", examples=(FERRY,))))
    assert found["same"] > found["near"] > found["far"]
    assert found["same"] > NEAR > found["far"]


def test_a_pick_shows_its_reason_as_the_story_writes_it() -> None:
    reason = in_english(InterestProfile.build(Interest("ferries", examples=(FERRY,))).score(*NEWS["same"]).reasons)
    for word in ("names", "Nordvik", "Dahl", "ships"):
        assert word in reason


@pytest.mark.parametrize("gone", ["Example", "Голос", "Kari", "Photo", "By"])
def test_bylines_credits_and_attributions_are_no_part_of_it(gone: str) -> None:
    assert gone in FERRY
    text = example_text(FERRY)
    assert gone not in text.split()
    assert "Nordferger" in text


@pytest.mark.parametrize(
    "ending",
    [
        "Голос Америки",
        "Reuters",
        "The Daily Example",
        "Источник: Пример",
        "© 2026 Example News",
        "Read more at example.org",
        "読売新聞",
        "רויטרס",
    ],
)
def test_a_closing_attribution_goes_in_any_script(ending: str) -> None:
    body = "Ministers met in Oslo on Monday.\nThey agreed on fish quotas for the coming year."
    assert example_text(f"{body}\n{ending}") == body


def test_a_profile_can_be_read() -> None:
    profile = InterestProfile.build(Interest("ferries", examples=(FERRY,), words=("harbour",), unlike=("cup final",)))
    lines = "\n".join(profile.lines())
    for word in ("examples: 1; negative examples: 1", "words: harbour", "Nordferger", "crossings", "not: cup, final"):
        assert word in lines


def test_words_alone_make_an_interest() -> None:
    profile = InterestProfile.build(Interest("chess", words=("chess", "Magnus Carlsen")))
    assert profile.score("Chess body changes its rules", "").score >= 0.5
    assert profile.score("Winner named", "The prize went to Magnus Carlsen.").score >= 0.5
    assert profile.score("Magnus Berg elected mayor", "").score < NEAR


def test_what_is_not_meant_pushes_away() -> None:
    plain = InterestProfile.build(Interest("ships", examples=(FERRY,)))
    less = InterestProfile.build(
        Interest("ships", examples=(FERRY,), unlike=("A passenger ship ran aground near the coast",))
    )
    assert scores(less)["near"] < scores(plain)["near"]
    assert scores(less)["same"] > scores(less)["near"]


def test_marks_move_the_profile_and_fade() -> None:
    more = Mark("\n".join(NEWS["same"]), True, NOW)
    fresh = (
        InterestProfile.learned("marked", [more], NOW)
        .score("Nordvik towed to Bodø after fire", "Nordferger said so.")
        .score
    )
    old = (
        InterestProfile.learned("marked", [more], NOW + HALF_LIFE)
        .score("Nordvik towed to Bodø after fire", "Nordferger said so.")
        .score
    )
    assert fresh > NEAR
    assert old == pytest.approx(fresh / 2, rel=0.01)
    less = InterestProfile.learned("marked", [more, Mark("Nordvik towed to Bodø", False, NOW)], NOW)
    assert less.score("Nordvik towed to Bodø after fire", "Nordferger said so.").score < fresh


def test_a_mark_from_the_future_counts_once() -> None:
    mark = Mark(FERRY, True, NOW + timedelta(days=400))
    assert InterestProfile.learned("marked", [mark], NOW).examples[0][1] == 1.0


@pytest.mark.parametrize("text", ["", " \n ", "🙂", "x" * 100_000, "…", "By Ann Example", "Photo: Kari Lund"])
def test_an_example_that_says_nothing_finds_nothing(text: str) -> None:
    assert all(score == 0 for score in scores(InterestProfile.build(Interest("x", examples=(text,)))).values())


def test_an_example_in_another_language_finds_its_names() -> None:
    german = (
        "Nordferger stoppt nach Brand auf der Nordvik alle Fähren\nAlle 210 Passagiere wurden nach Bodø "
        "gebracht, sagte Per Dahl."
    )
    found = scores(InterestProfile.build(Interest("Fähren", examples=(german,))))
    assert found["same"] > max(found["near"], found["far"])


def test_a_shelf_ranks_as_single_scores_do() -> None:
    profile = InterestProfile.build(Interest("ferries", examples=(FERRY,)))
    ranked = DocumentIndex((key, *news, None) for key, news in NEWS.items()).rank(profile, 3)
    assert [key for key, _ in ranked] == ["same", "near", "far"]
    assert dict(ranked)["same"] == pytest.approx(profile.score(*NEWS["same"]).score, abs=1e-6)


def test_likeness_orders_pairs_as_people_do() -> None:
    base = "Central bank raises interest rates by half a point"
    same = likeness(base, "Interest rates raised half a point by central bank")
    near = likeness(base, "Fed lifts borrowing costs again")
    far = likeness(base, "Actor wins prize at film festival")
    assert same > near > far
    assert likeness(base, base) > 0.99
    assert likeness(base, "") == likeness("", "") == 0.0


class Coins:
    """An encoder that knows only whether a text is about coins. It returns nothing for empty and odd texts."""

    name = "coins"

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vector:
        self.asked += texts
        rows = [
            [0.0, 0.0] if self.silent else [1.0, 0.0] if "coin" in text or "Münz" in text else [0.0, 1.0]
            for text in texts
        ]
        return np.array(rows, np.float32)


def test_an_encoder_is_one_more_view_across_languages() -> None:
    example = Interest("coins", examples=("A hoard of Roman coins was dug up in a field",))
    title = "Bauer findet tausend alte Münzen"
    plain = InterestProfile.build(example).score(title, "", "de").score
    encoder = Coins()
    assert InterestProfile.build(example, encoder).score(title, "", "de").score > max(plain, 0.6)
    assert InterestProfile.build(example, encoder).score("Striker scores twice", "").score < NEAR
    assert encoder.asked


def test_an_encoder_that_does_not_answer_changes_nothing() -> None:
    example = Interest("ferries", examples=(FERRY,))
    assert scores(InterestProfile.build(example, Coins(silent=True))) == scores(InterestProfile.build(example))
    assert likeness("one text", "another text", encoder=Coins(silent=True)) == likeness("one text", "another text")


def test_only_the_latest_marks_with_words_teach() -> None:
    marks = [Mark(f"Harbour story number {k}", True, NOW - timedelta(days=k)) for k in range(MARKS + 5)]
    learned = InterestProfile.learned("read", [*marks, Mark(" \n", True, NOW)], NOW)
    assert len(learned.examples) == MARKS
    assert f"Harbour story number {MARKS}" not in {text.text for text, _ in learned.examples}
    assert not learned.others


def test_a_profile_says_which_languages_it_compares_by_words_alone() -> None:
    finnish = InterestProfile.build(Interest("lautat", examples=("Lautta paloi satamassa eilen illalla",)))
    assert finnish.lines()[-1] == "compared by words only, not by meaning: fi"
    assert not any(line.startswith("names") for line in finnish.lines())


def test_bylines_above_a_text_are_cut_but_a_text_of_one_line_stays() -> None:
    assert example_text("By Ann Example\nBy Per Dahl\nThe ferry caught fire.") == "The ferry caught fire."
    assert example_text("The ferry caught fire.") == "The ferry caught fire."


def test_a_shelf_ranks_what_has_no_meaning_by_its_words() -> None:
    finnish = ("a", "Lautta paloi satamassa", "Lautta paloi satamassa eilen", "fi")
    english = InterestProfile.build(Interest("ferries", examples=(FERRY,)))
    assert [score for _, score in DocumentIndex([finnish]).rank(english, 3)] == [0.0]
    by_words = InterestProfile.build(Interest("lautat", examples=("Lautta paloi satamassa eilen illalla",)))
    assert [key for key, _ in DocumentIndex([finnish, ("b", *NEWS["far"], "en")]).rank(by_words, 3)] == ["a"]
    assert DocumentIndex([]).rank(english, 3) == []


def test_texts_of_two_languages_are_compared_each_in_its_own() -> None:
    same, other = "Passagierfähre brennt im Hafen", "Parlament beschließt Haushalt"
    assert likeness("Passenger ferry burns in harbour", same, "en", "de") > likeness(
        "Passenger ferry burns in harbour", other, "en", "de"
    )
    assert word_alignment(Text.of("the of and", "en"), Text.of("Ferry burns", "en")) == 0.0
