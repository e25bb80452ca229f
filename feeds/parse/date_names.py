"""Month, weekday and half-day names of the languages that feeds are written in, and the offsets of named zones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Context = Literal["format", "stand-alone"]

_ENGLISH_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_ENGLISH_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
# A word may have several meanings (listopad: November in Czech and Polish, October in Croatian): the first language's
# is taken where no weekday decides.
_LOCALES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "ru", "pl", "uk", "cs", "sv", "da", "nb", "fi", "el", "hu", "ro", "tr",
    "bg", "sk", "ca",
    "hr", "sl", "sr_Latn", "sr", "lt", "lv", "et", "is", "ga", "cy", "eu", "gl", "id", "ms", "vi", "ar", "ar_MA",
    "ar_LB", "he", "fa", "hi", "bn", "ta", "te", "ur",
    "th", "ko", "ja", "zh", "be", "mk", "sq", "ka", "hy", "az", "kk", "af", "sw", "fil", "de_AT", "es_AR", "pt_PT",
    "mr", "ne", "gu", "pa", "kn", "ml", "si", "km", "lo", "my", "uz", "lb",
)  # fmt: skip
# Spellings of feeds that the locale data lacks.
_EXTRA_MONTHS = {
    "sept": 9, "januar": 1, "janv": 1, "fevr": 2, "avr": 4, "juil": 7, "aout": 8, "mrz": 3, "maerz": 3, "jann": 1,
    "okt": 10, "mai": 5, "dez": 12,
    "ιαν": 1, "φεβ": 2, "μαρ": 3, "μαω": 3, "απρ": 4, "μαι": 5, "μαη": 5, "ιουν": 6, "ιον": 6, "ιουλ": 7, "ιολ": 7,
    "αυγ": 8, "σεπ": 9, "οκτ": 10, "νοε": 11, "δεκ": 12,
    "enero": 1, "setiembre": 9, "set": 9, "ott": 10, "genn": 1, "lugl": 7, "giu": 6, "gen": 1, "mag": 5, "ago": 8,
    "dic": 12, "out": 10, "abr": 4, "fev": 2,
    "januari": 1, "februari": 2, "maart": 3, "mei": 5, "augusti": 8, "agt": 8, "agu": 8, "des": 12, "pebruari": 2,
    "nop": 11, "nopember": 11, "janeiro": 1,
    "сент": 9, "нояб": 11, "февр": 2, "мая": 5, "июня": 6, "июля": 7,
}  # fmt: skip
_EXTRA_DAYS = {
    "tues": 1, "wednes": 2, "weds": 2, "thur": 3, "thurs": 3, "satur": 5, "mer": 2, "jeu": 3, "ven": 4, "sam": 5,
    "dim": 6, "lun": 0, "mie": 2, "jue": 3, "vie": 4, "sab": 5,
    "δευ": 0, "τρι": 1, "τετ": 2, "πεμ": 3, "παρ": 4, "σαβ": 5, "κυρ": 6, "mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4,
    "sa": 5, "so": 6,
}  # fmt: skip
HALF_DAYS = {
    "am": 0, "pm": 12, "a": 0, "p": 12, "오전": 0, "오후": 12, "上午": 0, "下午": 12,
    "午前": 0, "午後": 12, "πμ": 0, "μμ": 12,
    "ص": 0, "م": 12,
}  # fmt: skip
# Words in dates that have no meaning here.
FILLERS = frozenset(
    [
        "at",
        "on",
        "the",
        "of",
        "de",
        "del",
        "d",
        "da",
        "di",
        "du",
        "le",
        "el",
        "il",
        "um",
        "uhr",
        "kl",
        "klo",
        "o'clock",
        "г",
        "г.",
        "года",
        "год",
        "в",
        "od",
        "om",
        "och",
        "den",
        "dia",
        "as",
        "às",
        "a",
        "las",
        "os",
        "alle",
        "ore",
        "um,",
        "h",
        "hs",
        "hrs",
        "dne",
        "den,",
        "the,",
        "th",
        "st",
        "nd",
        "rd",
        "er",
        "et",
        "i",
        "and",
        "date",
        "published",
        "updated",
        "posted",
        "ngày",
        "năm",
        "lúc",
        "วันที่",
        "ที่",
        "เวลา",
        "น",
        "พ.ศ",
        "ค.ศ",
        "ساعت",
        "e",
        "dé",
        "dydd",
        "יום",
        "р",
        "m",
        "gada",
        "թ",
        "ж",
        "ko",
        "ه.ش",
    ]
)

_HOURS = {
    "gmt": 0, "utc": 0, "ut": 0, "z": 0, "wet": 0, "uct": 0, "zulu": 0, "egst": 0, "cvt": -1, "azot": -1, "egt": -1,
    "fnt": -2, "brst": -2, "gst": 4,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8,
    "hst": -10, "hast": -10, "hadt": -9, "ast": -4, "adt": -3,
    "nst": -3.5, "ndt": -2.5, "nt": -3.5, "brt": -3, "art": -3, "clt": -4, "clst": -3, "cot": -5, "pet": -5, "ect": -5,
    "vet": -4, "bot": -4, "uyt": -3, "pyt": -4, "gft": -3, "gyt": -4, "pmst": -3, "wgt": -3,
    "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2, "west": 1, "eet": 2, "eest": 3, "oez": 2,
    "oesz": 3, "wat": 1, "cat": 2, "sast": 2, "eat": 3, "trt": 3, "msk": 3, "msd": 4, "fet": 3,
    "ist": 5.5, "idt": 3, "irst": 3.5, "irdt": 4.5, "aft": 4.5, "pkt": 5, "uzt": 5, "tjt": 5, "tmt": 5, "mvt": 5,
    "npt": 5.75, "bdt": 6, "btt": 6, "mmt": 6.5, "ict": 7, "wib": 7, "wita": 8, "wit": 9,
    "yekt": 5, "omst": 6, "novt": 7, "krat": 7, "irkt": 8, "yakt": 9, "vlat": 10, "magt": 11, "pett": 12, "samt": 4,
    "amt": 4, "azt": 4, "get": 4, "sct": 4, "mut": 4, "ret": 4,
    "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "phst": 8, "awst": 8, "awdt": 9, "jst": 9, "kst": 9, "ulat": 8, "acst": 9.5,
    "acdt": 10.5, "aest": 10, "aedt": 11, "lhst": 10.5, "chst": 10, "sbt": 11, "nct": 11,
    "nzst": 12, "nzdt": 13, "fjt": 12, "tot": 13, "wst": 13, "chast": 12.75, "sst": -11, "ckt": -10, "taht": -10,
    "mart": -9.5, "galt": -6, "east": -6,
}  # fmt: skip
# Abbreviations that do not say whether it is summer time: the place decides.
_PLACES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "at": "America/Halifax",
}


def folded(word: str) -> str:
    """Lower case without accents, dots and final sigma, for comparison."""
    base = unicodedata.normalize("NFKD", word.lower()).replace("ς", "σ")
    return "".join(char for char in base if not unicodedata.combining(char) and char not in ".'’׳·॰\u200c\u200d")


def _prefixes(names: list[str]) -> dict[str, int]:
    return {name[:size]: number for number, name in enumerate(names) for size in (3, len(name))}


_MONTHS = {name: number + 1 for name, number in _prefixes(_ENGLISH_MONTHS).items()}
_DAYS = _prefixes(_ENGLISH_DAYS)


def months(word: str) -> tuple[int, ...]:
    """Return the months that a word may name, 1 to 12, the likeliest first."""
    if known := _MONTHS.get(word.lower()):
        return (known,)
    word = folded(word)
    if known := _MONTHS.get(word):
        return (known,)
    extra = (_EXTRA_MONTHS[word],) if word in _EXTRA_MONTHS else ()
    return tuple(dict.fromkeys((*extra, *(foreign()[0].get(word, ()) if word not in _DAYS else ()))))


def weekdays(word: str) -> tuple[int, ...]:
    """Return the weekdays that a word may name, Monday is 0, the likeliest first."""
    word = folded(word)
    if word in _DAYS:
        return (_DAYS[word],)
    extra = (_EXTRA_DAYS[word],) if word in _EXTRA_DAYS else ()
    return tuple(dict.fromkeys((*extra, *foreign()[1].get(word, ()))))


# How names change in a date, in languages where the locale data lacks it.
_IN_DATES = {"he": "ב{}", "eu": "{}ren", "th": "{}ที่"}


@lru_cache(maxsize=1)
def foreign() -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Return the months and weekdays of all locales, read from babel's data when first needed (a few hundred ms)."""
    from babel import Locale

    months: dict[str, tuple[int, ...]] = {}
    days: dict[str, tuple[int, ...]] = {}
    for code in _LOCALES:
        locale = Locale.parse(code)
        for table, source in ((months, locale.months), (days, locale.days)):
            for context in ("format", "stand-alone"):
                for width in ("wide", "abbreviated"):
                    for number, name in source[context][width].items():
                        # The last word of several says it: `e shtunë`.
                        for word in {
                            folded(name),
                            folded(name.split()[-1]),
                            folded(_IN_DATES.get(code, "{}").format(name)),
                        }:
                            known = table.get(word, ())
                            if number not in known:
                                table[word] = (*known, number)
    return months, days


