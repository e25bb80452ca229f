from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aggregator.stories.copies.near_duplicates import Copy, NearDuplicates, own_text, shingles_of
from aggregator.stories.model import Document
from aggregator.stories.record_store import MemoryRecords

TEXT = (
    "The harbour of Lindesnes will be closed for three weeks while divers look for the anchor that the "
    "ferry Solveig lost in "
    "Tuesday's storm. The port authority said on Wednesday that the anchor lies in the fairway at a "
    "depth of eleven metres. "
    "Fishing boats have been asked to use the old quay at Baly. The shipping line will bear the cost of "
    "the search, a spokesman "
    "said, and expects to resume the route to Hirtshals before Easter. Two passengers were slightly "
    "hurt when the ferry drifted."
)
OTHER = (
    "A choir of four hundred children opened the music week in Bergen on Friday evening. The programme "
    "holds sixty concerts, "
    "most of them free, and ends with a midnight performance on Mount Floyen. Tickets for the opera "
    "were sold out within an hour."
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def item(entry: int, title: str, text: str, source: str = "") -> Document:
    return Document(entry, title, text, NOON, source)


def index() -> NearDuplicates:
    known = NearDuplicates(MemoryRecords())
    known.add(1, shingles_of(item(1, "Harbour closed while divers look for anchor", TEXT, "one")))
    known.add(2, shingles_of(item(2, "Children open music week", OTHER, "two")))
    return known


def first(known: NearDuplicates, title: str, text: str, source: str = "") -> Copy | None:
    return next(iter(known.candidates(shingles_of(item(99, title, text, source)))), None)


def test_a_copy_is_found_whatever_was_done_to_it() -> None:
    cut = TEXT[: len(TEXT) // 2]
    excerpt = " ".join(TEXT.split()[20:55])
    framed = f"NORTH TODAY | Sign up for our letter.\n{TEXT}\nAll rights reserved. North Today."
    mixed = f"{cut} {OTHER[: len(OTHER) // 3]}"
    for text in (TEXT, cut, excerpt, framed, mixed):
        copy = first(index(), "Another title altogether", text, "three")
        assert copy is not None
        assert copy.article == 1


def test_another_text_is_not_a_copy() -> None:
    title = "Harbour closed while divers look for anchor"
    assert first(index(), title, "The ferry was late again on Friday, as it had been all week.", "x") is None
    assert first(index(), "", "") is None


def test_a_column_that_repeats_its_title_is_no_copy() -> None:
    title = "The five things you need to know this morning"
    known = NearDuplicates(MemoryRecords())
    known.add(1, shingles_of(item(1, title, "", "daily")))
    assert first(known, title, "", "daily") is None
    assert first(known, title, "", "other") is not None


def test_wording_that_a_feed_repeats_proves_nothing() -> None:
    notes = (
        "Support the show at coast.example and get every episode early. Music by Nora Eklund, produced in "
        "the old harbour hall."
    )
    talks = ("A baker on sour dough.", "A pilot on fog banks.", "A nurse on night shifts.", "A judge on short trials.")
    known = NearDuplicates(MemoryRecords())
    for entry, talk in enumerate(talks):
        known.add(entry, shingles_of(item(entry, f"Episode {entry}", f"{talk} {notes}", "Coast Pod")))
    assert first(known, "Extra", f"A sailor on knots and ropes. {notes}", "Coast Pod Extra") is None
    other = NearDuplicates(MemoryRecords())
    other.add(0, shingles_of(item(0, "Episode 0", f"{talks[0]} {notes}", "Coast Pod")))
    assert (
        first(other, "Extra", f"A sailor on knots and ropes. {notes}", "Coast Pod Extra") is not None
    )  # not yet learned


def test_the_lines_of_a_link_site_are_no_text() -> None:
    posted = (
        "Article URL: https://one.example/a\nComments URL: https://news.example/item?id=4\nPoints: 102\n# Comments: 23",
        "submitted by /u/somebody to r/harbours [link] [comments]",
        "Comments",
        "17 comments https://x.example/1",
    )
    assert [own_text(text).split() for text in posted] == [[], [], [], []]
    assert own_text("The harbour is closed.") == "The harbour is closed."


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    known = NearDuplicates(MemoryRecords(), capacity=2)
    for key, text in (
        (1, TEXT),
        (2, OTHER),
        (3, "Something short and new about the weather in the far north of the land"),
    ):
        known.add(key, shingles_of(item(key, f"title {key}", text)))
    assert len(known) == 2
    assert 1 not in known
    assert first(known, "", TEXT) is None


def test_an_article_that_was_discarded_is_not_found() -> None:
    known = index()
    known.discard(1)
    known.discard(77)
    assert first(known, "", TEXT) is None


def test_of_two_articles_under_one_title_one_may_be_forgotten() -> None:
    known = NearDuplicates(MemoryRecords())
    for article, source in ((1, "one"), (2, "two"), (3, "three")):
        known.add(article, shingles_of(item(article, "Children open music week" if article < 3 else "", OTHER, source)))
    known.discard(1)
    copy = first(known, "Children open music week", OTHER, "four")
    assert copy is not None
    assert copy.article == 2
    known.discard(2)
    untitled = first(known, "", OTHER, "four")
    assert untitled is not None
    assert untitled.article == 3
    known.discard(3)
    known.discard(3)
    assert first(known, "Children open music week", OTHER, "four") is None


def test_who_has_a_title_is_known_after_each_change() -> None:
    known = NearDuplicates(MemoryRecords())

    def add(entry: int, title: str) -> set[int]:
        known.add(entry, replace(shingles_of(item(entry, title, "")), feed="one", files=entry))
        return known.same_words(entry)

    assert [add(entry, "Bulletin") for entry in (3, 1)] == [set(), {3}]
    assert add(2, "Bulletin") == {1, 3}
    known.discard(1)
    assert known.same_words(2) == {3}
    assert [add(entry, "") for entry in (4, 5)] == [set(), set()]
    assert known.candidates(shingles_of(item(9, "", ""))) == []
    assert known.same_words(3) == {2}
