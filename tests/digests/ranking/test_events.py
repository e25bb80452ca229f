"""Whether titles report an act or only talk about one, in the languages of the default feeds. Texts are invented."""

from __future__ import annotations

import pytest

from digests.ranking.events import eventfulness
from tests.support.stories import source, story


def told(*titles: str, language: str = "en") -> float:
    """How eventful a story with these titles is."""
    return eventfulness(story("s", *(source(n, one, language=language) for n, one in enumerate(titles))))


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Kestia's parliament rejects the budget"),
        ("en", "Twelve dead as ferry burns off Orr"),
        ("de", "Nach dem Urteil in Orr: Minister tritt zurück"),
        ("de", "Zwölf Tote bei Brand in Orr"),
        ("fr", "Le parlement de Kestia adopte le budget"),
        ("es", "El parlamento de Kestia aprueba el presupuesto"),
        ("it", "Il parlamento di Kestia approva il bilancio"),
        ("pt", "Parlamento de Kestia aprova o orçamento"),
        ("nl", "Parlement van Kestia keurt begroting goed, minister afgetreden"),
        ("pl", "Parlament Kestii odrzucił budżet"),
        ("ru", "Парламент Кестии одобрил бюджет"),
        ("uk", "Парламент Кестії ухвалив бюджет"),
    ],
)
def test_a_vote_a_verdict_and_a_death_are_acts(language: str, title: str) -> None:
    assert told(title, language=language) == 1.0


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Poll: most voters back the bridge"),
        ("en", "The tax could cost Kestia its harbour"),
        ("en", "Late Night mocks the minister of Kestia"),
        ("en", "Why the bridge of Orr is so long"),
        ("en", "“We have a problem”: a host speaks of the war"),
        ("en", "Kestians will pay for the war ‘for years’"),
        ("en", "Opinion | The court was right"),
        ("de", "Umfrage: Mehrheit für die Brücke"),
        ("de", "Die Steuer könnte Kestia den Hafen kosten"),
        ("fr", "Sondage : une majorité pour le pont"),
        ("fr", "La taxe pourrait coûter son port à Kestia"),
        ("es", "Una encuesta da la mayoría al puente"),
        ("it", "Sondaggio: la maggioranza vuole il ponte"),
        ("ru", "Опрос: большинство за мост"),
        ("uk", "Опитування: більшість за міст"),
    ],
)
def test_polls_forecasts_remarks_questions_and_opinions_are_talk(language: str, title: str) -> None:
    assert told(title, language=language) == -1.0


def test_titles_are_weighed_together_and_live_blogs_only_where_there_is_nothing_else() -> None:
    assert told("Kestia's parliament rejects the budget", "Budget of Kestia: a long night") == 0.5
    live = "Kestia budget live: a poll and more"
    assert told("Kestia's parliament rejects the budget", live) == 1.0
    assert told(live) == -1.0


def test_a_plain_title_is_neither() -> None:
    assert told("Orr has a new bridge") == 0.0
