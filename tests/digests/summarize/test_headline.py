"""Which title is the headline, and what a first sentence under it is not. The texts are invented."""

from __future__ import annotations

import pytest

from digests.summarize.extractive import summarize_story
from digests.summarize.headline import without_outlet
from tests.support.stories import source, story


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        (
            "She lost her voice on the stage of Hale. Singer Ina Berg says opera is sad",
            "Singer Berg lost voice on stage",
        ),
        ("After she lost her voice on the stage of Hale, opera says Ina Berg rests", "Singer Berg lost voice on stage"),
        ("Hale weighs Ina Berg Day amid Ina Berg affair of her voice", "Hale renames its Berg Day over the lost voice"),
        ("Opera Shocker As Singer Ina Berg Leaves The Stage Of Hale", "Singer Ina Berg leaves the stage of Hale"),
        ("Singer Ina Berg of Hale opera drops a big hint about her voice on stage", "Singer Berg lost voice on stage"),
        ("Singer Ina Berg, Voice Of Hale: 2026 Opera Stage Predictions", "Singer Berg lost voice on stage"),
    ],
)
def test_the_title_that_names_who_and_what_is_the_headline(weak: str, strong: str) -> None:
    text = "Singer Ina Berg lost her voice on the stage of Hale on Monday, the opera said."
    assert summarize_story(story("voice", source(1, weak, text), source(2, strong, text)), words=60).headline == strong


def test_a_title_that_lost_the_name_before_its_colon_gives_way_to_the_first_sentence() -> None:
    text = "Voyager: Dawn Of Hale sold 900 tickets on its first day in Hale."
    told = summarize_story(story("film", source(1, "Dawn Of Hale' Sells Many Tickets", text)), words=60)
    assert told.headline == text.rstrip(".")


def test_the_place_before_a_text_is_no_lost_beginning_of_its_title() -> None:
    title = "Prime Minister Holm resigns over deal"
    told = summarize_story(
        story("deal", source(1, title, "LONDON: Prime Minister Holm resigned on Monday over 20 ferries.")), words=60
    )
    assert told.headline == title


def test_invisible_characters_are_no_part_of_a_title() -> None:
    assert without_outlet("\u200bTen Killed in Fire of Hale\ufeff") == "Ten Killed in Fire of Hale"


def test_a_sentence_of_long_ago_gives_way_to_the_news() -> None:
    past = "Rapper Ina Holm made waves in {year} with songs on deputies of Hale."
    news = "Judges let the songs of rapper Holm on the deputies stand."

    def first(year: str) -> str:
        text = f"{past.format(year=year)} {news}"
        told = summarize_story(
            story("case", source(1, "Deputies of Hale lose over songs of rapper Holm", text)), words=90
        )
        return told.sentences[0].text

    assert first("2023") == news
    assert first("2026") != news, "it is of this year"


def test_a_later_sentence_that_adds_a_word_or_two_is_left_out() -> None:
    news = "Ina Holm, five times champion of Hale, retired on Friday after 16 seasons in the boats of Orr."
    title = "Ina Holm, champion of Hale, retires"
    told = summarize_story(
        story("end", source(1, title, news), source(2, title, "Ina Holm is calling it quits."),
              source(3, title, "Ina Holm won 40 races in the boats of Orr."))
        , words=90
    )  # fmt: skip
    assert "Ina Holm is calling it quits." not in [s.text for s in told.sentences]
