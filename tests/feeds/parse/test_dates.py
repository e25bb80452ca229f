from __future__ import annotations

from datetime import UTC, datetime

import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given
from hypothesis import strategies as st

from feeds.parse.dates import parse_date

KNOWN = {
    "2020-03-03 14:30:00 America/New_York": "2020-03-03T19:30:00",
    "2020-03-03T14:30:00[America/New_York]": "2020-03-03T19:30:00",
    "2020-03-03T14:30:00-05:00[Europe/Paris]": "2020-03-03T19:30:00",
    "2020-03-03T14:30Z[Europe/Paris]": "2020-03-03T14:30:00",
    "2020-03-03T14:30:00+0100[Europe/Berlin]": "2020-03-03T13:30:00",
    "20200303143000": "2020-03-03T14:30:00",
    "Tue, 03 Mar 2020 10:00:00 EST": "2020-03-03T15:00:00",
    "Tue, 3 Mar 2020 10:00 +0100": "2020-03-03T09:00:00",
    "2020-03-03T10:00:00.5Z": "2020-03-03T10:00:00",
    "2020-03-03": "2020-03-03T00:00:00",
    "Mon, 20 Jul 2020 10:00:00 ET": "2020-07-20T14:00:00",
    "Mon, 20 Jan 2020 10:00:00 ET": "2020-01-20T15:00:00",
    "3 März 2020 10:00": "2020-03-03T10:00:00",
    "mardi 3 mars 2020 à 10h05": "2020-03-03T10:05:00",
    "3 марта 2020 г. 10:00": "2020-03-03T10:00:00",
    "2020年3月3日 10:00": "2020-03-03T10:00:00",
    "2020-03-03 오후 1:05:00": "2020-03-03T13:05:00",
    "03.03.20": "2020-03-03T00:00:00",
    "Wed, 04 03 2020 10:00:00 GMT": "2020-03-04T10:00:00",
    "Tue Mar  3 10:00:00 PST 2020": "2020-03-03T18:00:00",
    "Tuesday, 03-Mar-98 10:00:00 GMT": "1998-03-03T10:00:00",
    "March 3rd, 2020 1:05 p.m.": "2020-03-03T13:05:00",
    "2020-03-03T24:00:00Z": "2020-03-04T00:00:00",
    "1583229600": "2020-03-03T10:00:00",
    "2020-063": "2020-03-03T00:00:00",
    "2020-W10-2": "2020-03-03T00:00:00",
    # A weekday's abbreviation is no month.
    "mar., 01 déc. 2020": "2020-12-01T00:00:00",
    "mar, 01 dec. 2020 10:00:00 +0200": "2020-12-01T08:00:00",
    "mar., 02 mar. 2021": "2021-03-02T00:00:00",
    "Mar, 03 Mar 2020 10:00:00 GMT": "2020-03-03T10:00:00",
    "lun, 05 ian 2021": "2021-01-05T00:00:00",
    "uto, 01 pro 2020": "2020-12-01T00:00:00",
    "Sal, 01 Ara 2020 10:00:00 +0300": "2020-12-01T07:00:00",
    "mar 10/03/2020": "2020-03-10T00:00:00",
    "Thứ Ba, 01/12/2020 - 10:00": "2020-12-01T10:00:00",
    "Thứ 3, ngày 01 tháng 12 năm 2020": "2020-12-01T00:00:00",
    "Th 3, 05 Thg 1 2021 10:00:00 +0700": "2021-01-05T03:00:00",
    "7 thg 11, 2021": "2021-11-07T00:00:00",
    "T3, 01/12/2020 10:00": "2020-12-01T10:00:00",
    # Other calendars.
    "۱۴۰۵-۰۹-۰۷T10:32:06Z": "2026-11-28T10:32:06",
    "۷ فروردین ۱۴۰۵": "2026-03-27T00:00:00",
    "1403/12/30 10:00": "2025-03-20T10:00:00",
    "2563-12-01": "2020-12-01T00:00:00",
    "1 ธันวาคม 2563": "2020-12-01T00:00:00",
    # A zone without a time, a zone twice, comments.
    "26 Sep 2022 GMT": "2022-09-26T00:00:00",
    "2022-09-26 UTC": "2022-09-26T00:00:00",
    "2022-09-26T10:00:00-05:00Z": "2022-09-26T15:00:00",
    "Mon, 26 Sep 2022 10:00:00 -05:00Z": "2022-09-26T15:00:00",
    "Mon (first), 26 Sep 2022 (a comment) 10:00:00 +0000 (UTC)": "2022-09-26T10:00:00",
}


@pytest.mark.parametrize(("text", "instant"), KNOWN.items())
def test_a_date_is_its_instant_in_utc(text: str, instant: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "12 March",
        "Tue, 30 Feb 2020 10:00:00 GMT",
        "2020-13-01",
        "2020-02-30",
        "2020-03-03T25:00:00Z",
        "Tue, 3 Mar 2020 10:00:00 +2700",
        "Tue, 3 Mar 2020 1:2:3:4",
        "10:00",
        "7",
        "no date here 2020",
        "9999-12-31T23:59:59-10:00",
        "March",
        "2020-03-03T10:00:00+$$:00",
        "0001-01-01T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "20201303143000",
        "1447-05-01",
        "27 Mar 1405 10:00",
        "1404-12-31",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_iso_and_rfc_forms_round_trip(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S +0000")) == moment


@given(st.text(max_size=60) | st.from_regex(r"[0-9A-Za-z:,+./ \-]{0,40}", fullmatch=True))
def test_no_text_raises_and_every_answer_is_utc(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.tzinfo is UTC


WRITTEN = ["EEE, d MMM y HH:mm:ss", "EEEE d MMMM y HH:mm", "EEE, d. MMMM y", "full"]
LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "hr",
    "sr",
    "sl",
    "mk",
    "sq",
    "el",
    "tr",
    "ru",
    "uk",
    "be",
    "lt",
    "lv",
    "et",
    "fi",
    "sv",
    "da",
    "nb",
    "is",
    "ca",
    "gl",
    "eu",
    "ar",
    "he",
    "fa",
    "ur",
    "hi",
    "bn",
    "ta",
    "te",
    "mr",
    "ml",
    "kn",
    "gu",
    "pa",
    "ne",
    "si",
    "th",
    "id",
    "ms",
    "zh",
    "ja",
    "ko",
    "ka",
    "hy",
    "az",
    "kk",
    "uz",
    "sw",
    "af",
    "cy",
    "lb",
    "tl",
    "my",
    "km",
    "lo",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dates_of_a_language_are_read_as_babel_writes_them(language: str) -> None:
    for written in WRITTEN:
        for month in range(1, 13):
            moment = datetime(2026, month, 14, 15, 4, tzinfo=UTC)
            text = (format_date if written == "full" else format_datetime)(moment, written, locale=language)
            read = parse_date(text)
            assert read is not None, text
            assert read.date() == moment.date(), text


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("pet, 3 lip 2026", 7),
        ("sri, 3 lip 2026", 6),
        ("čet, 16 srp 2026", 7),
        ("3 lip 2026", 7),
    ],
)
def test_the_weekday_decides_between_the_months_of_two_languages(text: str, month: int) -> None:
    read = parse_date(text)
    assert read is not None
    assert read.month == month


def test_a_weekday_that_is_an_iranian_month_too() -> None:
    assert parse_date("tir., 3 feb. 2026") == datetime(2026, 2, 3, tzinfo=UTC)
    assert parse_date("3 tir 1405") == datetime(2026, 6, 24, tzinfo=UTC)
