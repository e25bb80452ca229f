"""Developments without any number are news to who was sent the story; the same facts in other words are not."""

from __future__ import annotations

import pytest

from digests.model import ItemKind, Reported, Source, Story
from digests.summarize.changes import updates
from digests.summarize.changes.developments import developments
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story


def told(tale: Story) -> Reported:
    """What a recipient knows who was sent the story as it is."""
    summary = summarize_story(tale, words=90)
    return Reported(tale.id, NOW, summary.headline, summary.facts, frozenset(s.article for s in tale.sources))


def news(first: Source, later: Source) -> tuple[updates.News, ...]:
    return updates.news(story("s", first, later), told(story("s", first)))


FERRY = source(
    1,
    "Ferry hits pier in Dunmere, three hurt",
    "A ferry struck the pier at Dunmere on Sunday and three passengers were hurt, the coast guard said.",
    hours=50,
)
BANK = source(1, "Bank chief Ida Moor under pressure", "Ida Moor, head of Talvia's bank, faces calls to go.", hours=30)
TUNNEL = source(
    1,
    "Tunnel nach Brand gesperrt",
    "Der Tunnel bei Lund ist nach einem Brand gesperrt, teilte die Polizei mit.",
    hours=40,
    language="de",
)
CASE = source(
    1,
    "Le maire de Corve devant les juges",
    "Le maire de Corve comparaît devant le tribunal pour fraude.",
    hours=40,
    language="fr",
)
SERVICE = source(1, "Mail delivery delayed", "We are looking into delays of outgoing mail.", hours=3, outlet="Status")


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (FERRY, "Dunmere ferry captain charged", "Prosecutors charged the captain of the ferry. Three were hurt."),
        (FERRY, "Dunmere ferry captain charged", ""),
        (BANK, "Bank chief Ida Moor resigns", "Ida Moor, head of Talvia's bank, has resigned."),
        (TUNNEL, "Tunnel bei Lund wiedereröffnet", "Der Tunnel bei Lund ist nach dem Brand wiedereröffnet."),
        (CASE, "Le maire de Corve acquitté", "Le tribunal a acquitté le maire de Corve."),
        (SERVICE, "Resolved: mail delivery delayed", "The delays of outgoing mail are resolved."),
        (FERRY, "Pier at Dunmere reopens", "The pier at Dunmere reopened for the ferry."),
    ],
)
def test_a_development_without_a_number_is_news(first: Source, title: str, text: str) -> None:
    later = source(2, title, text, hours=1, language=first.language)
    assert news(first, later)


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (FERRY, "Three injured as ferry rams Dunmere pier", "Three passengers were hurt when a ferry hit the pier."),
        (
            FERRY,
            "Ferry hits Dunmere pier",
            "A ferry hit the pier at Dunmere. No one was arrested after it, the coast guard said.",
        ),
        (BANK, "Calls for bank chief Moor to go", "Talvia's bank head Ida Moor faces calls to go."),
        (TUNNEL, "Brand: Tunnel bei Lund gesperrt", "Nach einem Brand ist der Tunnel bei Lund gesperrt."),
    ],
)
def test_the_same_facts_in_other_words_are_none(first: Source, title: str, text: str) -> None:
    assert not news(first, source(2, title, text, hours=1, language=first.language))


def test_a_development_is_news_once() -> None:
    charged = source(2, "Dunmere ferry captain charged", "Prosecutors charged the captain of the ferry.", hours=2)
    again = source(3, "Captain of Dunmere ferry is charged", "The captain of the ferry was charged.", hours=1)
    assert not updates.news(story("s", FERRY, charged, again), told(story("s", FERRY, charged)))


def test_a_development_in_another_language_is_news_and_its_repetition_in_a_third_is_none() -> None:
    german = source(2, "Kapitän angeklagt", "Der Kapitän der Fähre ist angeklagt.", hours=2, language="de")
    french = source(3, "Le capitaine inculpé", "Le capitaine du ferry est inculpé.", hours=1, language="fr")
    assert news(FERRY, german)
    assert not updates.news(story("s", FERRY, german, french), told(story("s", FERRY, german)))


def test_a_title_alone_makes_an_update_with_that_title_and_no_old_sentence() -> None:
    later = source(2, "Dunmere ferry captain charged", "", hours=1)
    before = told(story("s", FERRY))
    summary = summarize_story(story("s", FERRY, later), words=60, kind=ItemKind.UPDATE, reported=before)
    assert (summary.headline, summary.sentences) == (later.title, ())


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Police arrested the owner.", "en", "arrested"),
        ("Die Ministerin tritt zurück.", "de", "resigned"),
        ("El tribunal absolvió al alcalde; queda absuelto.", "es", "acquitted"),
        ("Суд оправдал мэра.", "ru", "acquitted"),
        ("警方逮捕了船长。", "zh", "arrested"),
        ("Kaptan tutuklandı.", "tr", "arrested"),
    ],
)
def test_words_for_developments_are_known_in_many_languages(text: str, language: str, name: str) -> None:
    assert name in developments(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Settlers were attacked in the valley, the army said.", "en"),
        ("He was admitted to hospital; the police released a statement.", "en"),
        ("Wall Street closes lower.", "en"),
        ("De acordo com a polícia, um incêndio destruiu a casa.", "pt"),
        ("De acuerdo con la policía, la casa se quemó.", "es"),
        ("Un pueblo diminuto en las montañas.", "es"),
        ("Im Vergleich zum Vorjahr sind es mehr.", "de"),
        ("La police est d'accord avec le maire.", "fr"),
        ("Le auto elettriche costano meno; la fermata del tram.", "it"),
        ("Ожидается умеренный ветер, утверждает служба.", "ru"),
        ("Winnica nad rzeką.", "pl"),
    ],
)
def test_words_that_only_begin_or_sound_like_a_development_are_none(text: str, language: str) -> None:
    assert developments(text, language) == {}
