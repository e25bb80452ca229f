"""Which language a text is in: by its script, by letters only one language has, by its words, by what the feed says."""

import pytest

from digests.language.detect import UNKNOWN, detect


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("У міста прийшла зима", None, "uk"),
        ("Снегът падна и хората останаха", "bg", "bg"),  # no letter decides; the feed does
        ("Правителството на страната каза, че ще има избори", None, "bg"),  # only the words tell
        ("Привет свет", None, "ru"),
        ("حكومة", None, "ar"),
        ("گفت که", None, "fa"),
        ("سلام", "fa", "fa"),
        ("وزیر اعظم نے کہا ہے", None, "ur"),
        ("सरकार ने कहा", None, "hi"),
        ("सरकार", "mr", "mr"),
        ("सरकार", "de", "hi"),  # the script refutes the feed
        ("שלום עולם", None, "he"),
        ("om det i", "de", "sv"),  # words of several languages, none of them the feed's
        ("12 345", None, UNKNOWN),
        ("12 345", "de-AT", "de"),
        ("abc", None, UNKNOWN),  # too short for any guess
    ],
)
def test_the_language_of_a_text(text: str, declared: str | None, code: str) -> None:
    assert detect(text, declared) == code


def test_of_several_languages_only_those_allowed_are_chosen() -> None:
    text = "la casa de la ciudad"
    assert detect(text) == "es"
    assert detect(text, allowed=("de", "fr")) == "fr"


def test_many_words_of_another_language_refute_the_feed() -> None:
    assert detect("The minister said that the vote of the house was not what they had hoped for", "de") == "en"
    assert detect("Wahl in Bayern", "de") == "de"
