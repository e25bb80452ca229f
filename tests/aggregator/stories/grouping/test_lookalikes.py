from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from aggregator.stories.grouping import lookalikes
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.explain import LOOKALIKE, statement
from aggregator.stories.grouping.views import NO_KEYS, Several
from aggregator.stories.model import Action, Decision, Document, Placed
from tests.benchmarks.forms import measure
from tests.support.forms import reports

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUAKE = (
    "Magnitude {0} earthquake near {1} leaves {2} injured",
    (
        "An earthquake of magnitude {0} struck near {1} on Monday, the institute said. At least {2} "
        "people were injured, according to the "
        "civil protection service. People ran into the streets. Aftershocks may follow in the coming days."
    ),
)
FLOOD = (
    "Hochwasser in {1}: {2} Menschen in Sicherheit",
    (
        "Wegen Hochwassers sind in {1} {2} Menschen in Sicherheit gebracht worden, teilte die Feuerwehr "
        "mit. Der Pegel stieg auf {0} "
        "Zentimeter. Die Einsatzkräfte rechnen mit weiteren Regenfällen in der Nacht."
    ),
)
CLOSE = (
    "Cierre: {1} queda en {2} puntos",
    (
        "La acción de {1} queda en {2} puntos al cierre de la sesión, informó la bolsa. El volumen fue "
        "similar al de la víspera y el tipo "
        "quedó en {0}. Los operadores citaron la evolución de los tipos de interés y el precio del crudo."
    ),
)
FORMS = [QUAKE, FLOOD, CLOSE]
ANY_TEXT = (
    "The maintainers thanked forty volunteers who had reported faults during the long winter.",
    "Anglers and rowers meet at the old boathouse, where the water is deepest in spring.",
    "Gardeners should cover young plants tonight because the sky will be clear and calm.",
)


def report(entry: int, form: tuple[str, str], *values: object, hours: float = 0.0, source: str = "desk") -> Document:
    title, text = form
    return Document(entry, title.format(*values), text.format(*values), NOON + timedelta(hours=hours), source)


def decided(*documents: Document) -> list[Decision]:
    grouper = Grouper()
    return [grouper.add(document) for document in documents]


@pytest.mark.parametrize("form", FORMS)
def test_two_events_in_one_form_are_two_stories(form: tuple[str, str]) -> None:
    done = decided(
        report(1, form, "511", "Arvika", 340),
        report(2, form, "477", "Belmora", 120),
        report(3, form, "690", "Cardell", 88),
    )
    assert [one.action for one in done] == [Action.OPENS] * 3


@pytest.mark.parametrize("form", FORMS)
def test_a_changed_count_of_one_event_is_one_story(form: tuple[str, str]) -> None:
    done = decided(report(1, form, "511", "Arvika", 340), report(2, form, "511", "Arvika", 362, hours=2))
    assert [one.action for one in done] == [Action.OPENS, Action.JOINS]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_place_with_all_other_numbers_is_another_event(form: tuple[str, str]) -> None:
    done = decided(report(1, form, "511", "Arvika", 340), report(2, form, "672", "Arvika", 45, hours=20))
    assert [one.action for one in done] == [Action.OPENS] * 2


def test_what_keeps_two_look_alikes_apart_is_said() -> None:
    _, other = decided(report(1, QUAKE, "5.1", "Arvika", 30), report(2, QUAKE, "5.1", "Belmora", 30))
    said = [statement(one) for one in other.evidence if one.view == LOOKALIKE]
    assert said == ["both are made from one template, about different events: Belmora here, Arvika there"]


def test_look_alikes_are_distinguished_after_a_restart() -> None:
    first, second = report(1, QUAKE, "5.1", "Arvika", 30), report(2, QUAKE, "5.1", "Belmora", 30)
    before = Grouper()
    opened = before.add(first)
    kept = Placed(replace(first, text=""), 1, opened.story, before.readings([1])[1])
    again = Grouper()
    again.restore([kept])
    assert again.add(second) == before.add(second)


