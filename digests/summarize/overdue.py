"""What was still to come when it was written and is over now: `will meet on Thursday`, read on Friday.

A sentence names its day by weekday, `today` or `tomorrow`, which are counted from the day of its article.
To leave out a good report is worse than to keep a preview. So nothing is over where the day may be a later one, or that
of something else: `a blaze that broke out Thursday`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from digests.language import dates, sentences
from digests.language.detect import language_code
from digests.model import Source, Story

_CLAUSES = re.compile(r"[,;:.!?—–…。，；：、！？؟،]+\s*|\s-+\s")
_FIRST, _READ = 2, 1000  # sentences and characters of an article, or characters of its title, that are read
_BETWEEN = 10  # words between the sign of the future and the day; characters where the script has no spaces
_NEAR = 20  # characters before a day in which a word shows what happened on it, where the sign follows


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's weekdays from Monday, its words for today and tomorrow, and its signs that a thing is to come.

    `apart`: what between the sign and the day shows that the day is that of something else. `anywhere`: the day may
    also stand before the sign in its clause. `joined`: the script has no spaces.
    """

    weekdays: str
    today: str
    tomorrow: str
    future: str
    apart: str
    anywhere: bool = False
    joined: bool = False


# Arabic words with the letters of the future that are no verbs: car, politics, six, woman, floods, cinema.
_NO_VERB = r"ار|اس|اق|اد|اح|طر(?:[تو]|وا|ة)?\b|د(?:ة|ات|ي)?\b|ول\b|نا|نما|رة|را|ر\b|ف\b|ل\b|لف|ئ|ة|ون|ين|وك|بير"

