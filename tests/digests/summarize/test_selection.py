"""Which sentences a summary is made of: the news whatever its length, and none whose `he` has become somebody else."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from digests.summarize import candidates, standalone
from digests.summarize.extractive import summarize_story
from digests.summarize.selection import choose_sentences, in_reading_order
from tests.support.stories import source, story

THEFT = (
    "Thieves stole a painting by Ada Holm valued at six million crowns from the museum of Lund in the night to Monday, "
    "prosecutor Per Ek said after a long day."
)
CUT = (
    "Der Stadtrat von Lund hat am Dienstag nach achtzehn Stunden Verhandlung beschlossen, die "
    "Fangmengen für Dorsch in der "
    "ganzen Bucht im nächsten Jahr um ein Viertel auf 900 Tonnen zu senken."
)


def summary_texts(*texts: str, language: str = "en", words: int = 90) -> list[str]:
    """The summary of a story reported by these articles."""
    tale = story("tale", *(source(n, f"Title {n}", text, language=language) for n, text in enumerate(texts, 1)))
    return [s.text for s in summarize_story(tale, words=words, language=language).sentences]


@pytest.mark.parametrize(
    ("opening", "rest", "language"),
    [
        (THEFT, "They came through the roof. The alarm was off.", "en"),
        (CUT, "Fischer verlangten mehr. Forscher verlangten weniger.", "de"),
    ],
)
def test_news_longer_than_a_short_story_allows_is_reported_all_the_same(opening: str, rest: str, language: str) -> None:
    assert summary_texts(f"{opening} {rest}", language=language)[0] == opening


@pytest.mark.parametrize(
    "leaning",
    ["He has scored 14 goals for Kestrel this season.", "“Kestrel were lucky with the 14 goals,” she said."],
)
def test_a_sentence_that_points_back_never_follows_another_article(leaning: str) -> None:
    first = "Milo Fenn scored the goals as Kestrel beat Alder 2-1 at home on Monday. The crowd was large."
    second = f"Owen Strand leaves Kestrel in January after 14 goals this season, the club said. {leaning}"
    found = summary_texts(first, second, words=60)
    assert leaning not in found or found[found.index(leaning) - 1].startswith("Owen Strand")


@pytest.mark.parametrize(
    "scrap", ["Rear.", "Not even close.", "Will the bridge in Lund open in May after all?", "The bridge in Lund tells:"]
)
def test_a_scrap_is_never_reported(scrap: str) -> None:
    news = "The bridge in Lund opens in May, two years late, after 14 million crowns were spent on it, the mayor said."
    assert scrap not in summary_texts(f"{scrap} {news} {scrap}")
    assert summary_texts(scrap) == [], "the headline is enough"


def test_what_leans_is_reported_where_there_is_nothing_else() -> None:
    text = "He resigned on Tuesday after a vote in Lund."
    tale = story("tale", source(1, "Mayor of Lund resigns", text))
    assert [s.text for s in summarize_story(tale, words=90).sentences] == [text]


OPENINGS = ("He", "The mayor", "But the council", "Lund", "They", "“It is over,” she said, and", "Per Ek")
DOINGS = [
    "opened the bridge",
    "cut the tax by 4 percent",
    "left the town",
    "called the vote off",
    "paid 12 workers",
    "sued Holm",
]


@pytest.mark.parametrize("seed", range(60))
def test_in_no_story_does_a_sentence_lean_on_what_is_not_there(seed: int) -> None:
    dice = random.Random(seed)
    texts = [
        " ".join(
            f"{dice.choice(OPENINGS)} {dice.choice(DOINGS)} on {dice.randint(1, 28)} May {dice.randint(1, 99)} times."
            for _ in range(dice.randint(1, 8))
        )
        for _ in range(dice.randint(1, 4))
    ]
    tale = story("tale", *(source(n, f"Title {n}", text) for n, text in enumerate(texts, 1)))
    pool = candidates.of_story(tale)
    taken = in_reading_order(choose_sentences(tale, pool, dice.choice([20, 45, 90])))
    leaning = {c for c in taken if standalone.dangles(c.text, "en") or not standalone.whole(c.text)}
    supported = {two for one, two in pairwise(taken) if (one.source, one.place) == (two.source, two.place - 1)}
    assert taken
    assert leaning <= supported or len(taken) == 1
