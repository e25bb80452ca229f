"""Parses the dates of feeds into UTC. An impossible date gives None, and no part is filled in from today's date."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from feeds.parse import date_names

MAX_LENGTH = 120  # characters; a longer text is not a date

_ISO = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?|(\d\d)(\d\d))?"
    r"(?:(?:[Tt_]|\s+)\s*(\d{1,2})(?::?(\d\d)(?::?(\d\d)(?:[.,]\d*)?)?)?\s*(Z|z|[A-Za-z]{2,5}|(?:UTC|"
    r"GMT)?[+\-−]\d\d?(?::?\d\d)?)?)?\Z"
)
_RFC = re.compile(
    r"(?:[A-Za-z]{3,9},?\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d)(?::(\d\d))?\s+(GMT|UTC|Z|"
    r"[+-]\d{4}|[A-Z]{3,4})\Z"
)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})\Z")
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?(\d))?\Z")
_SHORT = re.compile(r"-?(\d\d)-?(\d\d)\Z")
_SIX = re.compile(r"(\d\d)(\d\d)(\d\d)\Z")
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?\Z|(\d{12,13})\Z")
_IDEOGRAPHIC = re.compile(r"(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号號]?")
_IDEOGRAPHIC_TIME = re.compile(r"(\d{1,2})\s*[时時点點시]\s*(\d{1,2})\s*[分분]?(?:\s*(\d{1,2})\s*[秒초])?")
_COMMENT = re.compile(r"\s*\([^()]*\)\s*")  # RFC 5322, 3.2.2: anywhere between the parts
_ANNOTATION = re.compile(r"(?<=\d|[Zz])\[[\w/+\-]{1,40}\]\s*\Z")
_DOUBLE_ZONE = re.compile(r"([+\-−]\d\d:?\d\d)\s*[Zz]\Z")
_BRACKETED_ZONE = re.compile(
    r"(?<![+\-]\d\d:\d\d)(?<=:\d\d)\[([A-Za-z]+/[\w/+\-]{1,40})\]\Z"
)  # RFC 9557, without an offset
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\Z")
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})(?::(\d\d?)(?::(\d\d?)(?:[.,]\d+)?)?|[hH](\d\d)(?:m|min)?(?![\w:])|"
    r"\.(\d\d)(?=\s*(?:uhr|Uhr|a\.?m\b|p\.?m\b|AM\b|PM\b)))(?![\d:])"
)
_HOUR_ONLY = re.compile(r"(?<![\d:./-])(\d{1,2})\s*(?=[aApP]\.?[mM]\b)")
_HALF = re.compile(r"\s*([aApP])\.?\s?[mM]\b\.?|\s*(오전|오후|上午|下午|午前|午後|π\.?μ\.?|μ\.?μ\.?)")
_HALF_BEFORE = re.compile(r"(오전|오후|上午|下午|午前|午後)\s*\Z")
_OFFSET = re.compile(r"\s*(?:GMT|UTC|UT)?\s*([+\-−–])\s?(\d{1,2})(?::?(\d\d))?(?![\d:$\w])", re.IGNORECASE)
# Vowel signs are no letters to `re`: Thai, Hebrew, Arabic and Indian month names contain them.
_SIGNS = (
    "\u0300-\u036f\u200c\u200d\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0980-\u0983"
    "\u0970\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a51\u0a70-\u0a71\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c03\u0c3e-\u0c4d\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3b-\u0d4d\u0d81-\u0d83\u0dca-\u0ddf"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3"
)
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_SIGNS}])*"
_WORD = re.compile(rf"{_LETTERS}(?:[/'’.\-_]{_LETTERS})*\.?|\d+|\S")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{2,4})(?!\d)")
_ORDINAL_SUFFIX = re.compile(r"(\d)(?:st|nd|rd|th|er|º|ª|°|\.)(?=[\s,]|\Z)", re.IGNORECASE)
_EARLIEST_EPOCH, _LATEST_EPOCH = 100_000_000, 4_102_444_800  # 1973 and 2100: other bare numbers are not instants
_EARLIEST_YEAR = 1000
_SOLAR_HIJRI = range(1300, 1419)  # years of the Iranian calendar, 1921 to 2040
_HIJRI = range(1419, 1500)  # years of the Islamic calendar, which is not converted
_BUDDHIST = range(2400, 2700)  # years of the Thai calendar, 543 ahead


@dataclass(slots=True)
class _Found:
    """The recognized parts of a date, and the rest of its text."""

    rest: str
    clock: tuple[int, int, int] | None = None
    zone: tzinfo | str | None = None
    month: int | None = None
    names: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)  # words as months, as weekdays
    iranian: int | None = None  # the month of the Iranian calendar that a word names
    numbers: list[str] = field(default_factory=list)


@lru_cache(maxsize=2048)
def parse_date(text: str) -> datetime | None:
    """Return the instant that `text` names, in UTC; None when it names none. Never raises.

    UTC is assumed without a zone; a date alone is its midnight, a month or a year alone its first day. Understands ISO
    8601, RFC 822/2822/850, asctime, epoch seconds and the usual local forms in about sixty languages.
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        return _common_form(text) or _any_form(text)
    except (ValueError, OverflowError):
        return None


