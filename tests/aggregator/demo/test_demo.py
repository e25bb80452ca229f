"""The demo is the main job: what it shows is what the product promises."""

from __future__ import annotations

import sqlite3
import tomllib
from collections import defaultdict
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from html import escape
from importlib.resources import files
from pathlib import Path

import pytest

from aggregator.demo import run
from aggregator.demo.outlets import FIRST_DAY, OUTLETS, publications
from aggregator.demo.two_days import DemoResult
from aggregator.store.database import Database
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.origins import origin_reasons
from aggregator.stories.copies.origin import OriginCode
from digests.model import Edition, Item, ItemKind
from tests.draw_stories import draw_lookalikes, draw_story, steps


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    said: list[str] = []
    return run(tmp_path_factory.mktemp("demo"), said.append)


@pytest.fixture(scope="module")
def today(demo: DemoResult) -> Edition:
    return demo.editions[1]


def item(edition: Edition, *words: str) -> Item:
    """The one item whose sources' titles hold these words."""
    found = [i for i in edition.items if any(all(w in s.title for w in words) for s in i.sources)]
    assert len(found) == 1, f"{words}: {[i.headline for i in found]}"
    return found[0]


def test_the_world_is_as_large_as_promised() -> None:
    assert len(OUTLETS) >= 8
    assert len({o.language for o in OUTLETS}) >= 3
    assert {o.format for o in OUTLETS} == {"rss", "atom", "rdf", "json", "page"}
    assert 110 <= len(publications()) <= 130
    assert publications()[0].at >= FIRST_DAY


def test_one_feed_is_down_and_costs_no_other(demo: DemoResult, today: Edition) -> None:
    assert demo.responses == {200: 22, 503: 2}
    assert [t.name for t in today.trust.troubles] == ["The Silent Mirror"]


def test_every_sentence_has_a_source_that_contains_it(demo: DemoResult) -> None:
    db = Database.open(f"sqlite:///{demo.config.parent / 'demo.db'}")
    for edition in demo.editions:
        stories = {s.id: s for s in story_store.stories(db, ids=[i.story for i in edition.items])}
        for reported in edition.items:
            texts = {
                s.article: "\n".join((s.title, s.text, *(v.text for v in s.versions)))
                for s in stories[reported.story].sources
            }
            for sentence in reported.sentences:
                assert sentence.sources, sentence
                for place in sentence.sources:
                    text = " ".join(texts[reported.sources[place].article].split())
                    assert " ".join(sentence.text.split()) in text, sentence
    db.close()


def test_no_story_is_reported_as_new_twice(demo: DemoResult) -> None:
    new = [i.story for e in demo.editions for i in e.items if i.kind is ItemKind.NEW]
    assert len(new) == len(set(new))


def test_each_event_is_one_story_but_for_few(demo: DemoResult) -> None:
    """Grouping by the names that the sample gives its events. Its quality is measured elsewhere."""
    tables = tomllib.loads(files("aggregator.demo").joinpath("stories.toml").read_text("utf-8"))["publication"]
    event_of = {str(t.get("guid", f"{t['event']}-{n}")): t["event"] for n, t in enumerate(tables)}
    stories: dict[str, set[str]] = defaultdict(set)
    events: dict[str, set[str]] = defaultdict(set)
    with closing(sqlite3.connect(demo.config.parent / "demo.db")) as db:
        rows = db.execute("SELECT link, story_id FROM entry JOIN article ON article.id = entry.article_id").fetchall()
    for link, story in rows:
        event = event_of[link.partition("?")[0].rpartition("/")[2]]
        stories[story].add(event)
        events[event].add(story)
    assert len(rows) > 110
    mixed = {story: found for story, found in stories.items() if len(found) > 1}
    split = {event: found for event, found in events.items() if len(found) > 1}
    assert len(mixed) <= 2, mixed
    assert len(split) <= 5, split


def test_a_wire_copy_counts_once_and_its_carriers_are_named(demo: DemoResult) -> None:
    ferry = item(demo.editions[0], "Twelve hurt")
    wire = next(s for s in ferry.sources if s.title.startswith("Twelve hurt"))
    assert wire.outlet == "Northwire"
    assert {c.outlet for c in wire.carriers} == {"The Harbour Post", "Tarn Gazette"}


def test_every_wire_copy_has_the_wire_as_its_author_and_says_how_that_is_known(demo: DemoResult) -> None:
    wired = {t.title for t in publications() if t.outlet == "northwire"}
    with closing(Database.open(f"sqlite:///{demo.config.parent / 'demo.db'}")) as db:
        carried = [s for story in story_store.stories(db) for s in story.sources if s.carriers and s.title in wired]
        reasons = origin_reasons(db, [s.article for s in carried])
    assert len(carried) >= 10
    assert {(s.outlet, s.copy_of, reasons[s.article].code) for s in carried} == {
        ("Northwire", "", OriginCode.OWN_DATELINE)
    }


def test_numbers_that_disagree_stand_side_by_side(demo: DemoResult) -> None:
    ferry = item(demo.editions[0], "Twelve hurt")
    values = [{claim.value for claim in d.claims} for d in ferry.disagreements]
    assert any({"12", "15"} <= found for found in values), ferry.disagreements


def test_what_was_reported_comes_back_only_as_an_update(today: Edition) -> None:
    ferry = item(today, "Radar fault")
    assert ferry.kind is ItemKind.UPDATE
    assert any(s.new for s in ferry.sentences)
    assert item(today, "Morel", "van").kind is ItemKind.UPDATE


def test_a_corrected_number_is_reported_as_a_correction(today: Edition) -> None:
    breach = item(today, "1.2 million")
    assert breach.kind is ItemKind.CORRECTION
    assert breach.corrections


def test_look_alikes_stay_apart(demo: DemoResult, today: Edition) -> None:
    kesra = item(demo.editions[0], "Kesra islands", "earthquake")
    assert item(today, "Darro valley").story != kesra.story
    verran = item(today, "Port Verran United 2-1")
    assert item(today, "Alder Town 0-0").story != verran.story


def test_the_mail_says_the_same_as_the_page(demo: DemoResult, today: Edition) -> None:
    mail = message_from_bytes((demo.page.parent / "today.eml").read_bytes(), policy=default)
    text = mail.get_body(("plain",))
    assert text is not None
    words = " ".join(str(text.get_content()).split())
    page = demo.page.read_text("utf-8")
    for reported in today.items:
        assert " ".join(reported.headline.split()[:4]) in words
        assert escape(reported.headline, quote=False) in page.replace("&#39;", "'").replace("&#34;", '"')


def test_no_boilerplate_reaches_the_reader(demo: DemoResult) -> None:
    tails = (
        "appeared first on",
        "Continue reading",
        "Weiterlesen",
        "Lire la suite",
        "Читать далее",
        "Seguir leyendo",
        "(Northwire) -",  # the dateline; "(Northwire)" alone names who says a figure
        "utm_",
    )
    for file in demo.files:
        if file.suffix != ".eml":
            content = file.read_text("utf-8")
            assert [t for t in tails if t in content] == [], file.name


def test_the_demo_is_the_same_every_time(demo: DemoResult, tmp_path: Path) -> None:
    again = run(tmp_path, lambda _: None)
    assert [e.items for e in again.editions] == [e.items for e in demo.editions]


def test_the_drawings_in_the_docs_show_what_the_program_decides(demo: DemoResult) -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    assert (docs / "story.svg").read_text("utf-8") == draw_story(steps(demo.config.parent / "demo.db")), "make drawings"
    assert (docs / "lookalikes.svg").read_text("utf-8") == draw_lookalikes(), "make drawings"
