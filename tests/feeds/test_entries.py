"""Feeds whose items share one title, have one link and no guid: every item is an entry, and none comes twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest

from feeds.identity import reconcile
from feeds.model import Changes, Entry, KnownEntry
from feeds.parse import parse

URL = "https://pub.example/feed.xml"
START = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


def item(
    title: str,
    text: str = "",
    *,
    link: str = "",
    guid: str = "",
    hours: float | None = None,
    file: str = "",
    kind: str = "audio/mpeg",
) -> str:
    """An RSS item; what is not given is left out."""
    parts = [f"<title>{escape(title)}</title>", f"<description>{escape(text)}</description>"]
    parts += [f"<link>{escape(link)}</link>"] if link else []
    parts += [f'<guid isPermaLink="false">{escape(guid)}</guid>'] if guid else []
    parts += [f"<pubDate>{format_datetime(START + timedelta(hours=hours))}</pubDate>"] if hours is not None else []
    parts += [f'<enclosure url="{escape(file)}" length="1" type="{kind}"/>'] if file else []
    return "<item>" + "".join(parts) + "</item>"


def rss(items: Iterable[str]) -> bytes:
    return f'<rss version="2.0"><channel><title>N</title>{"".join(items)}</channel></rss>'.encode()


class Store:
    """The stored entries of one feed."""

    def __init__(self) -> None:
        self.known: dict[str, KnownEntry] = {}

    def poll(self, items: Iterable[str]) -> Changes:
        changes = reconcile(parse(rss(items), URL, {}).entries, list(self.known.values()))
        for one in (*changes.new, *changes.changed):
            self.known[one.guid] = KnownEntry(one.guid, one.content_hash, one.link, one.title, one.published)
        return changes


def new(items: Iterable[str], store: Store | None = None) -> int:
    return len((store or Store()).poll(items).new)


PAGE = "https://pub.example/live/"
FRONT = "https://pub.example/"
# Every list is newest first; all of its items are different events.
FEEDS: dict[str, list[str]] = {
    "incidents of one page": [
        item("Network outage in region Alpha", "Packets are lost.", link=PAGE, hours=9),
        item("Slow object storage in region Beta", "Writes take longer.", link=PAGE, hours=7),
        item("Console login repaired", "Everyone can sign in again.", link=PAGE, hours=5),
    ],
    "incidents of one page, undated": [
        item("Störung im Netz Nord", "Pakete gehen verloren.", link=PAGE),
        item("Langsamer Speicher im Netz Süd", "Schreiben dauert.", link=PAGE),
        item("Anmeldung wieder möglich", "Alle können sich anmelden.", link=PAGE),
    ],
    "one guid and one link": [
        item("Fermeture du pont nord", "Jusqu'à midi.", link=PAGE, guid="alerte", hours=3),
        item("Fermeture du pont sud", "Jusqu'à lundi.", link=PAGE, guid="alerte", hours=2),
        item("Réouverture du tunnel", "Depuis ce matin.", link=PAGE, guid="alerte", hours=1),
    ],
    "changelog, missing guids and links": [
        item("Word 16.99", "Word 16.99 update", link="N/A", guid="N/A", hours=3),
        item("Excel 16.99", "Excel 16.99 update", link="N/A", guid="N/A", hours=2),
        item("Outlook 16.99", "Outlook 16.99 update", link="N/A", guid="N/A", hours=1),
    ],
    "daily bulletin of a show page": [
        item("Evening bulletin", "The news.", link=PAGE, guid=f"b{n}", hours=24 * n, file=f"https://cdn.example/{n}.mp3")
        for n in range(4, 0, -1)
    ],
    "hourly bulletin of a front page": [
        item("Nachrichten", "Die Lage.", link=FRONT, guid=f"b{n}", hours=n, file=f"https://cdn.example/{n}.mp3")
        for n in range(4, 0, -1)
    ],
    "hourly bulletin, no guid, no date": [
        item("Últimas noticias", "El boletín.", link=PAGE, file=f"https://cdn.example/{n}.mp3") for n in range(4, 0, -1)
    ],
    "court bulletins as documents": [
        item("Cause list", "", link=PAGE, guid=f"{n}", file=f"https://court.example/{n}.pdf", kind="application/pdf")
        for n in range(4, 0, -1)
    ],
    "webcam": [
        item("Harbour cam", "", link=PAGE, guid=f"{n}", hours=n, file=f"https://cam.example/{n}.jpg", kind="image/jpeg")
        for n in range(4, 0, -1)
    ],
    "court calendar, one title, one link, no guid": [
        item("Rol zitting", f"Zaak {n}/2026, zaal {n}, 9.30 uur.", link=PAGE, hours=24 * n) for n in range(4, 0, -1)
    ],
    "weather warnings, one title, one link, undated": [
        item("Avviso meteo", f"Vento da {w} con forti raffiche sulla costa.", link=PAGE)
        for w in ("nord", "ovest", "sud", "est")
    ],
    "word of the day without anything": [
        item("Word of the Day", f"{word}: {text}", hours=24 * n)
        for n, (word, text) in enumerate([("abeyance", "a pause"), ("bulwark", "a wall"), ("cadence", "a beat")])
    ],
    "everything is breaking, one guid": [
        item("Breaking", text, link=PAGE, guid="breaking")
        for text in ("A ferry ran aground.", "The mayor resigned.", "The mill burns.", "The act passed.")
    ],
    "everything is breaking, own guids": [
        item("EILMELDUNG", text, link=PAGE, guid=f"{n}", hours=n / 10)
        for n, text in enumerate(("Die Fähre sitzt fest.", "Der Bürgermeister geht.", "Die Mühle brennt."))
    ],
    "速報": [
        item("速報", text, link=PAGE, hours=n)
        for n, text in enumerate(("港で火災が発生しました。", "市長が辞任しました。", "橋が閉鎖されました。"))
    ],
    "a service that fails again": [
        item("Service mail is down", "No answer.", link="https://status.example/mail", guid="a9", hours=100),
        item("Service mail is up", "It answers.", link="https://status.example/mail", guid="a8", hours=51),
        item("Service mail is down", "No answer.", link="https://status.example/mail", guid="a7", hours=50),
        item("Service mail is down", "No answer.", link="https://status.example/mail", guid="a6", hours=0),
    ],
    "a service that fails again within the hour": [
        item("Dienst gestört", "Keine Antwort.", link=PAGE, guid="s4", hours=0.7),
        item("Dienst läuft", "Er antwortet.", link=PAGE, guid="s3", hours=0.5),
        item("Dienst gestört", "Keine Antwort.", link=PAGE, guid="s2", hours=0.2),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", FEEDS)
def test_every_item_of_one_document_is_an_entry_and_none_is_new_again(kind: str) -> None:
    store = Store()
    assert new(FEEDS[kind], store) == len(FEEDS[kind])
    again = store.poll(FEEDS[kind])
    assert (len(again.new), len(again.changed), len(again.same)) == (0, 0, len(FEEDS[kind]))


@pytest.mark.parametrize("kind", FEEDS)
def test_every_item_that_is_added_to_the_document_is_new_once(kind: str) -> None:
    store, items = Store(), FEEDS[kind]
    for first in range(len(items) - 1, -1, -1):
        assert new(items[first:], store) == 1, items[first]
        assert new(items[first:], store) == 0, items[first]
    assert len(store.known) == len(items)


@pytest.mark.parametrize("kind", FEEDS)
def test_an_item_that_replaces_the_oldest_is_new_and_no_edit_of_it(kind: str) -> None:
    store, items = Store(), FEEDS[kind]
    store.poll(items[1:])
    changes = store.poll(items[:-1])
    assert (len(changes.new), len(changes.changed)) == (1, 0)


# Of a document of one item, with neither guid nor date nor title of its own, an edit looks like another item.
AMBIGUOUS = (
    "one guid and one link",
    "hourly bulletin, no guid, no date",
    "everything is breaking, one guid",
    "weather warnings, one title, one link, undated",
    "a service that fails again within the hour",
)
ALONE = [kind for kind in FEEDS if kind not in AMBIGUOUS]


@pytest.mark.parametrize("kind", ALONE)
def test_an_item_that_replaces_the_only_one_is_new(kind: str) -> None:
    store, items = Store(), FEEDS[kind]
    for one in reversed(items):
        assert new([one], store) == 1, one


@pytest.mark.parametrize(
    ("why", "before", "after"),
    [
        ("another guid, words and page of its own", {"guid": "a1"}, {"guid": "a2"}),
        ("the same with a later date of the same morning", {"guid": "a1"}, {"guid": "a2", "hours": 2}),
        ("an edited text under a link without a guid", {}, {"text": "The ferry sails again."}),
        ("another file of one recording", {"guid": "a1", "file": "https://c1.example/e.mp3?t=1"},
         {"guid": "a1", "file": "https://c2.example/e.mp3?t=2"}),
        ("a date that changes with every poll", {}, {"hours": 60}),
    ],
)  # fmt: skip
def test_an_item_that_is_listed_again_is_not_new(why: str, before: dict[str, str], after: dict[str, str]) -> None:
    plain = {"title": "Ferry out of service until noon", "link": "https://pub.example/ferry", "hours": 0}
    plain["text"] = "The ferry needs repair."
    store = Store()
    store.poll([item(**{**plain, **before})])
    assert new([item(**{**plain, **after})], store) == 0, why


def renamed(items: Sequence[int], days: int) -> list[str]:
    return [
        item(f"Case {n} before the court of Tarn", f"Report {n}.", link=f"https://pub.example/{n}", guid=f"{days}-{n}",
             hours=24 * days + n)
        for n in items
    ]  # fmt: skip


def test_a_feed_that_makes_all_guids_and_dates_again_floods_nobody() -> None:
    store = Store()
    assert new(renamed(range(6), 0), store) == 6
    assert new(renamed(range(6), 3), store) == 0
    assert new([*renamed([9], 6), *renamed(range(6), 6)], store) == 1


def test_dates_that_are_the_documents_own_make_no_new_items() -> None:
    def at(hours: float) -> list[str]:
        texts = ("Packets are lost.", "Writes take longer.", "Everyone can sign in.")
        return [item("Notice", text, link=PAGE, hours=hours) for text in texts]

    store = Store()
    assert new(at(0), store) == 3
    assert [new(at(hours), store) for hours in (1, 30, 99)] == [0, 0, 0]


def test_one_item_listed_twice_in_two_editions_is_one() -> None:
    texts = ("The ferry is late because of strong wind from the north.", "The ferry is late because of strong wind.")
    twice = [item("Ferry late", text, link="https://pub.example/f", guid="tag:pub:81234", hours=1) for text in texts]
    assert new(twice) == 1


def entries(*items: str) -> tuple[Entry, ...]:
    return parse(rss(items), URL, {}).entries


@pytest.mark.parametrize("guid", ["ab12-cd34", "Folge 9", "urn:uuid:9b1c", "2026/03/09/news", "N/A"])
def test_a_guid_that_only_might_be_a_link_is_none_and_the_enclosure_is(guid: str) -> None:
    text = f'<item><title>Episode</title><guid>{guid}</guid><enclosure url="https://cdn.example/9.mp3"/></item>'
    for broken in ("", "<b>&bad; <i></b>"):  # the second is read by feedparser
        (entry,) = parse(rss([text + broken]), URL, {}).entries
        assert entry.link == "https://cdn.example/9.mp3"


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("<guid>https://pub.example/9</guid>", "https://pub.example/9"),
        ('<guid isPermaLink="true">/news/9</guid>', "https://pub.example/news/9"),
        ("<guid>HTTP://PUB.example/9</guid>", "http://pub.example/9"),
    ],
)
def test_a_guid_that_is_a_link_is_one(guid: str, link: str) -> None:
    (entry,) = entries(f'<item><title>E</title>{guid}<enclosure url="https://cdn.example/9.mp3"/></item>')
    assert entry.link == link


@pytest.mark.parametrize("halves", ["&#55357;&#56832;", "&amp;#55357;&amp;#56832;", "&#xD83D;&#xDE00;", "&#55357;"])
def test_halves_of_a_character_cost_nothing_else(halves: str) -> None:
    one, two = entries(f"<item><title>A smile {halves} here</title></item>", item("A neighbour"))
    assert one.title.startswith("A smile")
    assert one.title.endswith("here")
    assert ("😀" in one.title) == (halves != "&#55357;")
    assert two.title == "A neighbour"