def _common_form(text: str) -> datetime | None:
    """Return the date if it is in one of the two forms that nearly every feed uses."""
    found = _RFC.match(text)
    if found:
        months = date_names.months(found[2])
        zone = _zone(found[7])
        if len(months) == 1 and isinstance(zone, timezone) and int(found[3]) not in _SOLAR_HIJRI:
            clock = int(found[4]), int(found[5]), int(found[6] or 0)
            return _instant(int(found[3]), months[0], int(found[1]), clock, zone)
    found = _ISO.match(text)
    return _iso(found) if found else None


def _iso(found: re.Match[str]) -> datetime | None:
    year, month, day = int(found[1]), found[2] or found[4], found[3] or found[5]
    clock = (int(found[6] or 0), int(found[7] or 0), int(found[8] or 0))
    if not found[6] and not found[2] and not found[4] and not 1000 <= year <= 2999:
        return None
    zone = _zone(found[9]) if found[9] else UTC
    if zone is None:
        return None
    return _instant(year, int(month or 1), int(day or 1), clock, zone)


def _any_form(text: str) -> datetime | None:
    """Return the date in any other form."""
    text = "".join(
        str(int(char)) if char.isdigit() and char.isdecimal() and not char.isascii() else char for char in text
    )
    text = _ANNOTATION.sub("", _BRACKETED_ZONE.sub(r" \1", text))
    text = date_names.in_english(_DOUBLE_ZONE.sub(r"\1", _COMMENT.sub(" ", text).strip()))
    common = _common_form(text)
    if common is not None:
        return common
    bare = _bare_number(text)
    if bare is not None or (re.fullmatch(r"[\d.\-]*\d", text) and not _NUMERIC.fullmatch(text)):
        return bare
    if _WEEK.match(text):
        year, week, day = _WEEK.match(text).groups()  # type: ignore[union-attr]
        return datetime.combine(date.fromisocalendar(int(year), int(week), int(day or 1)), datetime.min.time(), UTC)
    text = _IDEOGRAPHIC_TIME.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'}", _IDEOGRAPHIC.sub(r"\1-\2-\3 ", text))
    text = re.sub(r"(?<=\d)[Tt](?=\d{1,2}:)", " ", text)
    found = _Found(_ORDINAL_SUFFIX.sub(r"\1 ", text))
    if not _take_time(found):
        return None
    day_parts = _numeric_day(found)
    if not _take_words(found):
        return None
    if day_parts is None:
        found.month = _month(found)
    iranian = found.month is None and found.iranian is not None
    if iranian:
        found.month = found.iranian
    parts = day_parts or _named_day(found)
    if parts is None:
        return None
    if iranian:
        parts = _from_solar_hijri(*parts)
    elif day_parts is None and parts[0] in _SOLAR_HIJRI:
        return None  # the months of one calendar with the years of another
    return _instant(*parts, found.clock or (0, 0, 0), found.zone or UTC)


def _bare_number(text: str) -> datetime | None:
    """Return the date in a number: epoch seconds, ordinal date, fourteen digits, or a short form of ISO 8601:1988."""
    found = _COMPACT.match(text)
    if found:
        parts = [int(part) for part in found.groups()]
        return _instant(parts[0], parts[1], parts[2], (parts[3], parts[4], parts[5]), UTC)
    found = _EPOCH.match(text)
    if found:
        seconds = int(found[1]) if found[1] else int(found[2]) // 1000
        return datetime.fromtimestamp(seconds, UTC) if _EARLIEST_EPOCH <= seconds <= _LATEST_EPOCH else None
    found = _ORDINAL.match(text)
    if found:
        day = datetime(int(found[1]), 1, 1, tzinfo=UTC) + timedelta(int(found[2]) - 1)
        return day if day.year == int(found[1]) else None
    found = _SIX.match(text)
    if found:
        return _instant(_century(int(found[1])), int(found[2]), int(found[3]), (0, 0, 0), UTC)
    found = _SHORT.match(text) if text.startswith("-") else None
    return _instant(_century(int(found[1])), int(found[2]), 1, (0, 0, 0), UTC) if found else None