# The Iranian months in Persian, in the Afghan spelling, and as they are written in Latin letters.
_IRANIAN = (
    "فروردین حمل farvardin", "اردیبهشت ثور ordibehesht", "خرداد جوزا khordad", "تیر سرطان tir",
    "مرداد امرداد اسد mordad",
    "شهریور سنبله shahrivar", "مهر میزان mehr", "آبان عقرب aban", "آذر قوس azar", "دی جدی dey", "بهمن دلو bahman",
    "اسفند حوت esfand",
)  # fmt: skip
_IRANIAN_MONTHS = {folded(word): number for number, words in enumerate(_IRANIAN, 1) for word in words.split()}


def iranian_month(word: str) -> int | None:
    """Return the number of a month of the Iranian calendar from its name, 1 to 12."""
    return _IRANIAN_MONTHS.get(folded(word))


# Vietnamese writes weekdays and months with numbers: `Thứ Ba`, `Thứ 3`, `Th 3`, `T3`, `tháng 12`, `thg 12`.
_VIETNAMESE_NUMBERS = (
    "một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai",
)  # fmt: skip
_VIETNAMESE_DAY = re.compile(
    r"\b(?:thứ\s*|th\s*(?=[2-7]\b)|t(?=[2-7]\b))(hai|ba|tư|năm|sáu|bảy|[2-7])\b|\b(?:chủ\s*nhật|cn)\b", re.IGNORECASE
)
_VIETNAMESE_MONTH = re.compile(
    rf"\b(?:tháng|thg)\s*(\d{{1,2}}|{'|'.join(sorted(_VIETNAMESE_NUMBERS, key=len, reverse=True))})\b", re.IGNORECASE
)


