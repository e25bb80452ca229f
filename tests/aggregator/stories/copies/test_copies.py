from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.copies.copies import Copies, HeldTexts
from aggregator.stories.copies.near_duplicates import shingles_of
from aggregator.stories.model import Document
from aggregator.stories.record_store import MemoryRecords

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WIRE = (
    "The ferry Solveig ran aground off Lindesnes early on Tuesday with 212 passengers on board, the "
    "coast guard said. Rescue boats "
    "from Mandal took everybody off within three hours. Two people were treated for broken bones at the "
    "hospital in Kristiansand. "
    "The port stays closed until divers have looked at the hull, and the shipping line expects damage "
    "of 4.5 million kroner. "
    "Captain Nils Aune told the inquiry that the rudder had not answered after a power cut. The ship "
    "was built in 1998 and passed "
    "its last inspection in January. The union of seafarers asked for a second pair of eyes on the bridge at night."
)
TITLE = "Ferry Solveig runs aground off Lindesnes"


def item(entry: int, title: str, text: str, source: str, **more: object) -> Document:
    return replace(Document(entry, title, text, NOON + timedelta(minutes=entry), source), **more)  # type: ignore[arg-type]


def copied(*documents: Document) -> list[int | None]:
    """Return of which article each document is a copy, as it is added after those before it."""
    copies, out = Copies(HeldTexts(), MemoryRecords()), list[int | None]()
    for document in documents:
        known = shingles_of(document)
        found = copies.find(document, known)
        out.append(found[0].article if found else None)
        if found:
            copies.carry(found[0].article, document)
        else:
            copies.add(document, known)
    return out


def are_copies(one: tuple[str, str], other: tuple[str, str], sources: tuple[str, str] = ("North", "South")) -> bool:
    found = copied(item(1, *one, sources[0]), item(2, *other, sources[1]))
    return found[1] is not None


