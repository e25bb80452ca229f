"""Numbers: digits and words as each language writes them, for a reader's eye and for comparison."""

import pytest

from digests.language import numbers


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1,200 homes", "en", ["1200"]),
        ("1.200 Häuser", "de", ["1200"]),
        ("1 200 maisons", "fr", ["1200"]),
        ("3.5 percent", "en", ["3.5%"]),
        ("3,5 Prozent", "de", ["3.5%"]),
        ("$2.1 billion", "en", ["2100000000$"]),
        ("2,1 Milliarden Euro", "de", ["2100000000€"]),
        ("deux millions d'euros", "fr", ["2000000€"]),
        ("12 тыс. человек", "ru", ["12000"]),
        ("twenty-one ships", "en", ["21"]),
        ("einundzwanzig Schiffe", "de", ["21"]),
        ("two hundred men", "en", ["200"]),
        ("5k runners", "en", ["5000"]),
        ("1,234,567 votes", "en", ["1234567"]),
        ("one man", "en", []),
        ("version 2.0.1", "en", ["2", "1"]),
        ("15 per cent", "en", ["15%"]),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(text: str, language: str, expected: list[str]) -> None:
    assert [n.key for n in numbers.numbers_in(text, language)] == expected


@pytest.mark.parametrize(
    ("token", "language", "digits"),
    [
        ("1,200", "en", "1200"),
        ("1.200", "en", "1200"),
        ("4,5", "de", "4.5"),
        ("12th", "en", "12"),
        ("Twelve", "en", "12"),
        ("fifty", "en", "50"),
        ("четверо", "ru", "4"),
        ("п’ять", "uk", "5"),
        ("einundzwanzig", "de", "21"),
        ("twelve", "cs", None),
        ("twelve", "und", None),
        ("twelve", "", None),
        ("one", "en", None),
        ("ferry", "en", None),
    ],
)
def test_a_word_that_is_a_number_has_digits(token: str, language: str, digits: str | None) -> None:
    assert numbers.digits_of(token, language) == digits


def test_number_words_of_an_unknown_language_are_those_of_all() -> None:
    assert [n.value for n in numbers.numbers_in("zwölf, twelve, douze", None)] == [12, 12, 12]
    assert [n.value for n in numbers.numbers_in("zwölf, twelve, douze", "fr")] == [12]
