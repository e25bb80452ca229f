from __future__ import annotations

from aggregator.stories.copies.near_duplicates import NearDuplicates, wording

TEXT = (
    "The harbour of Lindesnes will be closed for three weeks while divers look for the anchor that the ferry Solveig lost in "
    "Tuesday's storm. The port authority said on Wednesday that the anchor lies in the fairway at a depth of eleven metres. "
    "Fishing boats have been asked to use the old quay at Baly. The shipping line will bear the cost of the search, a spokesman "
    "said, and expects to resume the route to Hirtshals before Easter. Two passengers were slightly hurt when the ferry drifted."
)
OTHER = (
    "A choir of four hundred children opened the music week in Bergen on Friday evening. The programme holds sixty concerts, "
    "most of them free, and ends with a midnight performance on Mount Floyen. Tickets for the opera were sold out within an hour."
)


def index() -> NearDuplicates:
    known = NearDuplicates()
    known.add(1, wording("Harbour closed while divers look for anchor", TEXT, "one"))
    known.add(2, wording("Children open music week", OTHER, "two"))
    return known


def test_a_copy_is_found_whatever_was_done_to_it() -> None:
    cut = TEXT[: len(TEXT) // 2]
    excerpt = " ".join(TEXT.split()[20:55])
    framed = f"NORTH TODAY | Sign up for our letter.\n{TEXT}\nAll rights reserved. North Today."
    mixed = f"{cut} {OTHER[: len(OTHER) // 3]}"
    for text in (TEXT, cut, excerpt, framed, mixed):
        copy = index().find(wording("Another title altogether", text, "three"))
        assert copy is not None
        assert copy.article == 1


def test_another_text_is_not_a_copy() -> None:
    assert (
        index().find(
            wording(
                "Harbour closed while divers look for anchor",
                "The ferry was late again on Friday, as it had been all week.",
                "x",
            )
        )
        is None
    )
    assert index().find(wording("", "", "")) is None


def test_a_column_that_repeats_its_title_is_no_copy() -> None:
    known = NearDuplicates()
    known.add(1, wording("The five things you need to know this morning", "", "daily"))
    assert known.find(wording("The five things you need to know this morning", "", "daily")) is None
    assert known.find(wording("The five things you need to know this morning", "", "other")) is not None


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    known = NearDuplicates(capacity=2)
    for key, text in (
        (1, TEXT),
        (2, OTHER),
        (3, "Something short and new about the weather in the far north of the land"),
    ):
        known.add(key, wording(f"title {key}", text))
    assert len(known) == 2
    assert 1 not in known
    assert known.find(wording("", TEXT)) is None


def test_an_article_that_was_discarded_is_not_found() -> None:
    known = index()
    known.discard(1)
    known.discard(77)
    assert known.find(wording("", TEXT)) is None


def test_of_two_articles_under_one_title_one_may_be_forgotten() -> None:
    known = NearDuplicates()
    for article, source in ((1, "one"), (2, "two"), (3, "three")):
        known.add(article, wording("Children open music week" if article < 3 else "", OTHER, source))
    known.discard(1)
    copy = known.find(wording("Children open music week", OTHER, "four"))
    assert copy is not None
    assert copy.article == 2
    known.discard(2)
    untitled = known.find(wording("", OTHER, "four"))
    assert untitled is not None
    assert untitled.article == 3
    known.discard(3)
    known.discard(3)
    assert known.find(wording("Children open music week", OTHER, "four")) is None
