"""The columns that the model weighs: rivals, links and senses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from aggregator.stories.grouping import evidence, features, lookalikes, views
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.index import Index
from aggregator.stories.grouping.profiles import StoryProfile, closeness
from aggregator.stories.grouping.views import IndexedArticle, Several
from aggregator.stories.grouping.weights import BARE, FOREIGN, FULL, LONG, MERGE, MIXED, PAIR, STORY
from aggregator.stories.grouping.window import WindowStory, moment
from aggregator.stories.meanings import Meanings
from aggregator.stories.model import Action, Document, Values
from tests.aggregator.stories.news import START

ONE = Document(
    0, "Ferry runs aground off Lumbrano", "", START, source="Coast Post", language="en", url="https://coast.example/1"
)
OTHER = Document(
    1,
    "What a sandbank did to our summer",
    "",
    START + timedelta(hours=2),
    source="Inland News",
    language="en",
    url="https://inland.example/9",
)


def article(document: Document, index: Index, slot: int) -> IndexedArticle:
    ((terms, flags, _),) = views.interned([features.extract(document)], index)
    return IndexedArticle(
        document.entry,
        slot,
        document.arrived,
        moment(document.published, document.arrived, default=document.arrived),
        document.source,
        "en",
        terms,
        flags,
        views.words(flags),
        views.has_body(flags),
    )


def pair(one: Document, other: Document) -> dict[str, float]:
    index = Index()
    first, second = article(one, index, 0), article(other, index, 1)
    several = Several.of([first])
    rows, _ = evidence.pair_columns(second, several, views.compare(second, several, index), {}, np.zeros((1, 2)))
    return dict(zip(PAIR, rows[0].tolist(), strict=True))


def kind(one: IndexedArticle, other: IndexedArticle, index: Index) -> int:
    several = Several.of([other])
    _, kinds = evidence.pair_columns(one, several, views.compare(one, several, index), {}, np.zeros((1, 2)))
    return int(kinds[0])


def after(hours: float, extra: str = "") -> dict[str, float]:
    """Compare two reports, the second published so many hours later; `extra` makes both longer."""
    one = replace(ONE, text=f"{ONE.text} {extra}")
    return pair(one, replace(OTHER, arrived=ONE.arrived + timedelta(hours=hours), text=f"{OTHER.text} {extra}"))


def test_time_apart_counts_up_to_a_bound() -> None:
    assert after(5)["hours"] < after(24)["hours"] < after(48)["hours"] == after(90 * 24)["hours"]
    assert after(24)["days"] == 0.0
    assert after(48)["days"] < after(31.5 * 24)["days"] == after(90 * 24)["days"]


def test_time_counts_less_for_longer_texts_and_not_at_all_for_articles() -> None:
    words = [f"Harbour{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    hours = [after(48, " ".join(words[:many]))["hours"] for many in (0, 60, 100)]
    assert hours[0] > hours[1] > hours[2] == 0.0


def test_an_article_without_a_date_may_have_been_fetched_two_days_late() -> None:
    hours = np.array([2.0, 5.0, 30.0, 50.0, 24.0 * 9])
    assert evidence.hours_apart(hours, np.array(True)).tolist() == hours.tolist()
    assert evidence.hours_apart(hours, np.array(False)).tolist() == [2.0, 5.0, 5.0, 5.0, 24.0 * 7]


def test_a_title_beside_an_article_is_a_kind_of_its_own() -> None:
    index = Index()
    text = "The ferry was pulled off the sandbank near Lumbrano by two tugs on Tuesday, the harbour office said."
    reported = [article(replace(ONE, entry=n, text=said), index, n) for n, said in enumerate(("", "", text, text))]
    pairs = [
        (reported[0], reported[1]),
        (reported[0], reported[2]),
        (reported[2], reported[0]),
        (reported[2], reported[3]),
    ]
    kinds = [kind(a, b, index) for a, b in pairs]
    assert kinds == [BARE, MIXED, MIXED, FULL]


def test_two_whole_articles_are_a_kind_of_their_own_and_one_beside_a_lead_is_not() -> None:
    index = Index()
    whole = " ".join(f"Harbour{a}{b}" for a in "abcdefgh" for b in "klmnopqr")
    long, other, lead = (
        article(replace(ONE, entry=n, text=said), index, n) for n, said in enumerate((whole, whole, whole[:200]))
    )
    kinds = [kind(long, b, index) for b in (other, lead)]
    assert kinds == [LONG, FULL]


def test_the_time_of_a_report_is_that_of_its_publication_where_that_can_be_believed() -> None:
    at = START
    for late in (5, 24, 48):
        fetched = at + timedelta(hours=late)
        assert moment(at, fetched, default=fetched) == at
    wrong = [None, at + timedelta(days=1), at - timedelta(days=9000)]
    assert [moment(date, at, default=at) for date in wrong] == [at, at, at]
    assert moment(at + timedelta(minutes=20), at, default=at) == at  # a clock that is ahead


def test_titles_of_articles_in_one_form_with_other_names_are_noticed() -> None:
    text = " ".join(
        f"{word} word" for word in ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"]
    )
    index = Index()
    titles = ("Northport beats Estwick in handball final", "Northport beats Calder in handball final")
    one, other = (
        article(Document(n, title, f"{name} {text}", START, name, "en"), index, n)
        for n, (title, name) in enumerate(zip(titles, ("a", "b"), strict=True))
    )
    for said, title in zip((one, other), titles, strict=True):
        said.head = lookalikes.head(title, "")
        said.title_keys = lookalikes.title_keys(said.head, views.named(said, index), said.source)
    found = lookalikes.lookalikes(other, Several.of([one]), index)
    assert found[0].titles
    assert not found[0].other
    assert found[0].differing == ("Calder", "Estwick")
    one.head, one.title_keys = other.head, other.title_keys
    assert lookalikes.lookalikes(other, Several.of([one]), index) == {}


def story(name: str, *slots: int) -> WindowStory:
    return WindowStory(name, list(slots), START, START, START)


def test_members_of_two_stories_that_are_alike_link_and_cover_them() -> None:
    one, other = story("a", 0, 1), story("b", 2)
    like = np.zeros(MERGE.index("smaller") - 1)

    def row(pairs: list[list[float]]) -> dict[str, float]:
        return dict(
            zip(MERGE, evidence.merge_columns(one, other, like, 0.0, np.array(pairs), 20).tolist(), strict=True)
        )

    close, half, far = row([[8.0], [8.0]]), row([[8.0], [-8.0]]), row([[-8.0], [-8.0]])
    assert (close["linked"], half["linked"], far["linked"]) == (1.0, 0.0, -1.0)
    assert close["covered"] > 0.99
    assert half["covered"] == pytest.approx(2 / 3, abs=0.01)
    assert far["covered"] < 0.01


def story_rows(odds: list[float]) -> list[dict[str, float]]:
    index = Index()
    document = article(ONE, index, 9)
    stories = [story(str(k), k) for k in range(len(odds))]
    close = np.zeros((len(odds), STORY.index("length") - STORY.index("title")))
    members, alike = [[k] for k in range(len(odds))], np.zeros((len(odds), len(evidence.ALIKE)))
    rows = evidence.story_columns(document, stories, members, np.array(odds), close, alike)
    return [dict(zip(STORY, row, strict=True)) for row in rows.tolist()]


def test_the_rival_of_a_story_is_the_likeliest_other() -> None:
    rows = story_rows([2.0, 0.5, -3.0])
    assert [r["rival"] for r in rows] == [0.5, 2.0, 2.0]
    assert [r["contested"] for r in rows] == [1.5, 3.0, 3.0]


def test_an_unlikely_story_is_no_rival() -> None:
    alone, beside = story_rows([2.0])[0], story_rows([2.0, -9.0])[0]
    assert alone["rival"] == beside["rival"] == evidence.UNLIKE
    assert alone["contested"] == 0.0


def test_two_stories_equally_likely_are_each_others_rivals() -> None:
    assert [r["rival"] for r in story_rows([1.0, 1.0])] == [1.0, 1.0]


def test_a_link_to_the_other_is_seen_from_either_side() -> None:
    linked = replace(OTHER, links=("https://coast.example/1",))
    back = replace(ONE, links=("https://inland.example/9",))
    assert pair(ONE, OTHER)["links"] == 0.0
    assert pair(ONE, linked)["links"] > 0.3
    assert pair(back, OTHER)["links"] > 0.3


def test_a_page_that_both_link_to_counts_unless_one_outlet_links_to_it_everywhere() -> None:
    report = ("https://authority.example/report",)
    one, other = replace(ONE, links=report), replace(OTHER, links=report)
    assert pair(one, other)["links"] > 0.3
    assert pair(one, replace(other, source=ONE.source))["links"] == 0.0


def test_links_beyond_the_twentieth_are_a_list() -> None:
    many = tuple(f"https://list.example/{n}" for n in range(features.LINKS))
    assert pair(ONE, replace(OTHER, links=(*many, "https://coast.example/1")))["links"] == 0.0


def test_a_link_alone_joins_nothing_and_speaks_for_what_is_alike() -> None:
    grouper = Grouper()
    grouper.add(ONE)
    linked = replace(OTHER, links=("https://coast.example/1",))
    assert grouper.add(linked).action is Action.OPENS
    scores = []
    for links in ((), ("https://coast.example/1",)):
        grouper = Grouper()
        grouper.add(ONE)
        again = replace(OTHER, title="Ferry aground near Lumbrano: passengers brought ashore", links=links)
        decision = grouper.add(again)
        scores.append(decision.score if decision.action is Action.JOINS else 1.0 - decision.score)
    assert scores[1] > scores[0]
    assert any(e.view == "links" and e.values == ("coast.example/1",) for e in decision.evidence)


def test_tellings_in_two_languages_share_senses() -> None:
    german = replace(OTHER, title="Fähre vor Lumbrano auf Grund gelaufen, Kapitän verhaftet", language="de")
    english = replace(ONE, title="Captain of the ferry at Lumbrano arrested")
    other = replace(ONE, title="Bakers of the town demand cheaper flour")
    assert pair(english, german)["senses"] > 0.2
    assert pair(other, german)["senses"] == 0.0


# ── reasons in words ─────────────────────────────────────────────────────────────────────────────────────────────────


def said(
    shared: dict[str, list[str]], differing: dict[str, Values] | None = None, **values: float
) -> list[tuple[str, Values]]:
    """The reasons for a pair of which these columns have a value, each weighing one."""
    row = np.array([values.get(column.replace(" ", "_"), 0.0) for column in PAIR])
    return [(e.view, e.values) for e in evidence.reasons(row, np.ones(len(PAIR)), shared, differing or {}, 3.0)]


APART = ("time", (3.0,))


def test_a_word_is_reported_once_under_the_weightiest_view() -> None:
    reported = said({"title": ["ferry", "fog"], "text": ["fog"], "names": ["fog"]}, text=2.0, title=0.5, names=0.4)
    assert reported == [("text", ("fog",)), ("title", ("ferry",)), APART]


def test_a_view_that_weighs_much_is_reported_though_its_words_are_known() -> None:
    assert said({"text": ["fog"], "keys": ["fog"]}, text=2.0, keys=1.5) == [
        ("text", ("fog",)),
        ("keys", ("fog",)),
        APART,
    ]


def test_what_hardly_weighs_is_not_reported() -> None:
    assert said({"text": ["fog"]}, text=0.05, other_numbers=-0.05) == [APART]


def test_what_speaks_against_names_what_differs_where_it_can() -> None:
    apart: dict[str, Values] = {"other counts": (("98 wounded",), ("61",))}
    reported = said({}, apart, other_counts=-2.0, other_numbers=-1.0)
    assert reported == [
        ("other counts", (("98 wounded",), ("61",))),
        ("other numbers", ()),
        APART,
    ]


@pytest.mark.parametrize(("meaning", "meant", "weight"), [(3.0, -1.0, 2.0), (0.5, -1.5, -1.0)])
def test_the_meaning_as_a_whole_counts_for_or_against(meaning: float, meant: float, weight: float) -> None:
    row = np.array([{"meaning": meaning, "meant": meant}.get(column, 0.0) for column in PAIR])
    first = evidence.reasons(row, np.ones(len(PAIR)), {}, {}, 3.0)[0]
    assert (first.view, first.weight, first.values) == ("meaning", weight, ())


def test_one_rare_word_joins_no_two_articles() -> None:
    row = np.zeros(len(PAIR))
    row[PAIR.index("count")] = np.log1p(1)
    assert not evidence.grounded(row, BARE, 1)
    assert evidence.grounded(row, BARE, 2)
    assert not evidence.grounded(row, FOREIGN, 1)
    row[PAIR.index("count")] = np.log1p(2)
    assert evidence.grounded(row, BARE, 1)


@pytest.mark.parametrize(
    ("columns", "enough"),
    [
        (("keys",), False),
        (("senses",), False),
        (("keys", "numbers", "senses"), False),  # one number is both a key and a number
        (("keys", "senses"), True),
        (("names", "numbers", "senses"), True),
        (("meaning",), True),
    ],
)
def test_across_languages_a_name_and_a_sense_or_the_meaning_join_two_articles(
    columns: tuple[str, ...], enough: bool
) -> None:
    row = np.zeros(len(PAIR))
    row[[PAIR.index(column) for column in columns]] = 0.5
    assert evidence.grounded(row, FOREIGN, 1) is enough


def test_names_that_differ_are_no_reason_where_none_can_be_shown() -> None:
    row, learned = np.zeros(len(PAIR)), np.zeros(len(PAIR))
    row[PAIR.index("other subjects")], learned[PAIR.index("other subjects")] = 1.0, -2.0
    assert [one.view for one in evidence.reasons(row, learned, {}, {}, 1.0)] == ["time"]
    sides: Values = (("Calder",), ("Estwick",))
    found = evidence.reasons(row, learned, {}, {"other subjects": sides}, 1.0)
    assert next((one.view, one.values) for one in found) == ("other subjects", sides)


def test_a_story_of_one_article_is_as_close_as_the_article() -> None:
    index, meanings = Index(), Meanings(encoded=False)
    one, other = article(ONE, index, 0), article(replace(OTHER, title=f"{ONE.title} again", text=OTHER.title), index, 1)
    one.vector, other.vector = np.array([0.6, 0.8], np.float32), np.array([0.8, 0.6], np.float32)
    several = Several.of([one])
    meaning = meanings.cosines(other.meant, [one.meant])
    rows, _ = evidence.pair_columns(other, several, views.compare(other, several, index), {}, meaning)
    whole = closeness(other, [StoryProfile.of([one])], index, meanings)
    assert rows[:, evidence.CLOSE] == pytest.approx(whole)
    assert (whole[0, [0, 1, 2, 5]] > 0.1).all()
