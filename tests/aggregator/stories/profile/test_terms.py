"""The terms a text is remembered by: the weightiest first, of one length, and no more than are kept."""

import pytest

from aggregator.stories.profile.terms import KEPT, main_terms

TEXT = "The ferry burned. Passengers of the ferry left Nordvik by boat. The boat was late."


def test_a_name_of_the_title_comes_before_words_of_the_text() -> None:
    found = main_terms("Ferry fire off Nordvik", TEXT, "en")
    assert [term for term, _ in found[:2]] == ["nordvik", "ferri"]
    assert [weight for _, weight in found] == sorted((weight for _, weight in found), reverse=True)


def test_a_word_of_the_title_counts_more_than_the_same_word_of_the_text() -> None:
    in_title, in_text = dict(main_terms("Fire", "boat", "en")), dict(main_terms("", "fire boat", "en"))
    assert in_title["fire"] > in_title["boat"]
    assert in_text["fire"] == in_text["boat"]


def test_the_weights_have_length_one() -> None:
    assert sum(weight**2 for _, weight in main_terms("Ferry fire off Nordvik", TEXT, "en")) == pytest.approx(
        1.0, abs=1e-4
    )


def test_a_long_text_keeps_only_its_weightiest_terms() -> None:
    many = " ".join(f"term{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(3 * KEPT))
    found = main_terms("Harbour", many, "en")
    assert len(found) == KEPT
    assert found[0][0] == "harbour"


@pytest.mark.parametrize("text", ["", "…", "the of and"])
def test_a_text_that_says_nothing_has_no_terms(text: str) -> None:
    assert main_terms("", text, "en") == ()
