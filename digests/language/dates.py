"""Numbers that are part of a date or a time of day."""

from __future__ import annotations

import re

from digests.language.numbers import Number

_MONTHS = (
    r"jan(?:uar[yi]?|vier|\.)?|gennaio|janeiro|enero|feb(?:ruar[yi]?|\.)?|febbraio|fevereiro|febrero|février|mar(?:ch|zo|s|ço|\.)?|märz|maart|"
    r"apr(?:il|ile|\.)?|abril|avril|may|mai|mayo|maio|maggio|mei|jun[ei]?|juin|junio|junho|giugno|jul[iy]?|juillet|julio|julho|luglio|"
    r"aug(?:ust|ustus|\.)?|août|agosto|sep(?:tember|t|\.)?|settembre|setembro|septiembre|septembre|o[ck]t(?:ober|\.)?|ottobre|outubro|octubre|"
    r"octobre|nov(?:ember|\.)?|novembre|novembro|noviembre|de[cz](?:ember|\.)?|dicembre|dezembro|diciembre|décembre|"
    r"январ[яе]|феврал[яе]|марта|апрел[яе]|мая|июн[яе]|июл[яе]|августа|сентябр[яе]|октябр[яе]|ноябр[яе]|декабр[яе]|"
    r"січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня|"
    r"stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
)
_THEN_MONTH = re.compile(rf"(?:st|nd|rd|th|\.|er)?(?:\s+of|\s+de)?\s+(?:{_MONTHS})\b|[年月日]", re.IGNORECASE)
_AFTER_MONTH = re.compile(rf"\b(?:{_MONTHS})\s+$", re.IGNORECASE)
_MONTH = re.compile(_MONTHS, re.IGNORECASE)
_THEN_CLOCK = re.compile(r":\d\d|\s*(?:a\.?m\.?|p\.?m\.?|uhr|h\d\d)\b", re.IGNORECASE)
_AFTER_HOUR = re.compile(r"\d:$")
_ARABIC_MONTHS = "يناير|فبراير|مارس|أبريل|إبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"
# Behind a weekday: `, March 26`, `, 26. März`, `, the 26th`, `（26日`; before one: `3月26日`.
_DATE_BEHIND = re.compile(
    rf"\W{{0,3}}(?:(?:the|dem|den|le|il|el)\s)?(?:(?:{_MONTHS})\s(?P<english>\d{{1,2}})\b|"
    rf"(?P<number>\d{{1,2}})(?:(?:st|nd|rd|th)\b|日|(?:\.|er|º|°)?(?:\s(?:of|de|di))?\s(?:{_MONTHS}|{_ARABIC_MONTHS})\b))",
    re.IGNORECASE,
)
_DATE_BEFORE = re.compile(r"(\d{1,2})日\W{0,2}$")
_DAYS, _HOURS, _MINUTES = 31, 24, 60


def is_date(text: str, number: Number) -> bool:
    """Whether a number of `text` is a day next to its month, a year from 1900 to 2099, or part of a time of day."""
    if number.unit or number.value != int(number.value):
        return False
    before, after = text[max(0, number.start - 14) : number.start], text[number.end : number.end + 20]
    written = text[number.start : number.end]
    if written.isdigit() and len(written) == 4 and written[:2] in ("19", "20"):
        return True
    if number.value <= _DAYS and (_THEN_MONTH.match(after) or _AFTER_MONTH.search(before)):
        return True
    if number.value <= _HOURS and _THEN_CLOCK.match(after):
        return True
    return number.value < _MINUTES and _AFTER_HOUR.search(before) is not None


def day_beside(text: str, start: int, end: int) -> int | None:
    """Return the day of the month that is written next to a weekday of `text` from `start` to `end`; None if none."""
    if (behind := _DATE_BEHIND.match(text, end)) is not None:
        return int(behind["english"] or behind["number"])
    before = _DATE_BEFORE.search(text, max(0, start - 6), start)
    return int(before[1]) if before else None


def is_month(word: str) -> bool:
    """Whether a word is the name of a month, in full or short."""
    return _MONTH.fullmatch(word) is not None
