"""A teaser: shown as it was written, from the sentence that tells the event on."""

from __future__ import annotations

import pytest

from digests.summarize.extractive import summarize_story
from tests.support.stories import source, story

NEWS = "Captain Holm left the ferry lines of Port Hale on Monday."
MORE = "She had led them for nine years and wants to sail alone."


def told(title: str, text: str, language: str = "en") -> list[str]:
    """The sentences of the summary of one article."""
    tale = story("tale", source(1, title, text, language=language))
    return [one.text for one in summarize_story(tale, words=90, language=language).sentences]


def test_all_sentences_stay_in_their_order() -> None:
    assert told("Ferry lines lose their captain Holm", f"{NEWS} {MORE}") == [NEWS, MORE]


def test_a_sentence_that_sets_the_scene_gives_way_to_the_news() -> None:
    scene = "The sea was calm and the gulls were quiet."
    assert told("Captain Holm leaves the ferry lines of Port Hale", f"{scene} {NEWS} {MORE}") == [NEWS, MORE]


@pytest.mark.parametrize(
    "left_out", ["Will it end well?", "Not yet.", "“We are lucky to have her, she is the best of all,” he said."]
)
def test_what_says_nothing_is_left_out_with_the_sentence_that_refers_to_it(left_out: str) -> None:
    after = "They say so."
    assert told("Captain Holm leaves the ferry lines", f"{left_out} {after} {NEWS}")[0] == NEWS


def test_a_scene_stays_where_no_other_sentence_tells_the_event() -> None:
    scene = "Port Hale has been without a ferry for a week."
    other = "The gulls are quiet, and the cafes are empty."
    assert told("Ferry of Port Hale is lost", f"{scene} {other}") == [scene, other]


def test_a_long_text_is_no_teaser() -> None:
    details = " ".join(f"The crew of boat {n} asked for {n} more days in port and better pay." for n in range(3, 12))
    assert len(told("Captain Holm leaves the ferry lines", f"{NEWS} {details}")) < 10


def test_a_teaser_is_shown_for_its_meaning_where_it_has_no_word_of_the_headline() -> None:
    title = "Stocks fall on Monday"
    near = "Shares slid again as worried investors sold."
    assert told(title, near) == [near]
    assert told(title, "The museum opens at nine and closes at noon.") == []
