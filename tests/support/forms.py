"""Reports of many events in a few forms of words, as agencies publish them, with copies and updates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 5, 4, 6, tzinfo=UTC)
PLACES = (
    "Arvika",
    "Belmora",
    "Cardell",
    "Dunmoor",
    "Elsvik",
    "Farrowby",
    "Gdalin",
    "Hestholm",
    "Irvona",
    "Jarnstad",
    "Kelmar",
    "Lomvik",
    "Mardale",
    "Nessfjord",
    "Ostrava",
    "Pelham",
    "Quillota",
    "Rosthern",
    "Selmont",
    "Torvald",
    "Ulmen",
    "Varga",
    "Westerlo",
    "Yarrow",
    "Zelder",
)
PEOPLE = (
    "Alma Abel",
    "Bruno Brandao",
    "Celia Castell",
    "Dmitri Dorn",
    "Elena Ekberg",
    "Farid Fontana",
    "Greta Grieg",
    "Hugo Holub",
    "Ines Ibarra",
    "Jorge Jansen",
    "Kaito Kato",
    "Lena Lund",
    "Marek Moreau",
    "Nora Novak",
    "Oskar Olsen",
    "Petra Pires",
)
FIRMS = (
    "Altrix",
    "Bresco",
    "Corvane",
    "Dalmont",
    "Estrel",
    "Fintra",
    "Gavross",
    "Helvar",
    "Intorno",
    "Jadex",
    "Kuvera",
    "Lantric",
    "Mivela",
    "Norcast",
)
CITIES = ("北陵", "东川", "西安镇", "南屿", "白河", "青塔", "云水", "石桥", "金浦", "海门", "兰台", "松原")


@dataclass(frozen=True)
class Form:
    """A kind of report: who publishes it, its language, and how it is made; `grown` is what an update changes."""

    name: str
    language: str
    make: Callable[[Random, int], tuple[str, str]]


def _quake(r: Random, grown: int) -> tuple[str, str]:
    place, strength, depth = r.choice(PLACES), f"{r.randint(41, 69) / 10}", r.randint(4, 90)
    hour, dead = f"{r.randint(0, 23)}:{r.randint(10, 59)}", r.randint(20, 90) + grown * 4
    return (
        f"Magnitude {strength} earthquake near {place} leaves {dead} injured",
        (
            f"An earthquake of magnitude {strength} struck near {place} at {hour} local time, the "
            "seismological institute said. The focus "
            f"was {depth} kilometres deep. At least {dead} people were injured, according to the civil "
            "protection service. People ran "
            f"into the streets and several buildings showed cracks. Aftershocks may follow in the coming days."
        ),
    )


def _index(r: Random, grown: int) -> tuple[str, str]:
    firm, verb, percent = r.choice(FIRMS), r.choice(("gana", "pierde")), r.randint(11, 89) / 10
    points = r.randint(8000, 14000) + 30 * grown
    return (
        f"La acción de {firm} {verb} un {percent} % y queda en {points} puntos",
        (
            f"La acción de {firm} {verb} un {percent} % al cierre de la sesión y queda en {points} "
            "puntos, informó la bolsa. El volumen "
            "negociado fue similar al de la víspera. Los operadores citaron la evolución de los tipos "
            "de interés y el precio del crudo."
        ),
    )


def _match(r: Random, grown: int) -> tuple[str, str]:
    one, other = r.sample(PLACES, 2)
    goals, less, crowd = r.randint(3, 6), r.randint(0, 2), r.randint(60, 240) * 100 + 100 * grown
    return (
        f"{one} bat {other} {goals}-{less}",
        (
            f"{one} a battu {other} {goals}-{less} samedi lors de la douzième journée du championnat "
            f"devant {crowd} spectateurs. "
            f"{r.choice(PEOPLE)} a ouvert le score à la {r.randint(2, 44)}e minute. L'entraîneur a salué "
            "la discipline de son équipe. "
            f"Les deux clubs se retrouveront au printemps pour le match retour."
        ),
    )


def _flaw(r: Random, grown: int) -> tuple[str, str]:
    number, firm, version = (
        r.randint(1000, 9999),
        r.choice(FIRMS),
        f"{r.randint(1, 9)}.{r.randint(0, 9)}.{r.randint(0, 20)}",
    )
    kind = r.choice(("SQL injection", "path traversal", "buffer overflow", "cross-site scripting", "use after free"))
    return (
        f"CVE-2026-{number}: {firm} Server {version} {kind}",
        (
            f"A vulnerability was found in {firm} Server up to {version}. It has been rated as critical "
            "and carries a score of "
            f"{8.1 + grown / 10:.1f}. Affected is an unknown function of the component Login Handler. "
            f"The manipulation leads to {kind}. "
            "It is possible to launch the attack remotely. The exploit has been disclosed to the public "
            "and may be used. It is "
            f"recommended to upgrade the affected component. The vendor was contacted early about this disclosure."
        ),
    )


def _obituary(r: Random, grown: int) -> tuple[str, str]:
    who, what, age = r.choice(PEOPLE), r.choice(("cineasta", "pintora", "arquiteto", "cantora")), r.randint(61, 99)
    return (
        f"Morre {who}, {what}, aos {age} anos",
        (
            f"Morreu nesta terça-feira, aos {age} anos, {who}, {what}, informou a família em nota. O "
            "velório será reservado aos parentes "
            f"e mais de {r.randint(200, 800) + 20 * grown} pessoas deixaram mensagens. Colegas lembraram "
            "uma carreira longa e premiada."
        ),
    )


def _vacancy(r: Random, grown: int) -> tuple[str, str]:
    firm, place = r.choice(FIRMS), r.choice(PLACES)
    role = r.choice(("Data Engineer", "Payroll Clerk", "Site Manager", "Nurse", "Welder", "Tax Advisor"))
    pay = r.randint(32, 88) * 1000 + 500 * grown
    return (
        f"{role} at {firm} ({place})",
        (
            f"{firm} is looking for a {role} for its office in {place}. The salary is {pay} euros a "
            "year. We offer flexible hours, thirty "
            "days of leave, a pension scheme and a friendly team. We are an equal opportunity employer "
            "and value diversity. All "
            "qualified applicants will be considered without regard to origin, religion, age or "
            "disability. Apply with a short letter "
            f"and a current curriculum vitae. Closing date is the end of next month."
        ),
    )


def _rates(r: Random, grown: int) -> tuple[str, str]:
    city, points, rate = r.choice(CITIES), r.choice((25, 50, 75)), r.randint(11, 79) / 10
    word = r.choice(("上调", "下调"))
    return (
        f"{city}央行将基准利率{word}{points}个基点",
        (
            f"{city}中央银行周三宣布将基准利率{word}{points}个基点至{rate}%。行长表示,这一决定获得委员会一致通过。通货膨胀率预计今年为"
            f"{r.randint(20, 60) / 10}%,"
            f"今年以来已有{r.randint(200, 900) + 10 * grown}家企业申请贷款。"
            "市场对此反应平静。下一次会议将在六周后举行。"
        ),
    )


def _storm(r: Random, grown: int) -> tuple[str, str]:
    place, gust, hour = r.choice(PLACES), r.randint(70, 150), r.randint(1, 23)
    homes = r.randint(300, 900) + 30 * grown
    return (
        f"Unwetterwarnung für {place}: Böen bis {gust} km/h",
        (
            f"Der Wetterdienst hat für {place} eine Warnung vor schweren Sturmböen herausgegeben. "
            f"Erwartet werden Böen bis {gust} km/h ab "
            f"{hour} Uhr. Nach Angaben des Versorgers waren {homes} Haushalte ohne Strom. Lose "
            "Gegenstände sollten gesichert werden. "
            f"Die Feuerwehr bittet, unnötige Fahrten zu vermeiden."
        ),
    )


def _fire(r: Random, grown: int) -> tuple[str, str]:
    place, hectares = r.choice(PLACES), r.randint(40, 900)
    crews = r.randint(40, 99) + 5 * grown
    where = r.choice(("на складе", "в школе", "на лесопилке", "в гостинице"))
    return (
        f"Пожар {where} в городе {place}: эвакуированы {crews} человек",
        (
            f"Пожар произошёл {where} в городе {place}, сообщили в министерстве. Площадь возгорания "
            f"составила {hectares} квадратных "
            f"метров. Эвакуированы {crews} человек, пострадавших нет. На месте работают пожарные "
            "расчёты. Причина пожара выясняется."
        ),
    )


FORMS = (
    Form("quakes", "en", _quake),
    Form("bolsa", "es", _index),
    Form("matchs", "fr", _match),
    Form("flaws", "en", _flaw),
    Form("obituarios", "pt", _obituary),
    Form("jobs", "en", _vacancy),
    Form("banks", "zh", _rates),
    Form("sturm", "de", _storm),
    Form("pozhary", "ru", _fire),
)
PAPERS = ("Harbour Herald", "Inland Post", "The Evening Lamp", "Valley News")
_CLOSING = {"zh": "更多新闻请关注本报。", "ru": "Подпишитесь на наш канал.", "de": "Mehr dazu im Lokalteil."}


def reports(seed: int = 1, each: int = 45, forms: tuple[Form, ...] = FORMS) -> Iterator[dict[str, str]]:
    """Yield rows of a stream in order: id, time, lang, source, title, text, and the gold `group`, `cluster`, `kind`."""
    r = Random(seed)
    rows: list[tuple[datetime, dict[str, str]]] = []
    seen: set[str] = set()
    for n in range(each * len(forms)):
        form, moment = forms[n % len(forms)], START + timedelta(minutes=5 * n)
        state = r.getrandbits(32)
        title, text = form.make(Random(state), 0)
        if title in seen:
            continue
        seen.add(title)
        row = {"lang": form.language, "source": form.name, "title": title, "text": text, "cluster": str(n)}
        rows.append((moment, {**row, "group": str(n), "kind": "original"}))
        if r.random() < 0.25:
            for paper in r.sample(PAPERS, r.choice((1, 1, 2))):
                text_there = _printed(r, text, form.language)
                late = moment + timedelta(minutes=r.randint(3, 70))
                rows.append((late, {**row, "source": paper, "text": text_there, "group": str(n), "kind": "copy"}))
        if r.random() < 0.15:
            title, text = form.make(Random(state), 1)
            late = moment + timedelta(hours=r.randint(1, 4))
            rows.append((late, {**row, "title": title, "text": text, "group": f"{n}u", "kind": "update"}))
    rows.sort(key=lambda pair: pair[0])
    yield from ({"id": f"f{k}", "time": at.isoformat(), **row} for k, (at, row) in enumerate(rows))


def _printed(r: Random, text: str, language: str) -> str:
    """Return a text as another outlet prints it."""
    mark = "。" if language == "zh" else ". "
    sentences = text.split(mark)
    if r.random() < 0.4:
        text = mark.join(sentences[: max(2, len(sentences) // 2)]) + mark.strip()
    if r.random() < 0.5:
        text = f"{r.choice(PLACES).upper()} (Nordpress) - {text}"
    if r.random() < 0.5:
        text += " " + _CLOSING.get(language, "Read more in our evening edition.")
    return text
