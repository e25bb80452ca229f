"""Numbers in news text: digits and number words, with their scale and unit, in the ways that languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from digests.language.stopwords import base

_UNITS = {
    "en": """two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14
        fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fifty=50 sixty=60 seventy=70
        eighty=80 ninety=90""",
    "de": """zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12 dreizehn=13 vierzehn=14
        fünfzehn=15 sechzehn=16 siebzehn=17 achtzehn=18 neunzehn=19 zwanzig=20 dreißig=30 vierzig=40 fünfzig=50 sechzig=60
        siebzig=70 achtzig=80 neunzig=90 hundert=100""",
    "fr": """deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 treize=13 quatorze=14 quinze=15
        seize=16 dix-sept=17 dix-huit=18 dix-neuf=19 vingt=20 trente=30 quarante=40 cinquante=50 soixante=60
        soixante-dix=70 quatre-vingts=80 quatre-vingt-dix=90 cent=100""",
    "es": """dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 trece=13 catorce=14 quince=15
        dieciséis=16 diecisiete=17 dieciocho=18 diecinueve=19 veinte=20 veintiuno=21 veintidós=22 treinta=30 cuarenta=40
        cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90 cien=100""",
    "it": """due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 tredici=13 quattordici=14
        quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19 venti=20 trenta=30 quaranta=40 cinquanta=50 cento=100""",
    "pt": """dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 treze=13 catorze=14
        quinze=15 dezesseis=16 dezassete=17 dezessete=17 dezoito=18 dezenove=19 vinte=20 trinta=30 quarenta=40 cinquenta=50
        cem=100""",
    "nl": """twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 dertien=13 veertien=14 vijftien=15
        zestien=16 zeventien=17 achttien=18 negentien=19 twintig=20 dertig=30 veertig=40 vijftig=50 honderd=100""",
    "ru": """два=2 две=2 двух=2 двое=2 три=3 трёх=3 трех=3 трое=3 четыре=4 четырёх=4 четырех=4 четверо=4 пять=5 пяти=5 пятеро=5
        шесть=6 шести=6 шестеро=6 семь=7 семи=7 семеро=7 восемь=8 восьми=8 девять=9 девяти=9 десять=10 десяти=10
        одиннадцать=11 двенадцать=12 двенадцати=12 тринадцать=13 четырнадцать=14 пятнадцать=15 пятнадцати=15 шестнадцать=16
        семнадцать=17 восемнадцать=18 девятнадцать=19 двадцать=20 двадцати=20 тридцать=30 тридцати=30 сорок=40 сорока=40
        пятьдесят=50 шестьдесят=60 семьдесят=70 восемьдесят=80 девяносто=90 сто=100""",
    "uk": """два=2 дві=2 двох=2 двоє=2 три=3 трьох=3 троє=3 чотири=4 чотирьох=4 четверо=4 п'ять=5 п'яти=5 п'ятеро=5 шість=6
        шести=6 сім=7 семи=7 вісім=8 восьми=8 дев'ять=9 десять=10 десяти=10 одинадцять=11 дванадцять=12 тринадцять=13
        чотирнадцять=14 п'ятнадцять=15 шістнадцять=16 сімнадцять=17 вісімнадцять=18 дев'ятнадцять=19 двадцять=20
        тридцять=30 сорок=40 п'ятдесят=50 шістдесят=60 сімдесят=70 вісімдесят=80 дев'яносто=90 сто=100""",
    "pl": """dwa=2 dwie=2 dwóch=2 trzy=3 trzech=3 cztery=4 czterech=4 pięć=5 pięciu=5 sześć=6 sześciu=6 siedem=7 siedmiu=7 osiem=8
        ośmiu=8 dziewięć=9 dziesięć=10 jedenaście=11 dwanaście=12 trzynaście=13 czternaście=14 piętnaście=15 dwadzieścia=20
        trzydzieści=30 czterdzieści=40 pięćdziesiąt=50 sto=100""",
}
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
# Where a comma or a full stop alone between three digits is a thousands separator.
_COMMA_THOUSANDS = frozenset({"en", "zh", "ja", "ko", "hi", "he", "th", ""})
_CURRENCY = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₽": "₽", "₴": "₴", "₹": "₹"}
_MONEY_WORDS = {
    "dollar": "$", "dollars": "$", "usd": "$", "доллар": "$", "доллара": "$", "долларов": "$", "доларів": "$",
    "dólares": "$", "dollari": "$", "euro": "€", "euros": "€", "eur": "€", "евро": "€", "євро": "€", "pounds": "£",
    "pfund": "£", "libras": "£", "gbp": "£", "yen": "¥", "рублей": "₽", "рубля": "₽", "гривень": "₴", "rupees": "₹",
}  # fmt: skip
_PERCENT_WORDS = """% percent prozent pct процент процента процентов відсотків відсотка procent prozentpunkte"""
_PERCENT = frozenset(_PERCENT_WORDS.split())
_DIGITS = re.compile(
    r"(?P<money>[$€£¥₽₴₹]\s?)?(?P<digits>(?<![\w.,])\d+(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?)"
    r"(?P<letter>(?:k|m|b|bn|tn)\b)?"
)
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’ʼ][^\W\d_]+)*\.?|[%万億亿]")
_TEN_ONE = re.compile(r"^([a-z]+)-([a-z]+)$")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text: its value in units of one, its unit (`%`, a currency sign or nothing), and its place."""

    value: float
    unit: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """The same for `1,200`, `1.200` and `1200`, for `12` and `twelve`."""
        return f"{self.value:.10g}{self.unit}"