def _take_time(found: _Found) -> bool:
    """Move the time of day and the zone after it out of the rest; False if there is an invalid time."""
    spot = _TIME.search(found.rest) or _HOUR_ONLY.search(found.rest)
    if spot is None:
        return ":" not in found.rest
    groups = spot.groups()
    hour, minute, second = int(groups[0]), 0, 0
    if len(groups) > 1:
        minute, second = int(groups[1] or groups[3] or groups[4] or 0), int(groups[2] or 0)
    before, after = found.rest[: spot.start()], found.rest[spot.end() :]
    half = _HALF.match(after)
    early = _HALF_BEFORE.search(before)
    if half:
        after = after[half.end() :]
        mark = (half[1] or "").lower() or date_names.folded(half[2])
        hour = _half_day(hour, date_names.HALF_DAYS[mark])
    elif early:
        before = before[: early.start()]
        hour = _half_day(hour, date_names.HALF_DAYS[early[1]])
    offset = _OFFSET.match(after)
    if offset:
        found.zone = _offset(offset[1], offset[2], offset[3])
        after = after[offset.end() :]
    found.clock, found.rest = (hour, minute, second), f"{before} \x00 {after}"
    return not re.match(r"\s*[+\-−:$]", after)


def _half_day(hour: int, shift: int) -> int:
    if not 0 <= hour <= 12:
        return hour  # some programs write "14:00 PM" for 14:00
    return hour % 12 + shift


def _numeric_day(found: _Found) -> tuple[int, int, int] | None:
    """Return year, month and day of a numeric date. Size decides the order, then the weekday, then the separator."""
    spot = _NUMERIC.search(found.rest)
    if spot is None:
        return None
    one, mark, two, three = spot[1], spot[2], int(spot[3]), spot[4]
    found.rest = f"{found.rest[: spot.start()]} {found.rest[spot.end() :]}"
    if len(one) == 4:
        return int(one), two, int(three)
    first, year = int(one), _century(int(three)) if len(three) == 2 else int(three)
    if first > 12 or two > 12:
        return (year, two, first) if first > 12 else (year, first, two)
    words = [date_names.weekdays(word) for word in re.findall(r"[^\W\d_]{2,}", found.rest)]
    named = next((days for days in words if days), ())
    day_first = mark != "/"
    if named and (_weekday(year, first, two) in named) != (_weekday(year, two, first) in named):
        day_first = _weekday(year, two, first) in named
    return (year, two, first) if day_first else (year, first, two)


def _weekday(year: int, month: int, day: int) -> int:
    return date(year, month, day).weekday()


def _take_words(found: _Found) -> bool:
    """Sort the rest into month, weekdays, zone and numbers; False if anything else is in it."""
    after_time = False
    for word in _WORD.findall(found.rest):
        if word == "\x00":
            after_time = True
        elif word[0].isdigit():
            found.numbers.append(word)
        elif word[0].isalpha():
            if not _take_one_word(found, word, after_time=after_time):
                return False
        elif word not in ",.-–—/|·;،、'’׳":
            return False
    return True


def _take_one_word(found: _Found, word: str, *, after_time: bool) -> bool:
    """Recognize one word of a date. Zones come after the time. False for an unknown word."""
    plain = word.rstrip(".")
    months, days = date_names.months(plain), date_names.weekdays(plain)
    if found.zone is None and plain.isascii() and (after_time or (plain.isupper() and not months and not days)):
        zone = _zone(plain)
        if zone is not None and (not months or plain.isupper() or any(named for named, _ in found.names)):
            found.zone = zone
            return True
    iranian = None if months else date_names.iranian_month(plain)
    found.iranian = found.iranian or iranian
    if months or days:
        found.names.append((months, days))
    known = plain.lower() in date_names.FILLERS or date_names.folded(plain) in date_names.HALF_DAYS
    if months or days or iranian or known:
        return True
    parts = re.split(r"[\-/]", plain)
    if len(parts) > 1 and all(parts):
        return all(_take_one_word(found, part, after_time=after_time) for part in parts)
    return after_time and plain.isascii() and plain.isupper() and 2 <= len(plain) <= 5  # an unknown zone: UTC


