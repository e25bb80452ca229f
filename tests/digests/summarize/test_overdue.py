"""What was to come when it was written and is over when it is read. The texts are invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from digests.model import ItemKind, Reported
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
        ("en", "Firefighters are battling a blaze that broke out Thursday in Hale."),
        ("en", "Prices could rise after the bank raised rates on Thursday."),
        ("en", "The company plans to close two plants after talks collapsed Thursday."),
        ("en", "Thursday's crash could cost the mayor his office."),
        ("de", "Die Zahl der Opfer wird nach dem Unglück vom Donnerstag steigen."),
        ("de", "Holm wurde am Donnerstag gewählt und wird das Amt im Mai antreten."),
        ("fr", "Le tribunal va étudier la plainte déposée jeudi."),
        ("es", "El juez debe estudiar la denuncia presentada el jueves."),
        ("it", "Il giudice deve valutare la denuncia presentata giovedì."),
        ("ru", "Суд в четверг постановил, что Холм должен выплатить штраф."),
        ("ru", "Задержанный в четверг мэр может получить десять лет."),
        ("uk", "Затриманий у четвер мер може отримати десять років."),
        ("uk", "Вона має двох дітей, які зникли у четвер."),
        ("zh", "部长周四宣布政府将于五月减税。"),
        ("zh", "央行周四将利率下调。"),
        ("ja", "政府は木曜に減税する方針を発表した。"),
        ("ja", "木曜に発表した計画は5月に始まる予定。"),
        ("ar", "سيطرت القوات الخميس على البلدة."),
        ("ar", "سيارة انفجرت الخميس في لوند."),
        ("nl", "Holm spreekt donderdag in Lund."),
    ],
)
def test_what_happened_or_is_still_to_come_is_not(language: str, text: str) -> None:
    assert not overdue.is_overdue(text, language, THURSDAY, FRIDAY)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The trial will begin on Thursday, March 26."),
        ("en", "The trial will begin next Thursday."),
        ("en", "The market will open every Thursday."),
        ("de", "Der Prozess wird am Donnerstag, 26. März, beginnen."),
        ("de", "Jeden Donnerstag wird im Hafen gespielt."),
        ("fr", "Le procès débute jeudi 26 mars."),
        ("fr", "Le procès débute jeudi prochain."),
        ("es", "El juicio comienza el jueves 26 de marzo."),
        ("it", "Il processo inizia giovedì prossimo."),
        ("ru", "Суд состоится в четверг, 26 марта."),
        ("uk", "Суд відбудеться наступний четвер."),
        ("zh", "审判将于3月26日星期四开始。"),
        ("zh", "审判将于下周四开始。"),
        ("ja", "裁判は26日木曜に始まる。"),
        ("ar", "ستبدأ المحاكمة الخميس 26 مارس."),
    ],
)
def test_a_day_that_may_be_a_later_one_or_comes_again_is_not_over(language: str, text: str) -> None:
    assert not overdue.is_overdue(text, language, THURSDAY, FRIDAY)


def test_a_day_with_the_date_of_the_next_such_day_is_that_day() -> None:
    assert overdue.is_overdue("The trial will begin on Thursday, March 19.", "en", THURSDAY, FRIDAY)
    assert overdue.is_overdue("审判将于3月19日星期四开始。", "zh", THURSDAY, FRIDAY)


def test_a_recap_begins_with_no_preview_that_is_over() -> None:
    preview = source(1, "Ferry race of Hale on Sunday", "Orr will race for the cup of Hale on Sunday.", hours=60)
    begun = source(2, "Ferry race of Hale begins", "Holm led the race for the cup of Hale before 900 people.", hours=20)
    won = source(3, "Orr wins the cup of Hale", "Orr won the cup of Hale in 40 minutes ahead of Ida Moor.", hours=2)
    known = Reported("race", NOW - timedelta(hours=15), preview.title, articles=frozenset({1, 2}))
    told = summarize_story(story("race", preview, begun, won), words=60, kind=ItemKind.RECAP, reported=known, at=NOW)
    assert [s.text for s in told.sentences] == [begun.text, won.text]


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