_LANGUAGES = {
    "en": _Words(
        "monday tuesday wednesday thursday friday saturday sunday",
        r"today|tonight|this (?:morning|afternoon|evening)",
        "tomorrow",
        r"will|won['’]t|could|may|might|would|(?:is|are|was|were) (?:to|set|due|expected|scheduled|slated|poised)|"
        r"set to|expected|scheduled|slated|due|plans?|planning|going to|ahead of|until|begins?|starts?|kicks? off|"
        r"(?:is|are) (?:\w+ )?\w+ing|(?:go|goes|heads?|return|returns) to|"
        r"upcoming|prepares?|prepar(?:ing|ed)|hopes? to|faces?|what to (?:watch|know|expect)",
        r"after|since|who|whose|that|which|where|when|while|following|amid|because|but|despite|over|"
        r"(?<!be )(?<!ly )\w{3,}ed|fled|fell|hit|struck|broke|began|ran|won|lost|died",
    ),
    "de": _Words(
        "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
        "heute",
        r"(?<!am )(?<!heute )(?<!jeden )morgen",
        r"wird|werden|soll|sollen|will|wollen|könnten?|dürften?|steht|beginnt|startet|geplant|erwartet",
        r"seit|nachdem|nach (?:de[mr]|einem|einer)|wegen|und|aber|oder|dass|wurden?|war|waren|hatten?|hat|haben|"
        r"(?-i:(?!heute)[a-zäöüß]{3,}te[nrsm]?)",  # an adjective or a verb of the past, not a noun
        anywhere=True,
    ),
    "fr": _Words(
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        r"aujourd['’]hui|ce (?:matin|soir)|cet après-midi",
        "demain",
        r"va|vont|doit|doivent|devrai(?:en)?t|pourrai(?:en)?t|prévue?s?|attendue?s?|débute|commence|"
        r"\w{2,}(?:era|eront|ira|iront|dra|dront)|sera|seront|aura|auront",
        r"après|depuis|selon|suite|lors|qui|que|où|mais|a|ont|(?<=\w )(?<!être )\w{2,}(?:ée?s?|[ntrd]ue?s?)|"
        r"commise?s?|remise?s?|morte?s?",
    ),
    "es": _Words(
        "lunes martes miércoles jueves viernes sábado domingo",
        r"hoy|esta (?:mañana|tarde|noche)",
        r"(?<!la )(?<!esta )mañana",
        r"va a|van a|debe|deben|podría|podrían|previst[oa]s?|prevé|comienza|empieza|será|serán|"
        r"\w{2,}(?:ará|erá|irá|arán|erán|irán)",
        r"tras|desde|después|según|que|pero|(?<=\w )(?<!ser )(?!partid)\w{2,}[ai]d[oa]s?|"
        r"\w{2,}ó|\w{2,}[ai]?eron|\w{2,}aron|\w+puest[oa]s?",
    ),
    "it": _Words(
        "lunedì martedì mercoledì giovedì venerdì sabato domenica",
        r"oggi|stasera|questa sera",
        "domani",
        r"deve|devono|dovrà|dovrebbe|potrebbe|previst[oaie]|attes[oaie]|inizia|comincia|sarà|saranno|"
        r"\w{2,}(?:erà|irà|arà|eranno|iranno)",
        r"dopo|secondo|che|ma|è|ha|hanno|(?<=\w )(?<!essere )\w{2,}[aiu]t[oaie]|decis[oaie]|pres[oaie]",
    ),
    "ru": _Words(
        "понедельник вторник сред[ауы] четверг пятниц[ауы] суббот[ауы] воскресень[ея]",
        "сегодня",
        "завтра",
        r"буд[еу]т|может|могут|долж(?:ен|н\w+)|состоится|состоятся|пройд[её]т|пройдут|начн[её]тся|начнутся|ожида\w+|планиру\w+|"
        r"намерен\w*|встретится|проведёт|проведет|выступит|прибудет|посетит|рассмотрит",
        r"после|из-за|что|как|но|и|котор\w+|был[аои]?|\w{3,}л[аои]?(?:с[ья])?|"
        r"\w{2,}(?:нн|т|вш)(?:ый|ая|ое|ые|ого|ой|ых|ий|ие|его|их)",
        anywhere=True,
    ),
    "uk": _Words(
        "понеділок вівторок серед[ауи] четвер п['’]ятниц[яюі] субот[ауи] неділ[яюі]",
        "сьогодні",
        "завтра",
        r"буд[еу]ть?|може|можуть|ма(?:є|ють)(?= \w+ти)|повинн\w+|відбудеться|відбудуться|розпочнеться|почнеться|"
        r"очіку\w+|плану\w+|зустрінеться|проведе|прибуде|відвідає|розгляне",
        r"після|через|що|як|але|і|й|та|як[іа]|який|\w{3,}(?:[аиу]в|ла|ло|ли)(?:ся)?|"
        r"\w{2,}[аєе]н(?:ий|а|і|у|ого|ої|их)",
        anywhere=True,
    ),
    "zh": _Words(
        "(?:周|星期)一 (?:周|星期)二 (?:周|星期)三 (?:周|星期)四 (?:周|星期)五 (?:周|星期)六 (?:周|星期)[日天]",
        "今天|今日|今晚",
        "明天|明日",
        "(?:将|將)(?:于|在|会|會|与|與|同|举行|舉行|召开|召開|开始|開始|访问|訪問|前往|出席|发表|發表|抵达|抵達|"
        "迎战|对阵|审理|表决|投票|持续|持續|继续|繼續|增加|迎来|出现|启动|发射|举办|接受|有|被|是)|即将|预计|計劃|计划",
        "表示|宣布|说|說|称|稱|裁定|通过|透露|报道|報道|凌晨|后|後|的|其|它|他|她",
        anywhere=True,
        joined=True,
    ),
    "ja": _Words(
        "月曜 火曜 水曜 木曜 金曜 土曜 日曜",
        "今日|今夜|今晩",
        "明日",
        "(?:予定|見通し|見込み|する方針)(?:だ|です|である|だという)?$|始まる$",
        "[しいれっん][ただ]|発表|会見|逮捕|受け",
        anywhere=True,
        joined=True,
    ),
    "ar": _Words(
        "الاثنين|الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
        "الليلة",
        "غدا|غداً",
        rf"سوف|س[يت](?!{_NO_VERB})\w{{2,}}|يتوقع|المقرر|المتوقع",
        "الذي|التي|بعد|منذ|قال|قالت|أعلن|أعلنت|كان|كانت|خسر|توفي|قتل",
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
# "Sunday's second round may clarify"; not "Sunday's crash may".
_POSSESSIVE = re.compile(
    r"['’]s (?:\S+ ){0,4}?(?:round|runoff|votes?|elections?|polls?|primar(?:y|ies)|referendum|games?|match(?:es)?|"
    r"final|race|fight|debate|meeting|summit|talks|hearing|session|trial|launch|deadline|decision|concert|show)"
    r" (?:\S+ ){0,4}?(?:will|could|may|might)\b",
    re.IGNORECASE,
)
# Directly before a day: it is past, comes again, or only names something: `letzten Donnerstag`, `l'attaque de jeudi`.
_NOT_TO_COME = re.compile(
    r"(?:\b(?:last|since|from|every|each|seit|vom|letzten|vergangenen|jeden|dernier|chaque|de|depuis|del|desde(?: el)?|"
    r"cada|pasado|di|del|da|ogni|scorso|кажд\w+|прошл\w+|минувш\w+|кож\w+|минул\w+)\s+(?:(?:am|on|in|в|у)\s+)?|"
    r"\b(?:с|со|от|из-за|після|после|через|з|із|від)\s+(?:\w+\s+)?(?:(?:в|у)\s+)?|[每毎上先][周週]?)$",
    re.IGNORECASE,
)
_PAST_BEHIND = re.compile(r"\s(?:dernière?|pasad[oa]|scors[oa]|الماضي)\b", re.IGNORECASE)
# The day of the next week, or the nearest one: writers mean either.
_NEXT_BEFORE = re.compile(
    r"(?:\b(?:next|nächsten?|próxim[oa]|prossim[oa]|следующ\w+|наступн\w+)\s+|下|来週の?)$", re.IGNORECASE
)
_NEXT_BEHIND = re.compile(r"\s(?:prochaine?|próxim[oa]|que viene|prossim[oa]|week\b|المقبل|القادم)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The days of a language, each as a group, its signs of the future, and what parts the two."""

    days: re.Pattern[str]
    future: re.Pattern[str]
    apart: re.Pattern[str]


@lru_cache(maxsize=16)
def _patterns(code: str) -> _Patterns:
    words = _LANGUAGES[code]
    edge, end = ("", "") if words.joined else (r"(?<!\w)", r"(?!\w)")
    days = [f"(?P<d{n}>{day})" for n, day in enumerate(words.weekdays.split())]
    days += [f"(?P<today>{words.today})", f"(?P<tomorrow>{words.tomorrow})"]
    choices = ("|".join(days), words.future, words.apart)
    return _Patterns(*(re.compile(f"{edge}(?:{choice}){end}", re.IGNORECASE) for choice in choices))


def _days_to_come(text: str, language: str | None, written: date) -> Iterator[date]:
    """Yield the days on which something will happen, as the text tells it; `written` is the day of its article."""
    code = language_code(language)
    if code not in _LANGUAGES:
        return
    patterns, text, begin = _patterns(code), text[:_READ], 0
    for mark in (*_CLAUSES.finditer(text), None):
        clause = text[begin : mark.start() if mark else len(text)]
        signs = list(patterns.future.finditer(clause))
        for day in patterns.days.finditer(clause):
            if _is_to_come(clause, day, [sign for sign in signs if sign.end() <= day.start()], code):
                yield _date(text, begin, day, written)
        begin = mark.end() if mark else len(text)


def _is_to_come(clause: str, day: re.Match[str], before: Sequence[re.Match[str]], code: str) -> bool:
    """Whether a thing is to come on a day of a clause; `before` are the signs of the future before the day."""
    ahead, patterns = clause[: day.start()], _patterns(code)
    if _NOT_TO_COME.search(ahead) or _PAST_BEHIND.match(clause, day.end()):
        return False
    if code == "en" and _POSSESSIVE.match(clause, day.end()):
        return patterns.apart.search(ahead) is None
    if code == "de" and _HEARSAY.search(clause):
        return False
    if before:
        if day.lastgroup == "today" and _NOWADAYS.fullmatch(before[-1].group()):
            return False
        return _belong(ahead[before[-1].end() :], code)
    sign = patterns.future.search(clause, day.end()) if _LANGUAGES[code].anywhere else None
    if sign is None or patterns.apart.search(clause, max(0, day.start() - _NEAR), day.start()):
        return False
    return _belong(clause[day.end() : sign.start()], code)


def _belong(between: str, code: str) -> bool:
    """Whether a sign of the future and a day with these words between them tell of one thing."""
    long = len(between) if _LANGUAGES[code].joined else len(between.split())
    return long <= _BETWEEN and _SAID.search(between) is None and _patterns(code).apart.search(between) is None


def _date(text: str, begin: int, day: re.Match[str], written: date) -> date:
    """Return the date of a day that is found in the clause at `begin`; the last of all dates if it may be any later."""
    name = day.lastgroup or ""
    if name in ("today", "tomorrow"):
        return written + timedelta(days=name == "tomorrow")
    found = written + timedelta(days=(int(name[1:]) - written.weekday()) % 7)
    start, end = begin + day.start(), begin + day.end()
    following = _NEXT_BEFORE.search(text, begin, start) or _NEXT_BEHIND.match(text, end)
    number = dates.day_beside(text, start, end)
    return date.max if following or number not in (None, found.day) else found


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
