"""What was still to come when it was written and is over now: `will meet on Thursday`, read on Friday.

A sentence names its day by weekday, `today` or `tomorrow`, which are counted from the day of its article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from digests.language import sentences
from digests.language.detect import language_code
from digests.model import Source, Story

_CLAUSES = re.compile(r"[,;:.!?—–…。，；：、！？؟،]+\s*|\s-+\s")
_FIRST, _READ = 2, 1000  # sentences and characters of an article that say whether it tells what is to come
_BETWEEN = 10  # words between the sign of the future and the day


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's weekdays from Monday, its words for today and tomorrow, and its signs that a thing is to come.

    `anywhere`: the day may also stand before the sign in its clause. `joined`: the script has no spaces.
    """

    weekdays: str
    today: str
    tomorrow: str
    future: str
    anywhere: bool = False
    joined: bool = False


_LANGUAGES = {
    "en": _Words(
        "monday tuesday wednesday thursday friday saturday sunday",
        r"today|tonight|this (?:morning|afternoon|evening)",
        "tomorrow",
        r"will|won['’]t|could|may|might|would|(?:is|are|was|were) (?:to|set|due|expected|scheduled|slated|poised)|"
        r"set to|expected|scheduled|slated|due|plans?|planning|going to|ahead of|until|begins?|starts?|kicks? off|"
        r"(?:is|are) (?:\w+ )?\w+ing|(?:go|goes|heads?|return|returns) to|"
        r"upcoming|prepares?|prepar(?:ing|ed)|hopes? to|faces?|what to (?:watch|know|expect)",
    ),
    "de": _Words(
        "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
        "heute",
        r"(?<!am )(?<!heute )(?<!jeden )morgen",
        r"wird|werden|soll|sollen|will|wollen|könnten?|dürften?|steht|beginnt|startet|geplant|erwartet",
        anywhere=True,
    ),
    "fr": _Words(
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        r"aujourd['’]hui|ce (?:matin|soir)|cet après-midi",
        "demain",
        r"va|vont|doit|doivent|devrai(?:en)?t|pourrai(?:en)?t|prévue?s?|attendue?s?|débute|commence|"
        r"\w{2,}(?:era|eront|ira|iront|dra|dront)|sera|seront|aura|auront",
    ),
    "es": _Words(
        "lunes martes miércoles jueves viernes sábado domingo",
        r"hoy|esta (?:mañana|tarde|noche)",
        r"(?<!la )(?<!esta )mañana",
        r"va a|van a|debe|deben|podría|podrían|previst[oa]s?|prevé|comienza|empieza|será|serán|"
        r"\w{2,}(?:ará|erá|irá|arán|erán|irán)",
    ),
    "it": _Words(
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        r"oggi|stasera|questa sera",
        "domani",
        r"deve|devono|dovrà|dovrebbe|potrebbe|previst[oaie]|attes[oaie]|inizia|comincia|sarà|saranno|"
        r"\w{2,}(?:erà|irà|arà|eranno|iranno)",
    ),
    "ru": _Words(
        "понедельник вторник сред[ауы] четверг пятниц[ауы] суббот[ауы] воскресень[ея]",
        "сегодня",
        "завтра",
        r"буд[еу]т|может|могут|должн\w+|состоится|состоятся|пройд[её]т|пройдут|начн[её]тся|начнутся|ожида\w+|планиру\w+|"
        r"намерен\w*|встретится|проведёт|проведет|выступит|прибудет|посетит|рассмотрит",
        anywhere=True,
    ),
    "uk": _Words(
        "понеділок вівторок серед[ауи] четвер п['’]ятниц[яюі] субот[ауи] неділ[яюі]",
        "сьогодні",
        "завтра",
        r"буд[еу]ть?|може|можуть|має|мають|повинн\w+|відбудеться|відбудуться|розпочнеться|почнеться|очіку\w+|плану\w+|"
        r"зустрінеться|проведе|прибуде|відвідає|розгляне",
        anywhere=True,
    ),
    "zh": _Words(
        "(?:周|星期)一 (?:周|星期)二 (?:周|星期)三 (?:周|星期)四 (?:周|星期)五 (?:周|星期)六 (?:周|星期)[日天]",
        "今天|今日|今晚",
        "明天|明日",
        "(?:将|將)(?![其他她它此该所])|即将|预计|計劃|计划",
        anywhere=True,
        joined=True,
    ),
    "ja": _Words(
        "月曜 火曜 水曜 木曜 金曜 土曜 日曜",
        "今日|今夜|今晩",
        "明日",
        "予定|見通し|見込み|する方針|始まる",
        anywhere=True,
        joined=True,
    ),
    "ar": _Words(
        "الاثنين|الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
        "الليلة",
        "غدا|غداً",
        "سوف|س[يت]\\w+|يتوقع|المقرر|المتوقع",
        anywhere=True,
    ),
}
# A day behind these is when it was said or done, not when it will be.
_SAID = re.compile(
    r"\b(?:said|says|told|announced|reported|was|were|arrested|killed|died|sagte|teilte|dit|déclaré|annoncé|dijo|anunció|"
    r"detto|annunciato)\b",
    re.IGNORECASE,
)
# "Soll am Samstag Anzeige erstattet haben": it is said to have happened.
_HEARSAY = re.compile(r"\w(?:t|en)\s(?:haben|sein|worden\ssein)\W*$", re.IGNORECASE)
_NOWADAYS = re.compile("may|might", re.IGNORECASE)  # "may sound familiar to many today"
_POSSESSIVE = r"['’]s (?:\S+ ){1,8}?(?:will|could|may|might)\b"  # "Sunday's second round may clarify"