# In one form of words, with another name, place, number, date, score, price, version or identifier.
FORMS = {
    "quake": (
        "Magnitude {} quake near {}",
        (
            "A magnitude {} earthquake shook {} on Monday evening, the geological office said. No "
            "damage was reported at first. "
            "The tremor was felt in neighbouring districts and lasted for several seconds."
        ),
        [("5.1", "Arvika"), ("5.1", "Belmora"), ("4.7", "Arvika")],
    ),
    "decision": (
        "Bank of {} raises rates by {} points",
        (
            "The Bank of {} raised its main rate by {} points after a meeting of its board. The "
            "governor said that inflation was still "
            "too high. Markets had expected the step. The next meeting is in six weeks."
        ),
        [("Perria", "25"), ("Talvia", "25"), ("Perria", "50")],
    ),
    "flaw": (
        "CVE-2026-{}: {} flaw",
        (
            "The flaw CVE-2026-{} was found in {} and classified as critical. The attack may be "
            "launched remotely. The exploit has been "
            "disclosed to the public and may be used. It is recommended to upgrade the affected component."
        ),
        [("4100", "Veltrix router"), ("4101", "Veltrix router"), ("4100", "Tinmail server")],
    ),
    "job": (
        "{} in {} wanted",
        (
            "We are looking for a {} for our house in {}. We offer flexible hours, thirty days of leave "
            "and a pension scheme. All "
            "applicants are considered without regard to origin, age or religion. Apply with a short letter."
        ),
        [("Welder", "Selmont"), ("Welder", "Kelmar"), ("Nurse", "Selmont")],
    ),
    "match (French)": (
        "{} bat {} en finale",
        (
            "{} a battu {} samedi en finale du tournoi devant un stade plein. L'entraîneur a salué la "
            "discipline de son équipe. Les deux "
            "clubs se retrouveront au printemps. Le match avait commencé avec un quart d'heure de retard."
        ),
        [("Lomvik", "Hestholm"), ("Lomvik", "Torvald"), ("Elsvik", "Hestholm")],
    ),
    "storm (German)": (
        "Warnung für {}: Böen bis {} km/h",
        (
            "Für {} gilt eine Warnung vor Böen bis {} km/h, teilte der Wetterdienst mit. Lose "
            "Gegenstände sollten gesichert werden. Die "
            "Feuerwehr bittet, unnötige Fahrten zu vermeiden. Die Warnung gilt bis zum frühen Morgen."
        ),
        [("Dunmoor", "90"), ("Zelder", "90"), ("Dunmoor", "120")],
    ),
    "rates (Chinese)": (
        "{}央行上调利率{}个基点",
        "{}中央银行周三宣布将基准利率上调{}个基点。行长表示,这一决定获得委员会一致通过。市场对此反应平静。下一次会议将在六周后举行。",
        [("北陵", "25"), ("东川", "25"), ("北陵", "50")],
    ),
    "death (Russian)": (
        "Умер {} в возрасте {} лет",
        (
            "Скончался {} в возрасте {} лет, сообщила семья. Прощание пройдёт в закрытом режиме. "
            "Коллеги вспоминают о нём как о мастере "
            "своего дела. Редакция выражает соболезнования родным и близким покойного."
        ),
        [("Марек Новак", "81"), ("Оскар Ольсен", "81"), ("Марек Новак", "64")],
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_two_events_in_one_form_of_words_are_no_copies(kind: str) -> None:
    title, text, values = FORMS[kind]
    said = [(title.format(*v), text.format(*v)) for v in values]
    for one, other in permutations(said, 2):
        assert not are_copies(one, other)
    for one in said:
        assert are_copies(one, (one[0], f"KELMAR (Nordpress) - {one[1]}"))


@pytest.mark.parametrize("kind", FORMS)
def test_nothing_is_lost_in_whatever_order_it_arrives(kind: str) -> None:
    title, text, values = FORMS[kind]
    items = [
        (n, title.format(*v), printed, outlet)
        for n, v in enumerate(values)
        for printed, outlet in ((text.format(*v), "service"), (f"{text.format(*v)} Read more tonight.", "Herald"))
    ]
    for order in permutations(items, 4):
        found = copied(*(item(k, t, x, s) for k, (_, t, x, s) in enumerate(order)))
        assert all(a is None or order[a][0] == order[k][0] for k, a in enumerate(found))


WORDS = st.lists(
    st.sampled_from(
        ["harbour", "crane", "ship", "captain", "storm", "quay", "anchor", "rope", "pilot", "buoy", "tide"]
    ),
    min_size=20,
    max_size=60,
)


@given(WORDS, st.integers(0, 19), st.integers(2, 9999), st.integers(2, 9999))
def test_texts_whose_numbers_differ_in_one_place_are_never_joined(
    words: list[str], at: int, one: int, other: int
) -> None:
    texts = [" ".join([*words[:at], str(n), *words[at:]]) for n in (one, other)]
    assert are_copies(("", texts[0]), ("", texts[1])) <= (one == other)


def test_what_a_publisher_changes_is_no_conflict() -> None:
    prints = {
        "dateline": f"MANDAL, March 3 (Reuters) — {WIRE}",
        "agency": WIRE.replace("the coast guard said", "the coast guard told AFP"),
        "day": WIRE.replace("on Tuesday", "today"),
        "number in words": WIRE.replace("three hours", "3 hours").replace("Two people", "2 people"),
        "outlet": WIRE.replace("told the inquiry", "told the South Post"),
        "cut": WIRE[: len(WIRE) // 2],
        "excerpt": ". ".join(WIRE.split(". ")[1:3]) + ".",
        "footer": f"{WIRE}\nRead more in our evening edition. Reporting by Anna Smith.",
        "swapped": ". ".join([*WIRE.split(". ")[2:], *WIRE.split(". ")[:2]]),
        "spelling": WIRE.replace("Kristiansand", "Christiansand").replace("harbour", "harbor"),
        "reworded": WIRE.replace("ran aground", "hit the rocks").replace("took everybody off", "brought all ashore"),
    }
    for change, text in prints.items():
        assert are_copies((TITLE, WIRE), (TITLE, text), ("North", "South Post")), change


def test_a_changed_count_is_an_update_and_no_copy() -> None:
    assert not are_copies((TITLE, WIRE), (TITLE, WIRE.replace("212 passengers", "219 passengers")))
    late = WIRE.replace("built in 1998", "built in 1999")
    assert are_copies((TITLE, f"{WIRE} {WIRE.lower()}"), (TITLE, f"{late} {WIRE.lower()}"))  # a slip in a long text


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Solveig aground: 212 taken off a ferry near Lindesnes",
        "Night of fear on the water",
        "off Lindesnes Ferry Solveig runs aground",
    ],
)
def test_a_copy_under_another_title_is_a_copy(title: str) -> None:
    assert are_copies((TITLE, WIRE), (title, WIRE))


@pytest.mark.parametrize("title", ["Ferry Marit runs aground off Lindesnes", "Ferry Solveig runs aground off Utsira"])
def test_titles_that_differ_in_a_name_are_two_events(title: str) -> None:
    assert not are_copies((TITLE, WIRE), (title, WIRE))


def test_a_wire_text_edited_by_five_outlets_is_one_article() -> None:
    edits = [
        WIRE,
        f"LINDESNES (Reuters) - {WIRE}",
        WIRE.replace("ran aground", "struck rocks").replace(" early", ""),
        ". ".join(WIRE.split(". ")[:3]) + ". Follow us for more.",
        WIRE.replace("the coast guard said", "the coast guard told Reuters") + " (Editing by Jon Moe)",
    ]
    assert copied(*(item(n, TITLE, text, f"outlet {n}") for n, text in enumerate(edits))) == [None, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("title", "own"),
    [
        ("Episode {}", "We talk with guest number {} about quays."),
        ("Weather for Dunmere", "Today {} millimetres of rain fall before noon."),
        ("Breaking", "Breaking: convoy {} has left the harbour."),
        ("Word of the day", "The word is number {} of the list."),
    ],
)
def test_two_items_of_one_feed_are_never_copies(title: str, own: str) -> None:
    notes = (
        "Support us at coast.example and get the letter early. Music by Nora Eklund. Produced in the old "
        "harbour hall of Mandal."
    )
    items = [
        item(n, title.format(n), f"{own.format(n)} {notes}", "Coast", feed="4", url=f"https://coast.example/{n}")
        for n in range(6)
    ]
    assert copied(*items) == [None] * 6


def test_a_monitor_that_says_the_same_again_reports_a_new_event() -> None:
    alarm = (
        "Disk of host three is full",
        "The disk of host three is full since a few minutes ago, writes to the log have stopped.",
    )
    first = item(1, *alarm, "monitor", feed="9", url="https://status.example/host3")
    again = replace(first, entry=2, arrived=NOON + timedelta(hours=50))
    soon = replace(first, entry=2, arrived=NOON + timedelta(hours=1))
    elsewhere = replace(soon, url="https://status.example/host4")
    unlinked = [replace(one, url=None) for one in (first, soon)]
    assert copied(first, again)[1] is None
    assert copied(first, elsewhere)[1] is None
    assert copied(*unlinked)[1] is None
    assert copied(first, soon)[1] == 1


def test_one_feed_that_passes_on_two_outlets_carries_copies() -> None:
    one, other = item(1, TITLE, WIRE, "North", feed="5"), item(2, TITLE, WIRE, "South", feed="5")
    assert copied(one, other)[1] == 1
    assert copied(one, replace(other, title="Night of fear on the water"))[1] is None


@pytest.mark.parametrize(
    "text",
    [
        (
            "Article URL: https://one.example/{0} Comments URL: https://news.example/item?id={0} Points: "
            "1{0} # Comments: 2{0}"
        ),
        "submitted by /u/someone to r/harbours [link] [comments]",
        "Comments",
    ],
)
def test_link_posts_are_copies_by_no_text(text: str) -> None:
    titles = (
        "A compiler for harbour cranes in four weeks",
        "Why we moved our anchors to the cloud",
        "Show: my tide clock",
    )
    posts = [item(n, title, text.format(n), f"links {n}") for n, title in enumerate(titles)]
    assert copied(*posts) == [None] * 3


def test_a_cut_copy_does_not_bring_two_events_together() -> None:
    title, text, _ = FORMS["quake"]
    cut = item(
        1,
        "Quake",
        (
            "The tremor was felt in neighbouring districts and lasted for several seconds. No damage was "
            "reported at first."
        ),
        "Herald",
    )
    events = [
        item(2 + n, title.format("5.1", place), text.format("5.1", place), "quakes")
        for n, place in enumerate(("Arvika", "Belmora"))
    ]
    found = copied(cut, *events)
    assert found.count(1) <= 1


def test_eight_hundred_items_of_one_form_from_eight_feeds_are_eight_hundred() -> None:
    title, text, _ = FORMS["storm (German)"]
    items = [
        item(n, title.format(f"Ort{n // 8}", 70 + n % 50), text.format(f"Ort{n // 8}", 70 + n % 50), f"feed {n % 8}")
        for n in range(800)
    ]
    assert copied(*items) == [None] * 800


def test_a_publisher_that_changes_its_form_is_still_read_right() -> None:
    first, second = FORMS["quake"], FORMS["decision"]
    items = [
        item(n, first[0].format(f"5.{n}", "Arvika"), first[1].format(f"5.{n}", "Arvika"), "desk") for n in range(8)
    ]
    items += [
        item(8 + n, second[0].format("Perria", 25 + n), second[1].format("Perria", 25 + n), "desk") for n in range(8)
    ]
    copy = item(16, items[15].title, f"PERRIA (Nordpress) - {items[15].text}", "Herald")
    assert copied(*items, copy) == [None] * 16 + [15]
