"""Things that news counts, such as dead, injured and homes: their words in ten languages, under one English name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from digests.language.detect import language_code

# First letters of words; `=` at the end means the whole word.
_WORDS = {
    "en": {
        "dead": "dead= killed= kills= kill= killing= died= die= dies= death= deaths= fatalit fatally= toll=",
        "injured": "injur wound hurt=",
        "missing": "missing= unaccounted=",
        "arrested": "arrest detain",
        "evacuated": "evacu",
        "displaced": "displac homeless",
        "rescued": "rescu",
        "hospital": "hospital",
        "homes": "homes= houses=",
        "jobs": "jobs= layoffs=",
        "protesters": "protesters= demonstrators= marchers=",
        "magnitude": "magnitude=",
        "flights": "flights=",
        "passengers": "passengers=",
        "votes": "votes=",
    },
    "de": {
        "dead": "tote= toten= toter= todesopfer getötet starben= gestorben= leben=",
        "injured": "verletz verwund",
        "missing": "vermisst",
        "arrested": "festgenommen verhaft festnahm",
        "evacuated": "evaku",
        "displaced": "obdachlos vertrieben",
        "rescued": "gerettet",
        "homes": "häuser= häusern= wohnungen=",
        "jobs": "stellen= arbeitsplätze=",
        "protesters": "demonstrant",
        "magnitude": "stärke= magnitude=",
        "flights": "flüge= flügen=",
        "passengers": "passagiere= fahrgäste=",
        "votes": "stimmen=",
    },
    "fr": {
        "dead": "mort= morts= morte= mortes= tué= tués= tuée= tuées= décès= décédé victimes=",
        "injured": "bless",
        "missing": "dispar",
        "arrested": "arrêt interpell",
        "evacuated": "évacu",
        "displaced": "déplacé sans-abri",
        "rescued": "secour sauvé",
        "homes": "maisons= logements=",
        "jobs": "emplois= postes=",
        "protesters": "manifestants=",
        "magnitude": "magnitude=",
        "flights": "vols=",
        "passengers": "passagers=",
        "votes": "voix=",
    },
    "es": {
        "dead": "muert murier falleci",
        "injured": "herid lesionad",
        "missing": "desaparecid",
        "arrested": "detenid arrestad",
        "evacuated": "evacuad evacuar",
        "displaced": "desplazad damnificad",
        "rescued": "rescatad",
        "homes": "casas= viviendas=",
        "jobs": "empleos= puestos=",
        "protesters": "manifestantes=",
        "magnitude": "magnitud=",
        "flights": "vuelos=",
        "passengers": "pasajeros=",
        "votes": "votos=",
    },
    "it": {
        "dead": "mort= morti= morte= uccis vittime= decess",
        "injured": "ferit",
        "missing": "dispers",
        "arrested": "arrestat fermat",
        "evacuated": "evacuat sfollat",
        "rescued": "salvat soccors",
        "homes": "case= abitazioni=",
        "magnitude": "magnitudo=",
    },
    "pt": {
        "dead": "mort mortos= mortes= morrer",
        "injured": "ferid",
        "missing": "desaparecid",
        "arrested": "detid presos= presas=",
        "evacuated": "evacuad retirad",
        "displaced": "desalojad desabrigad",
        "rescued": "resgatad",
        "homes": "casas=",
        "magnitude": "magnitude=",
    },
    "nl": {
        "dead": "doden= dode= gedood= omgekomen= overleden= dodental=",
        "injured": "gewond",
        "missing": "vermist",
        "arrested": "gearresteerd aangehouden",
        "evacuated": "geëvacueerd",
        "rescued": "gered=",
        "homes": "huizen= woningen=",
        "magnitude": "kracht=",
    },
    "ru": {
        "dead": "погиб жертв умер мертв мёртв убит",
        "injured": "ранен пострада травмир",
        "missing": "пропавш пропал",
        "arrested": "задерж арест",
        "evacuated": "эваку",
        "rescued": "спас",
        "homes": "домов= дома= домах=",
        "jobs": "рабочих=",
        "protesters": "протестующ демонстрант",
        "magnitude": "магнитуд",
        "flights": "рейс",
        "passengers": "пассажир",
        "votes": "голос",
    },
    "uk": {
        "dead": "загин жертв помер вбит мертв",
        "injured": "поранен постражда травмован",
        "missing": "зникл",
        "arrested": "затрим арешт",
        "evacuated": "евакуй евакуа",
        "rescued": "врятова",
        "homes": "будинк",
        "magnitude": "магнітуд",
        "flights": "рейс",
        "passengers": "пасажир",
        "votes": "голос",
    },
    "pl": {
        "dead": "zabit zginę zginęł ofiar zmarł",
        "injured": "rann",
        "missing": "zaginion",
        "arrested": "zatrzyman aresztow",
        "evacuated": "ewakuow",
        "rescued": "uratow",
        "homes": "domów= domy=",
        "magnitude": "magnitud",
    },
}
# Things whose count may go down without a correction; the dead do not become fewer.
MAY_SHRINK = frozenset({"missing", "evacuated", "displaced", "hospital", "homes", "jobs", "protesters", "flights"})
# Words between a number and the counted thing that add nothing: twelve people were killed.
_ANYBODY_WORDS = """people persons person menschen personen personnes personas persone pessoas mensen человек человека
    людей люди людини осіб особи osób osoby ludzi others victims opfer victimes vittime"""
_ANYBODY = frozenset(_ANYBODY_WORDS.split())
# A count of more, of some of them, or of time is not the count of the thing.
_OTHER_COUNT_WORDS = """more other additional further another years year months month weeks week days day hours hour
    minutes minute seconds weitere weiteren jahre jahren jahr monate monaten wochen tage tagen stunden minuten uhr
    prozentpunkte autres ans années mois semaines jours heures minutes otros otras más años meses semanas días horas
    minutos altri altre anni mesi settimane giorni ore outros outras anos dias horas andere jaar maanden weken dagen
    uur minuten других ещё еще лет года год месяцев недель дней дня часов минут інших ще років роки місяців тижнів
    днів годин хвилин lat lata miesięcy tygodni dni godzin minut year-old jähriger jährige jähriges jährigen летний
    летняя річний річна"""
_OTHER_COUNT = frozenset(_OTHER_COUNT_WORDS.split())
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@lru_cache(maxsize=32)
def _pattern(language: str) -> re.Pattern[str]:
    return re.compile(named_groups(_WORDS.get(language) or _WORDS["en"], whole="$"))


def named_groups(table: Mapping[str, str], *, whole: str, rest: str = "") -> str:
    """Return a pattern with one named group for each entry of a table of word beginnings.

    A beginning that ends in `=` must be the whole word; `_` means a blank. `whole` is the pattern that follows a whole
    word, `rest` the one that follows a beginning.
    """
    groups = []
    for name, words in table.items():
        parts = (
            re.escape(w.rstrip("=").replace("_", " ")) + (whole if w.endswith("=") else rest) for w in words.split()
        )
        groups.append(f"(?P<{name}>{'|'.join(parts)})")
    return "|".join(groups)


@lru_cache(maxsize=8192)
def thing(word: str, language: str | None) -> str:
    """Return the English name of the counted thing that a word names; empty for any other word."""
    match = _pattern(language_code(language)).match(word.lower())
    return (match.lastgroup or "") if match else ""


def is_anybody(word: str) -> bool:
    """Whether a word only means people, and not which people are counted."""
    return word.lower() in _ANYBODY


def is_other_count(word: str) -> bool:
    """Whether a word after a number makes it a duration, an age or a count of others or of more."""
    return word.lower() in _OTHER_COUNT


def words_with_places(text: str, start: int, end: int) -> list[re.Match[str]]:
    """Return the words of a part of a text with their places; words joined by hyphens are one."""
    return list(_TOKEN.finditer(text, max(0, start), end))