@lru_cache(maxsize=32)
def _unit_words(language: str) -> dict[str, float]:
    listed = [_UNITS[language]] if language in _UNITS else list(_UNITS.values())
    pairs = (pair.split("=") for text in listed for pair in text.split())
    return {word: float(value) for word, value in pairs}


def is_scale(word: str) -> bool:
    """Whether a word behind a number says how many times it is meant: `million`, `Mrd`."""
    return word.lower() in _SCALES


def parse_digits(text: str, language: str | None) -> float:
    """Read `1,200.5`, `1.200,5`, `1 200` or `1'200` as the language writes it."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", text)
    if "," in plain and "." in plain:
        decimal = max(plain.rfind(","), plain.rfind("."))
        plain = re.sub(r"[.,]", "", plain[:decimal]) + "." + plain[decimal + 1 :]
        return float(plain)
    mark = "," if "," in plain else "." if "." in plain else ""
    if not mark:
        return float(plain)
    thousands_mark = "," if base(language) in _COMMA_THOUSANDS else "."
    groups = plain.split(mark)
    if len(groups) > 2 or (len(groups[-1]) == 3 and mark == thousands_mark and groups[0] != "0"):
        return float("".join(groups))
    return float(f"{groups[0]}.{groups[1]}")


def _word_value(word: str, language: str) -> float | None:
    units = _unit_words(language)
    low = word.lower().replace("’", "'").replace("ʼ", "'")
    if low in units:
        return units[low]
    compound = _TEN_ONE.match(low)  # twenty-one
    if compound and compound[1] in units and units[compound[1]] >= 20 and compound[2] in {**units, "one": 1}:
        return units[compound[1]] + {**units, "one": 1.0}[compound[2]]
    if language in ("de", "") and "und" in low:  # einundzwanzig
        one, _, ten = low.partition("und")
        ones = {**units, "ein": 1.0}
        if one in ones and ten in units and units[ten] >= 20:
            return ones[one] + units[ten]
    return None


def _tail(text: str, at: int, value: float) -> tuple[float, str, int]:
    """Read the scale and the unit that follow a number; returns the value, the unit and where they end."""
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


def find(text: str, language: str | None = None) -> list[Number]:
    """All numbers of a text in order. `one` is left out: it is an article more often than a number."""
    return sorted(_find(text, base(language)), key=lambda n: n.start)


def _find(text: str, language: str) -> Iterator[Number]:
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