def test_forms_that_nobody_tuned_to_are_read_right() -> None:
    found = measure(list(reports(seed=7, each=14)))
    assert found.lost == 0
    assert found.found >= 0.95 * found.copies > 0
    assert found.precision >= 0.97
    assert found.f1 >= 0.97


def test_the_order_of_arrival_loses_nothing() -> None:
    rows = list(reports(seed=8, each=8))
    times = [row["time"] for row in rows]
    turned = [{**row, "time": at} for row, at in zip(reversed(rows), times, strict=True)]
    assert measure(turned).lost == 0


COLUMNS = {
    "Word of the Day": (
        "<strong>{}</strong> (noun) {} See the entry.",
        ("abeyance", "A state of temporary inactivity."),
        ("bulwark", "A solid wall raised for defense."),
        ("cadence", "A rhythmic sequence of sounds."),
        ("dirge", "A song of mourning."),
    ),
    "Rezept des Tages": (
        "{}: {} Für vier Personen.",
        ("Linseneintopf", "Die Linsen mit Möhren und Lorbeer kochen."),
        ("Kartoffelpuffer", "Die Kartoffeln reiben und in Öl backen."),
        ("Apfelstrudel", "Den Teig dünn ziehen und mit Äpfeln füllen."),
        ("Gemüsesuppe", "Das Gemüse mit Lorbeer und Möhren kochen."),
    ),
    "Readers' letters": (
        "{} writes: {} Write to us.",
        ("Ada Brook of Orr", "The buses in the valley should run until midnight."),
        ("Tom Vale of Lorn", "Your report about the buses in the valley forgot the trams."),
        ("Lena Marsh of Baly", "The old bridge must not be torn down."),
        ("Ivo Kerr of Orr", "I remember when the old bridge was built."),
    ),
    "La foto del día": (
        "{}. {} Foto: archivo.",
        ("Un faro", "El faro de Punta Roca después de la tormenta."),
        ("Dos barcos", "Dos barcos de pesca vuelven al puerto de Roca."),
        ("Un mercado", "El mercado de flores abre a las seis."),
        ("La niebla", "La niebla cubre el puerto después de la tormenta."),
    ),
}


@pytest.mark.parametrize("title", COLUMNS)
def test_the_issues_of_a_column_with_one_title_are_stories_of_their_own(title: str) -> None:
    form, *values = COLUMNS[title]
    done = decided(*(report(n, (title, form), *value, hours=24 * n) for n, value in enumerate(values)))
    assert [one.action for one in done] == [Action.OPENS] * len(values)


def test_a_later_report_of_another_outlet_under_the_same_title_is_no_column() -> None:
    title = "Ferry Solveig hits quay at Baly"
    done = decided(
        report(1, (title, "The ferry Solveig hit the quay at Baly on Monday. Sixty people were hurt, the port said.")),
        report(
            2,
            (title, "Sixty people were hurt when the ferry Solveig struck the quay at Baly, according to the port."),
            hours=20,
            source="courier",
        ),
    )
    assert [one.action for one in done] == [Action.OPENS, Action.JOINS]


def test_only_titles_with_enough_words_in_common_are_aligned() -> None:
    """Reading the words of every compared title took half of the time of grouping."""
    grouper = Grouper()
    topics = ["harbour", "airport", "railway", "hospital", "library", "theatre", "stadium", "brewery"]
    for entry, topic in enumerate(topics):
        title = f"Council of Northport approves the new {topic}"
        grouper.add(Document(entry, title, f"{title}. {QUAKE[1].format(entry, topic, entry)}", NOON, f"outlet {entry}"))
    lookalikes._tokenized.cache_clear()
    text = (
        "The strike of the drivers in Northport goes on, said the union. Talks about wages ended at night "
        "without a result."
    )
    grouper.add(Document(99, "Strike of bus drivers goes on in Northport", text, NOON, "outlet"))
    assert lookalikes._tokenized.cache_info().misses == 1


