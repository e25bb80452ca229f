"""What was to come when it was written and is over when it is read. The texts are invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from digests.summarize import overdue
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story

THURSDAY = datetime(2026, 3, 19, 12, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 20, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Prime Minister Holm could hear complaints in Lund on Thursday"),
        ("en", "Thursday’s second round may settle the race in Hale."),
        ("en", "Holm will speak in Lund tonight."),
        ("en", "Voters of Hale are choosing a mayor on Thursday."),
        ("en", "Voters go to the polls Thursday in Hale."),
        ("de", "Am Donnerstag wird Holm nach Lund reisen."),
        ("fr", "La ministre rencontrera jeudi son homologue à Lund."),
        ("es", "El ministro se reunirá el jueves en Lund."),
        ("it", "Il ministro incontrerà giovedì il collega."),
        ("ru", "Министр встретится в четверг с коллегой."),
        ("uk", "Міністр зустрінеться у четвер із колегою."),
        ("zh", "部长将于周四访问伦德。"),
        ("ja", "大臣は木曜に会談する予定。"),
        ("ar", "سوف يزور الوزير لوند يوم الخميس."),
    ],
)
def test_what_was_to_come_on_a_day_is_overdue_on_the_next(language: str, text: str) -> None:
    assert overdue.is_overdue(text, language, THURSDAY, FRIDAY)
    assert not overdue.is_overdue(text, language, THURSDAY, THURSDAY + timedelta(hours=8)), "but not on the day itself"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Holm met her counterpart in Lund on Thursday."),
        ("en", "Holm said on Thursday that she will run."),
        ("en", "A man who could be armed was arrested on Thursday."),
        ("en", "Holm will be tried, the court said Thursday."),
        ("en", "Holm will meet her counterpart on Friday."),
        ("en", "Holm will speak tomorrow."),
        ("en", "The songs may sound familiar to many today."),
        ("de", "Holm sagte am Donnerstag, sie werde antreten."),
        ("de", "Die Ministerin soll am Donnerstag Anzeige erstattet haben."),
        ("zh", "法官通过视频会议今天与官员互动。"),
        ("zh", "政党周四将其成立日定为公民日。"),
        ("fr", "La ministre a rencontré jeudi son homologue."),
        ("nl", "Holm spreekt donderdag in Lund."),
    ],
)
def test_what_happened_or_is_still_to_come_is_not(language: str, text: str) -> None:
    assert not overdue.is_overdue(text, language, THURSDAY, FRIDAY)


def test_the_day_is_that_of_the_reader() -> None:
    text = "Holm will speak in Lund on Thursday."
    west = FRIDAY.astimezone(timezone(-timedelta(hours=8)))
    assert not overdue.is_overdue(text, "en", THURSDAY, west), "it is still Thursday there"


def test_the_last_day_that_is_named_counts() -> None:
    assert not overdue.is_overdue("Holm will speak on Thursday. She will leave on Friday.", "en", THURSDAY, FRIDAY)


def test_a_preview_stays_if_nothing_else_reports_the_event() -> None:
    preview = source(1, "Ferry race of Hale begins on Sunday", "The ferry race of Hale will begin on Sunday.", hours=40)
    told = summarize_story(story("race", preview), words=40, at=NOW)
    assert told.headline == preview.title


def test_an_article_withdrawn_by_its_publisher_is_none_that_stays() -> None:
    preview = source(1, "Ferry race of Hale begins on Sunday", "", hours=40)
    gone = source(2, "Ferry race of Hale won by Orr", "Orr won the race.", withdrawn=True)
    assert overdue.still_current(story("race", preview, gone), NOW, "en") == {0, 1}
