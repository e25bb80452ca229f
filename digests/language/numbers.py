"""Numbers in text: digits and number words, with scale and unit, as each language writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from digests.language.detect import language_code

_SCALES = {
    "hundred": 100, "thousand": 1000, "tausend": 1000, "mille": 1000, "mil": 1000, "mila": 1000, "duizend": 1000,
    "тысяч": 1000, "тысячи": 1000, "тысяча": 1000, "тыс": 1000, "тисяч": 1000, "тисячі": 1000, "тис": 1000,
    "tys": 1000, "tysięcy": 1000, "dozen": 12, "dutzend": 12,
    "million": 10**6, "millions": 10**6, "mn": 10**6, "mln": 10**6, "millionen": 10**6, "mio": 10**6, "millón": 10**6,
    "millones": 10**6, "milione": 10**6, "milioni": 10**6, "milhão": 10**6, "milhões": 10**6, "miljoen": 10**6,
    "млн": 10**6, "миллион": 10**6, "миллиона": 10**6, "миллионов": 10**6, "мільйон": 10**6, "мільйони": 10**6,
    "мільйонів": 10**6, "milion": 10**6, "miliony": 10**6, "milionów": 10**6, "miljoner": 10**6, "millioner": 10**6,
    "billion": 10**9, "billions": 10**9, "bn": 10**9, "mrd": 10**9, "milliarde": 10**9, "milliarden": 10**9,
    "milliard": 10**9, "milliards": 10**9, "miliardi": 10**9, "miljard": 10**9, "миллиард": 10**9, "миллиарда": 10**9,
    "миллиардов": 10**9, "млрд": 10**9, "мільярд": 10**9, "мільярди": 10**9, "мільярдів": 10**9, "mld": 10**9,
    "miliard": 10**9, "miliardów": 10**9, "miljarder": 10**9, "milliarder": 10**9, "trillion": 10**12, "trn": 10**12,
    "万": 10**4, "億": 10**8, "亿": 10**8,
}  # fmt: skip
_LETTER_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
# Languages in which a comma before three digits separates thousands; in all others a full stop does.
_COMMA_THOUSANDS = frozenset({"en", "zh", "ja", "ko", "hi", "he", "th", ""})
_CURRENCY = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₽": "₽", "₴": "₴", "₹": "₹"}
_MONEY_WORDS = {
    "dollar": "$", "dollars": "$", "usd": "$", "доллар": "$", "доллара": "$", "долларов": "$", "доларів": "$",
    "dólares": "$", "dollari": "$", "euro": "€", "euros": "€", "eur": "€", "евро": "€", "євро": "€", "pounds": "£",
    "pfund": "£", "libras": "£", "gbp": "£", "yen": "¥", "рублей": "₽", "рубля": "₽", "гривень": "₴", "rupees": "₹",
}  # fmt: skip
_PERCENT_WORDS = """% percent prozent pct процент процента процентов відсотків відсотка procent prozentpunkte"""
_PERCENT = frozenset(_PERCENT_WORDS.split())
LARGEST = 1e18
_DIGITS = re.compile(
    r"(?P<money>[$€£¥₽₴₹]\s?)?(?P<digits>(?<![\w.,])\d+(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,"
    r"]\d+)?)"
    r"(?P<letter>(?:k|m|b|bn|tn)\b)?"
)
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’ʼ][^\W\d_]+)*\.?|[%万億亿]")
_NOT_DIGIT = re.compile(r"[^\d.,]")
_THOUSANDS = re.compile(r"[,.](?=\d{3}(?:\D|$))")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text: its value with the scale applied, its unit (`%`, a currency sign or none), its position."""

    value: float
    unit: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """A key that does not depend on the spelling: the same for `1,200` and `1200`, for `12` and `twelve`."""
        return f"{self.value:.10g}{self.unit}"


@cache
def _words_by_language() -> dict[str, dict[str, int]]:
    out: dict[str, dict[str, int]] = {}
    for line in (files(__package__) / "data" / "numbers.txt").read_text("utf-8").splitlines():
        code, _, listed = line.partition(":")
        if listed and not line.startswith("#"):
            pairs = (pair.partition("=") for pair in listed.split())
            out[code] = {word: int(value) for value, _, words in pairs for word in words.split("/")}
    return out


@cache
def _words(language: str) -> dict[str, int]:
    """Return the number words of a language with their values; of an unknown language, those of all languages."""
    if language:
        return _words_by_language().get(language, {})
    return {word: value for words in _words_by_language().values() for word, value in words.items()}


