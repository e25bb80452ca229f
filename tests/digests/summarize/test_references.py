"""What the beginning of a sentence takes for said. The texts are invented."""

from __future__ import annotations

import pytest

from digests.summarize import references, standalone


@pytest.mark.parametrize(
    "text",
    [
        "Separately, the harbour of Hale will close.",
        "In the second letter, Mayor Holm asked for patience.",
        "Fewer want to close the harbour.",
        "In response, Hale closed its harbour.",
        "As a result, Hale closed its harbour.",
        "The former was sold to Lund.",
        "The rest went to Lund.",
        "Eleven others are still being treated.",
        "At least 12 more were hurt.",
        "Elf weitere werden noch behandelt.",
        "Onze autres sont soignés à Hale.",
        "Otros 12 siguen en Hale.",
        "Altri undici sono feriti.",
        "Ещё 11 человек остаются в больнице.",
        "В ответ Хале закрыл порт.",
        "Hale scored 20 of the next 22 points.",
        "Unterdessen schließt der Hafen von Hale.",
        "Par ailleurs, le port de Hale fermera.",
        "Por otra parte, el puerto de Hale cerrará.",
        "Nel frattempo il porto di Hale chiude.",
        "Между тем порт Хале закрывается.",
        "Тим часом порт Хале зачиняється.",
        "与此同时，哈勒港将关闭。",
        "一方、ハレ港は閉鎖される。",
        "من جهة أخرى، يغلق ميناء هاله.",
    ],
)
def test_a_sentence_that_is_set_against_an_earlier_one_leans_on_it(text: str) -> None:
    assert references.continues(text)
    assert standalone.dangles(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "Fewer than 20 ships left Hale.",
        "Twelve more than expected came to Hale.",
        "Eleven people are still being treated.",
        "In response to the flood, Hale closed its harbour.",
        "In addition to the harbour, Hale closes its bridge.",
        "As a result of the flood, Hale closed its harbour.",
        "The former mayor of Hale was arrested.",
        "The rest of Hale has no power.",
        "Hale will spend 20 million over the next five years.",
        "Rain will fall in Hale over the next 10 to 12 days.",
        "Moins de 20 navires ont quitté Hale.",
        "Menos de 20 barcos salieron de Hale.",
        "A cambio de la ayuda, Hale abre su puerto.",
        "In cambio di aiuti, Hale apre il porto.",
        "В ответ на обстрел Хале закрыл порт.",
        "Последний корабль покинул Хале.",
        "У відповідь на обстріл Хале зачинив порт.",
        "但丁的手稿在哈勒展出。",
        "一方的な値上げにハレ市が抗議した。",
        "Fewer ships leave Hale than in May.",
        "In the first quarter, Hale lost 20 ships.",
        "Weniger Schiffe als im Mai verlassen Hale.",
        "Le port de Hale fermera lundi.",
        "在哈勒，港口将关闭。",
    ],
)
def test_a_sentence_that_says_what_it_compares_stands_alone(text: str) -> None:
    assert not references.continues(text)


@pytest.mark.parametrize(
    ("language", "text", "thing"),
    [
        ("en", "The facility, which opened in May, makes ferries.", "facility"),
        ("en", "The deputies lost their suit.", "deputies"),
        ("en", "The new ferry was launched in Hale.", "ferry"),
        ("en", "President urges people to save power.", "President"),
        ("de", "Der Vorfall wurde der Polizei gemeldet.", "Vorfall"),
        ("fr", "L’entreprise a vendu ses navires.", "entreprise"),
        ("es", "La empresa ha vendido sus barcos.", "empresa"),
        ("it", "La decisione è stata presa lunedì.", "decisione"),
        ("ru", "Решение было принято в понедельник.", "Решение"),
        ("uk", "Рішення було ухвалене в понеділок.", "Рішення"),
    ],
)
def test_a_thing_with_nothing_that_says_which_one_is_taken_for_known(language: str, text: str, thing: str) -> None:
    assert references.known_thing(text, language) == thing


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The mayor of Hale resigned."),
        ("en", "President Holm urges people to save power."),
        ("en", "President of Hale urges people to save power."),
        ("en", "The woman who found the ferry won."),
        ("en", "The government has fallen."),
        ("en", "The Hale Times said so."),
        ("de", "Der Vorfall im Hafen von Hale wurde gemeldet."),
        ("fr", "L’entreprise de Hale a vendu ses navires."),
        ("ru", "Решение суда Хале отменено."),
    ],
)
def test_a_thing_that_the_sentence_itself_names_is_not(language: str, text: str) -> None:
    assert references.known_thing(text, language) == ""