def in_english(text: str) -> str:
    """Return the text with Vietnamese weekdays and months in English."""
    if not re.search(r"th|[tc]\w", text, re.IGNORECASE):
        return text
    text = unicodedata.normalize("NFC", text)
    return _VIETNAMESE_MONTH.sub(_english_month, _VIETNAMESE_DAY.sub(_english_day, text))


def _english_day(found: re.Match[str]) -> str:
    if not found[1]:
        return "Sunday"
    number = int(found[1]) if found[1].isdigit() else _VIETNAMESE_NUMBERS.index(found[1].lower()) + 1
    return _ENGLISH_DAYS[number - 2]


def _english_month(found: re.Match[str]) -> str:
    number = int(found[1]) if found[1].isdigit() else _VIETNAMESE_NUMBERS.index(found[1].lower()) + 1
    return f" {_ENGLISH_MONTHS[number - 1]} " if 1 <= number <= 12 else found[0]


def offset_hours(name: str) -> float | None:
    """Return the offset of a zone abbreviation from UTC in hours. Military letters count as UTC (RFC 5322, 4.3)."""
    name = name.lower()
    if name in _HOURS:
        return _HOURS[name]
    return 0 if len(name) == 1 and name.isascii() and name.isalpha() and name != "j" else None


def zone_name(name: str) -> str | None:
    """Return the IANA zone of an abbreviation for both summer and winter time (ET); an IANA name as it is."""
    if name.lower() in _PLACES:
        return _PLACES[name.lower()]
    return name if "/" in name else None
