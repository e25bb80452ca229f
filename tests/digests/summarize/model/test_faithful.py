"""The gate of translations: right ones pass, and one change is found."""

from __future__ import annotations

import pytest

from digests.summarize.model.faithful import difference

RIGHT = [
    (
        "de",
        "en",
        "Zwölf Menschen starben am Montag in Wien, sagte Bürgermeisterin Lena Falk.",
        "Twelve people died in Vienna on Monday, mayor Lena Falk said.",
    ),
    (
        "ru",
        "en",
        "В Москве задержали 25 человек, сообщил Иван Петров.",
        "25 people were detained in Moscow, Ivan Petrov said.",
    ),
    (
        "en",
        "de",
        "Germany will not send 300 soldiers to Poland, said Jonas Reith.",
        "Deutschland schickt keine 300 Soldaten nach Polen, sagte Jonas Reith.",
    ),
    ("fr", "en", "Le ministre a déclaré : « Nous n'avons pas peur ».", 'The minister said: "We are not afraid".'),
    ("en", "zh", "A dam burst on Monday and killed 12 people.", "周一大坝决堤，造成12人死亡。"),
    (
        "es",
        "en",
        "El barco Lady Maren chocó con 3 pesqueros cerca de Port Verran.",
        "The ship Lady Maren collided with 3 fishing boats near Port Verran.",
    ),
]


@pytest.mark.parametrize(("source", "target", "original", "translation"), RIGHT)
def test_a_right_translation_passes(source: str, target: str, original: str, translation: str) -> None:
    assert difference(original, translation, source, target) == ""


@pytest.mark.parametrize(
    ("case", "was", "now", "what"),
    [
        (0, "Twelve", "Twenty", "number"),
        (0, "Lena Falk", "Lena Smith", "name"),
        (0, "in Vienna", "in Berlin", "name"),
        (0, "Twelve people", "People", "number"),
        (1, "25", "52", "number"),
        (1, "Ivan Petrov", "Sergei Orlov", "name"),
        (2, "keine 300 Soldaten", "300 Soldaten", "negation"),
        (2, "Jonas Reith", "Anna Brandt", "name"),
        (3, '"We are not afraid"', "that they are not afraid", "quotation"),
        (4, "12", "21", "number"),
        (
            4,
            "造成12人死亡",
            "造成12人死亡，市长玛丽亚说，死者的家属已经得到通知，救援人员整夜都在附近的几个村庄搜寻失踪者",
            "length",
        ),
        (5, "Port Verran", "Port Almena", "name"),
        (5, "collided", "<b>collided</b>", "markup"),
    ],
)
def test_one_change_is_found(case: int, was: str, now: str, what: str) -> None:
    source, target, original, translation = RIGHT[case]
    assert was in translation
    assert what in difference(original, translation.replace(was, now), source, target)


def test_what_is_not_translated_is_refused() -> None:
    text = "Der Damm über der Stadt ist am Montag gebrochen und viele Häuser stehen jetzt unter Wasser."
    assert difference(text, text, "de", "en") == "it is not in en"
    assert difference(text, "", "de", "en")
