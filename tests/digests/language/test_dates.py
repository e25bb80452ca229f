"""Numbers that are a day, a year or a time of day."""

import pytest

from digests.language import dates, numbers


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("It opens on 9 December.", "en", [True]),
        ("It opens on December 9.", "en", [True]),
        ("It opens on the 9th of December.", "en", [True]),
        ("Am 9. Dezember kamen 300 Gäste.", "de", [True, False]),
        ("Le 9 décembre, 300 invités sont venus.", "fr", [True, False]),
        ("El 9 de diciembre llegaron 300 invitados.", "es", [True, False]),
        ("9 декабря пришли 300 гостей.", "ru", [True, False]),
        ("9 грудня прийшли 300 гостей.", "uk", [True, False]),
        ("In 1987 it cost 1987 crowns and 40 dollars.", "en", [True, True, False]),
        ("The doors open at 18:30.", "en", [True, True]),
        ("Um 18 Uhr kamen 18 Gäste.", "de", [True, False]),
        ("They sold 45 marches and 12 mayors.", "en", [False, False]),
    ],
)
def test_what_number_is_a_date(text: str, language: str, expected: list[bool]) -> None:
    assert [dates.is_date(text, n) for n in numbers.numbers_in(text, language)] == expected