SERIES = [
    ("Corvex 1.80 released", "Corvex 1.81 released"),
    ("v1.80.0", "v1.81.0"),
    ("Release 2.4.1", "Release 2.4.2"),
    ("Chapter 12: Return", "Chapter 13: Return"),
    ("Episode 44", "Episode 45"),
    ("Daily thread 12 March 2026", "Daily thread 13 March 2026"),
    ("Weather warning: Arvika", "Weather warning: Belmora"),
    ("Incident resolved: slow answers", "Incident resolved: errors at login"),
    ("CVE-2026-1234", "CVE-2026-1235"),
    ("DSA-5600-1 kernel", "DSA-5601-1 mailer"),
    ("北原物語 第12話", "北原物語 第13話"),
    ("Choir festival in Arvika opens", "Choir festival in Belmora opens"),
    ("Arvika beat Cardell 2-1", "Belmora beat Dornum 2-1"),
]
NOTES = (
    "",
    "See the notes for what is new and how to upgrade.",
    (
        "It repairs a crash at the start, makes the search faster and adds two languages. It also updates the handbook "
        "and the translations. Users should upgrade with the usual command; the list of changes has all details."
    ),
)


@pytest.mark.parametrize("hours", [0.01, 30])
@pytest.mark.parametrize("text", NOTES, ids=["title", "line", "text"])
@pytest.mark.parametrize("titles", SERIES, ids=lambda titles: titles[0])
def test_the_parts_of_a_series_of_one_outlet_are_stories_of_their_own(
    titles: tuple[str, str], text: str, hours: float
) -> None:
    done = decided(
        *(Document(n, title, text, NOON + n * timedelta(hours=hours), "desk") for n, title in enumerate(titles))
    )
    assert [one.action for one in done] == [Action.OPENS] * 2


def test_twelve_versions_of_one_program_are_twelve_stories() -> None:
    done = decided(
        *(Document(n, f"Corvex 1.{n} released", NOTES[1], NOON + timedelta(minutes=n), "desk") for n in range(12))
    )
    assert len({one.story for one in done}) == 12


@pytest.mark.parametrize(
    "titles",
    [
        ("Ferry sinks off Arvika, 12 dead", "Ferry sinks off Arvika, 14 dead"),
        ("Arvika: 12 killed in blast at mill", "Arvika: 15 killed in blast at mill"),
        ("Blast Kills 12 in Arvika", "Blast Kills 20 in Arvika"),
        ("Quake of magnitude 6.1 hits Arvika", "Quake of magnitude 6.3 hits Arvika"),
        ("Arvika lead Belmora 2-1", "Arvika lead Belmora 3-1"),
        ("北原の土砂崩れ、死者12人に", "北原の土砂崩れ、死者15人に"),
    ],
)
def test_an_outlet_that_counts_again_reports_on_the_same_event(titles: tuple[str, str]) -> None:
    done = decided(*(Document(n, title, "", NOON + n * timedelta(hours=2), "desk") for n, title in enumerate(titles)))
    assert [one.action for one in done] == [Action.OPENS, Action.JOINS]


def test_hashes_of_the_titles_leave_out_no_part_of_a_series() -> None:
    titles = ("Warning: Frost", "Warning: Ice", "Arvika wins again", "Belmora wins again", "12", "13", "A calm lake")
    grouper = Grouper()
    for entry, title in enumerate(titles):
        text = f"{ANY_TEXT[entry % 3]} Item {title} of the list."
        grouper.add(Document(entry, title, text, NOON + timedelta(days=entry), "desk", "en", feed=str(entry)))
    held = grouper._window.articles
    assert all(len(held[slot].title_keys) for slot in held)
    for slot in held:
        others = [held[other] for other in held if other != slot]
        looked = lookalikes._of_one_series(held[slot], Several.of(others), np.ones(len(others), np.bool_))
        assert [others[k].slot for k in looked] == ([slot ^ 1] if slot < 4 else [o.slot for o in others if slot < 6])
        bare = Several.of([replace(other, title_keys=NO_KEYS) for other in others])
        assert len(lookalikes._of_one_series(held[slot], bare, np.ones(len(others), np.bool_))) == len(others)
    assert all(lookalikes._series(held[slot], held[slot ^ 1]) for slot in range(6))