@lru_cache(maxsize=16)
def _patterns(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of the days of a language, as the group of each, and of its signs of the future."""
    words = _LANGUAGES[code]
    edge, end = ("", "") if words.joined else (r"(?<!\w)", r"(?!\w)")
    days = [f"(?P<d{n}>{day})" for n, day in enumerate(words.weekdays.split())]
    days += [f"(?P<today>{words.today})", f"(?P<tomorrow>{words.tomorrow})"]
    named = re.compile(f"{edge}(?:{'|'.join(days)}){end}", re.IGNORECASE)
    return named, re.compile(f"{edge}(?:{words.future}){end}", re.IGNORECASE)


def _days_to_come(text: str, language: str | None, written: date) -> Iterator[date]:
    """Yield the days on which something will happen, as the text tells it; `written` is the day of its article."""
    code = language_code(language)
    if code not in _LANGUAGES:
        return
    named, future = _patterns(code)
    for clause in _CLAUSES.split(text):
        for day in named.finditer(clause):
            if _is_to_come(clause, day, future, code):
                yield _date(day.lastgroup or "", written)


def _is_to_come(clause: str, day: re.Match[str], future: re.Pattern[str], code: str) -> bool:
    if code == "en" and re.match(_POSSESSIVE, clause[day.end() :], re.IGNORECASE):
        return True
    if code == "de" and _HEARSAY.search(clause):
        return False
    before = list(future.finditer(clause, 0, day.start()))
    if before:
        if day.lastgroup == "today" and _NOWADAYS.fullmatch(before[-1].group()):
            return False
        between = clause[before[-1].end() : day.start()]
        return len(between.split()) <= _BETWEEN and _SAID.search(between) is None
    return _LANGUAGES[code].anywhere and future.search(clause, day.end()) is not None


def _date(name: str, written: date) -> date:
    if name in ("today", "tomorrow"):
        return written + timedelta(days=name == "tomorrow")
    return written + timedelta(days=(int(name[1:]) - written.weekday()) % 7)


def is_overdue(text: str, language: str | None, written: datetime, at: datetime) -> bool:
    """Whether a text tells as still to come what its own day shows to be over at the time `at`.

    `written` is when its article appeared. The days are those of the zone of `at`.
    """
    days = list(_days_to_come(text, language, written.astimezone(at.tzinfo).date()))
    return bool(days) and max(days) < at.date()


def still_current(story: Story, at: datetime, language: str) -> set[int]:
    """Return the positions of the standing articles whose title and first sentences are not overdue; all if none is.

    `language` is that of an article that does not say its own.
    """
    standing = ((i, source) for i, source in enumerate(story.sources) if not source.withdrawn)
    current = {i for i, source in standing if not _is_of_the_past(story, source, at, language)}
    return current or set(range(len(story.sources)))


def is_over(story: Story, at: datetime) -> bool:
    """Whether all standing articles of a story tell as still to come what is over at the time `at`."""
    standing = [source for source in story.sources if not source.withdrawn]
    return bool(standing) and all(_is_of_the_past(story, source, at, "en") for source in standing)


def _is_of_the_past(story: Story, source: Source, at: datetime, otherwise: str) -> bool:
    code = language_code(source.language or story.language or otherwise)
    read = (source.title, *sentences.split(source.text[:_READ], code)[:_FIRST])
    return any(is_overdue(text, code, source.moment, at) for text in read)