def _month(found: _Found) -> int | None:
    """Return the month among words that may be weekdays too, or several months.

    French `mar.` is Tuesday and March, `srp` August in Czech and July in Croatian. The reading counts in which the
    weekday is that of the date, else the first in which every word has a meaning.
    """
    around = [found.names[:place] + found.names[place + 1 :] for place in range(len(found.names))]
    readings = [
        (month, rest)
        for (months, _), rest in reversed(list(zip(found.names, around, strict=True)))
        for month in months
        if all(days or month in others for others, days in rest)
    ]
    for month, rest in readings:
        if _fits(found, month, [day for _, days in rest for day in days]):
            return month
    only_months = [months[0] for months, days in found.names if months and not days]
    if only_months:
        return only_months[0]
    return readings[0][0] if readings else next((months[0] for months, _ in found.names if months), None)


def _fits(found: _Found, month: int, weekdays: list[int]) -> bool:
    """Whether a named weekday is that of the date with this month."""
    if not weekdays:
        return False
    try:
        parts = _named_day(replace(found, month=month))
        return parts is not None and _weekday(*parts) in weekdays
    except ValueError:
        return False


def _named_day(found: _Found) -> tuple[int, int, int] | None:
    """Return year, month and day when the month is a word, or when there are three bare numbers."""
    numbers = found.numbers
    if found.month is None:
        return _three_numbers(found) if len(numbers) == 3 else None
    if len(numbers) == 1 and len(numbers[0]) == 4:
        return int(numbers[0]), found.month, 1
    if len(numbers) != 2:
        return None
    first, second = numbers
    if len(first) > 2:
        first, second = second, first
    if len(first) > 2:
        return None
    year = int(second)
    return (year if len(second) == 4 else _century(year)), found.month, int(first)


def _three_numbers(found: _Found) -> tuple[int, int, int] | None:
    one, two, three = found.numbers
    if len(one) == 4:
        return int(one), int(two), int(three)
    if len(three) != 4:
        return None
    return int(three), int(two), int(one)


def _from_solar_hijri(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Return the Gregorian date of an Iranian one, by the 33-year cycle of leap years, right from 1925 to 2088.

    Raises ValueError for a day that the calendar does not have.
    """
    length = 31 if month <= 6 else 30
    if not (1 <= month <= 12 and 1 <= day <= length and year in _SOLAR_HIJRI):
        raise ValueError(f"{year}-{month}-{day}")
    leaps = sum((y % 33) in (1, 5, 9, 13, 17, 22, 26, 30) for y in range(1300, year))
    days = (year - 1300) * 365 + leaps + (month - 1) * 30 + min(month - 1, 6) + day - 1
    found = date(1921, 3, 21) + timedelta(days=days)
    return found.year, found.month, found.day


def _century(year: int) -> int:
    """Return a year in full, by RFC 2822: 00 to 49 are 2000 to 2049; three-digit years count from 1900."""
    if year >= 1000:
        return year
    return year + (2000 if year < 50 else 1900)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo | None:
    """Return a zone by its offset, its abbreviation or its IANA name."""
    found = _OFFSET.fullmatch(name)
    if found:
        return _offset(found[1], found[2], found[3])
    hours = date_names.offset_hours(name)
    if hours is not None:
        return timezone(timedelta(hours=hours))
    place = date_names.zone_name(name)
    if place is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(sign: str, hours: str, minutes: str | None) -> timezone:
    """Return a numeric offset. Raises ValueError for an offset that no zone has."""
    shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if int(minutes or 0) > 59 or shift > timedelta(hours=15):
        raise ValueError(sign + hours)
    return timezone(shift if sign == "+" else -shift)


def _instant(year: int, month: int, day: int, clock: tuple[int, int, int], zone: tzinfo | str) -> datetime:
    """Return the instant in UTC. A leap second becomes the second before it; 24:00 is the next midnight.

    Years of the Iranian and the Thai calendar are converted. Raises ValueError before the year 1000, which is an unset
    clock (`0001-01-01`), and for years of the Islamic calendar.
    """
    if year < _EARLIEST_YEAR or year in _HIJRI:
        raise ValueError(str(year))
    if year in _SOLAR_HIJRI:
        year, month, day = _from_solar_hijri(year, month, day)
    elif year in _BUDDHIST:
        year -= 543
    hour, minute, second = clock
    late = timedelta(days=1) if clock == (24, 0, 0) else timedelta(0)
    if late:
        hour = 0
    assert not isinstance(zone, str)
    moment = datetime(year, month, day, hour, minute, min(second, 59) if second == 60 else second, tzinfo=zone)
    if zone is UTC and not late:
        return moment
    return (moment + late).astimezone(UTC)
