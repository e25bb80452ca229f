"""What two articles share and where they differ, in words that a reader finds in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.stories.grouping import lookalikes, phrasing, views
from aggregator.stories.grouping.features import extract
from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.views import IndexedArticle
from aggregator.stories.model import Document, Values
from tests.aggregator.stories.news import START

ALL = ("title", "text", "names", "keys", "numbers", "senses", "links")


def article(index: Index, entry: int, document: Document) -> IndexedArticle:
    features = extract(document)
    ((terms, flags, own),) = views.interned([features], index)
    index.add([entry], [terms], [flags > 0])
    words, body = views.words(flags), views.has_body(flags)
    head = lookalikes.head(document.title, document.text)
    return IndexedArticle(
        entry, entry, START, START, "", features.language, terms, flags, words, body, own=own, head=head
    )


def articles(*texts: tuple[str, str, str], links: tuple[str, ...] = ()) -> tuple[Index, list[IndexedArticle]]:
    """Articles of one window in order of arrival, each by its language, title and text."""
    index = Index()
    documents = [
        Document(n, title, text, START + timedelta(hours=n), language=code, links=links)
        for n, (code, title, text) in enumerate(texts)
    ]
    return index, [article(index, d.entry, d) for d in documents]


def shared(*texts: tuple[str, str, str], links: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """What the last two articles share, the words of the last first."""
    index, found = articles(*texts, links=links)
    return phrasing.Pair(found[-1], found[-2], index).shared(ALL)


def differing(one: str, other: str, language: str = "en") -> dict[str, Values]:
    index, found = articles(("en", "", other), (language, "", one))
    return phrasing.Pair(found[1], found[0], index).differing()


RUSSIAN = ("ru", "Школы закрыты из-за шторма", "Школы закрыты в понедельник.")
ENGLISH = ("en", "Storm closes schools", "All schools are closed on Monday.")
GERMAN = ("de", "Sturm: Schulen geschlossen", "Am Montag sind alle Schulen geschlossen.")


def test_what_two_languages_mean_alike_is_reported_in_the_words_of_both() -> None:
    assert {"Schulen / schools", "Montag / Monday"} <= set(shared(ENGLISH, GERMAN)["senses"])


def test_offices_and_parts_of_names_are_no_names() -> None:
    said = "The Secretary of the United States, Mara Quill, spoke to the Foreign Minister in Belmora."
    names = {n for view in ("names", "keys") for n in shared(("en", "", said), ("en", "", f"On Friday: {said}"))[view]}
    assert {"Quill", "Belmora"} <= names
    assert not names & {"Secretary", "United", "States", "Foreign", "Minister"}


def test_stop_words_are_not_shown() -> None:
    one, other = "The harbour didn’t open on time in Lumbrano", "Lumbrano: why the harbour didn't open"
    assert shared(("en", one, ""), ("en", other, ""))["text"] == ["Lumbrano", "harbour", "open"]


def test_a_word_that_has_a_capital_only_in_a_title_full_of_them_is_no_name() -> None:
    told = (
        (
            "en",
            "Tugs Pull Stranded Ferry off Sandbank",
            "Two tugs pulled the ferry off a bank near Lumbrano on Monday.",
        ),
        (
            "en",
            "Ferrari Mulls Odd Rebuild of Grandstand",
            "On Monday a grandstand in Calder was said to be rebuilt by Ferrari.",
        ),
    )
    index, found = articles(*told)
    mine, theirs = phrasing.Pair(found[1], found[0], index).differing()["other subjects"]
    assert set(mine) == {"Ferrari", "Calder"}
    assert set(theirs) == {"Lumbrano"}


def test_a_third_article_lends_neither_of_them_a_word() -> None:
    """The index keeps one form of each term, here the Russian one."""
    assert shared(RUSSIAN, ENGLISH, GERMAN) == shared(ENGLISH, GERMAN)


def test_a_name_of_another_script_is_shown_in_both() -> None:
    found = shared(("en", "", "Then Maren sank."), ("ru", "", "Потом Марен затонул."))
    assert "Марен / Maren" in found["keys"]


def test_forms_of_one_word_are_shown_once() -> None:
    found = shared(("en", "Companies label films", ""), ("en", "A company labels a film", ""))
    assert set(found["title"]) == {"company", "label", "film"}


def test_words_that_only_begin_alike_are_shown_as_they_are() -> None:
    found = shared(("en", "Martial law declared", ""), ("en", "Martians land", ""))
    assert found["keys"] == ["Martians / Martial"]


def test_an_address_is_shown_without_what_is_the_same_in_all_and_not_in_full_length() -> None:
    short, long = "https://www.coast.example/1/", "https://coast.example/" + "a" * 200
    texts = ("en", "Ferry aground", ""), ("en", "Sandbank and summer", "")
    assert shared(*texts, links=(short,))["links"] == ["coast.example/1"]
    (cut,) = shared(*texts, links=(long,))["links"]
    assert cut.startswith("coast.example/aaa")
    assert len(cut) == 60
    assert cut.endswith("…")


def test_an_article_gives_back_the_words_it_was_read_with() -> None:
    index, found = articles(RUSSIAN, ENGLISH, GERMAN)
    for one, (code, title, text) in zip(found, (RUSSIAN, ENGLISH, GERMAN), strict=True):
        read = extract(Document(0, title, text, START, language=code))
        kept = views.named(one, index)
        assert {t: w.casefold() for t, w in kept.shown.items()} == {t: w.casefold() for t, w in read.shown.items()}


@pytest.mark.parametrize(
    ("one", "other", "column", "said"),
    [
        ("It left 98 wounded.", "In all 61 wounded.", "other counts", (("98 wounded",), ("61 wounded",))),
        ("They won 3-1 at home.", "It was 2-0 in the end.", "other counts", (("3-1",), ("2-0",))),
        ("It left 98 wounded.", "The crash killed 61.", "other numbers", (("98 wounded",), ("killed 61",))),
        ("It costs $3.1 million.", "Prices rose by 8%.", "other numbers", (("$3.1 million",), ("8%",))),
        ("It came 17 Tuesday.", "It left 61 wounded.", "other numbers", None),
        ("It left 98 wounded.", "There were 61 of them.", "other counts", None),
        (
            "Then Ilse Tandberg spoke.",
            "Then Jonas Reith spoke.",
            "other subjects",
            (("Ilse", "Tandberg"), ("Jonas", "Reith")),
        ),
        ("Then Ilse Tandberg spoke.", "Then Ilse spoke.", "other subjects", None),
        ("Then Ilse Tandberg spoke.", "Ilse spoke with Jonas.", "other subjects", (("Tandberg",), ("Jonas",))),
    ],
)
def test_what_differs_is_said_where_it_has_a_name(one: str, other: str, column: str, said: Values | None) -> None:
    assert differing(one, other).get(column) == said


def test_names_of_another_language_are_not_set_against_each_other() -> None:
    """One name may be written so that no key meets."""
    assert "other subjects" not in differing("Dann sprach Ilse Tandberg.", "Then Jonas Reith spoke.", "de")
    assert "other subjects" in differing("Then Ilse Tandberg spoke.", "Then Jonas Reith spoke.", "en")


def test_a_word_is_found_as_the_article_writes_it_whatever_its_case() -> None:
    texts = (
        ("Solveig Ferry Stops", "The ferry of Solveig stops on Monday."),
        ("SÓLVEIG ferries stop", "Ferries stop again."),
    )
    index, found = articles(*(("en", *text) for text in texts))
    for one in found:
        said = views.WrittenTerms(one, index)
        written = {said[term].casefold() for term in one.terms.tolist()}
        for word in " ".join(map(" ".join, texts)).replace(".", "").split():
            for form in (word, word.upper(), word.lower(), f"{word}x"):
                assert said.among(one.terms, form) == (form.casefold() in written)