def is_scale(word: str) -> bool:
    """Whether a word after a number multiplies it: `million`, `Mrd`."""
    return word.lower() in _SCALES


def parse_digits(text: str, language: str | None) -> float:
    """Return the value of `1,200.5`, `1.200,5`, `1 200` or `1'200`, as the language writes numbers."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", text)
    if "," in plain and "." in plain:
        decimal = max(plain.rfind(","), plain.rfind("."))
        plain = re.sub(r"[.,]", "", plain[:decimal]) + "." + plain[decimal + 1 :]
        return float(plain)
    mark = "," if "," in plain else "." if "." in plain else ""
    if not mark:
        return float(plain)
    thousands_mark = "," if language_code(language) in _COMMA_THOUSANDS else "."
    groups = plain.split(mark)
    if len(groups) > 2 or (len(groups[-1]) == 3 and mark == thousands_mark and groups[0] != "0"):
        return float("".join(groups))
    return float(f"{groups[0]}.{groups[1]}")


def digits_of(token: str, language: str) -> str | None:
    """Return a number as plain digits, whether it is written in digits or as a word; None for any other word.

    Digits are read without regard to the language: a mark before three digits separates thousands. So texts of two
    languages that give the same number meet.
    """
    if not token[0].isdigit():
        value = _word_value(token, language) if language else None
        return None if value is None else str(value)
    plain = _THOUSANDS.sub("", _NOT_DIGIT.sub("", token)).replace(",", ".").strip(".")
    return plain or None


def _word_value(word: str, language: str) -> int | None:
    known = _words(language)
    low = word.lower().replace("’", "'").replace("ʼ", "'")
    if low in known:
        return known[low]
    ten, hyphen, one = low.partition("-")  # twenty-one
    if hyphen and known.get(ten, 0) >= 20 and (one in known or one == "one"):
        return known[ten] + known.get(one, 1)
    if language in ("de", "") and "und" in low:  # einundzwanzig
        one, _, ten = low.partition("und")
        if (one in known or one == "ein") and known.get(ten, 0) >= 20:
            return known.get(one, 1) + known[ten]
    return None


def _tail(text: str, at: int, value: float) -> tuple[float, str, int]:
    """Return the value with the scale that follows a number, its unit, and where they end."""
    unit, end = "", at
    for _ in range(3):
        match = _WORD.match(text, end + (1 if text[end : end + 1] in " \u00a0-" else 0))
        if match is None:
            break
        word = match.group().lower().rstrip(".")
        if word in _SCALES and not unit:
            value *= _SCALES[word]
        elif word in _PERCENT or (word == "per" and text[match.end() :].startswith(" cent")):
            return value, "%", match.end() + (5 if word == "per" else 0)
        elif word in ("de", "di") and end > at:  # deux millions d'euros, dos millones de euros
            pass
        elif word.removeprefix("d'") in _MONEY_WORDS:
            return value, _MONEY_WORDS[word.removeprefix("d'")], match.end()
        else:
            break
        end = match.end()
    return value, unit, end


def numbers_in(text: str, language: str | None = None) -> list[Number]:
    """Return all numbers of a text in order, without `one`, which is an article more often than a number.

    A number above `LARGEST` is left out: it is an identifier, or made to exceed what a float can hold.
    """
    found = (number for number in _found(text, language_code(language)) if number.value <= LARGEST)
    return sorted(found, key=lambda number: number.start)


def _found(text: str, language: str) -> Iterator[Number]:
    taken_to = 0
    spaced = {m.start(): m.end() for m in _SPACED.finditer(text)}
    for match in _DIGITS.finditer(text):
        if match.start() < taken_to:
            continue
        begin, end = match.span("digits")
        end = max(end, spaced.get(begin, end))
        value = parse_digits(text[begin:end], language)
        if match["letter"] and end == match.end("digits"):
            value *= _LETTER_SCALES[match["letter"]]
            end = match.end("letter")
        value, unit, end = _tail(text, end, value)
        if match["money"]:
            unit, begin = _CURRENCY[match["money"].strip()], match.start()
        taken_to = end
        yield Number(value, unit, begin, end)
    for match in _WORD.finditer(text):
        known = _word_value(match.group().rstrip("."), language)
        if known is not None:
            value, unit, end = _tail(text, match.end(), known)
            yield Number(value, unit, match.start(), end)
