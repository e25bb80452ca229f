"""Streams of reports in set forms of words, in nine languages; most feeds have three to six items only."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.streams import Feed, Report, at


def form(
    key: str,
    language: str,
    title: str,
    text: str,
    rows: Sequence[Sequence[object]],
    *,
    hours: float = 5.0,
    first: float = 1.0,
    name: str = "",
) -> Feed:
    """Return a feed whose items fill a form: a title and a text with places for the values of a row."""
    feed = Feed(key, name or f"{key.title()} Desk", language=language)
    for n, row in enumerate(rows):
        feed.reports.append(Report(f"{key}{n}", at(0, first + hours * n), title.format(*row), text.format(*row)))
    return feed


def small() -> list[Feed]:
    return [
        form(
            "stau",
            "de",
            "{0} Richtung {1}: {2} km Stau",
            (
                "Auf der {0} Richtung {1} staut sich der Verkehr zwischen {3} und {4} auf {2} "
                "Kilometern. Grund ist ein Unfall mit zwei Fahrzeugen. Autofahrer sollten mit "
                "Verzögerungen rechnen und die Strecke möglichst weiträumig umfahren."
            ),
            [
                ("A7", "Kassel", 5, "Bovenden", "Nörten"),
                ("A3", "Passau", 7, "Hengersberg", "Iggensbach"),
                ("A1", "Bremen", 5, "Sittensen", "Elsdorf"),
                ("A7", "Kassel", 8, "Lutterberg", "Staufenberg"),
            ],
        ),
        form(
            "cour",
            "fr",
            "Cour d'appel de {0} : {1} condamné à {2} mois de prison",
            (
                "La cour d'appel de {0} a condamné {1} à {2} mois de prison avec sursis pour {3}. "
                "L'avocat du prévenu a annoncé un pourvoi en cassation. Le parquet avait requis une "
                "peine plus lourde. La décision a été rendue en audience publique."
            ),
            [
                ("Rouen", "Paul Hervieu", 18, "fraude fiscale"),
                ("Douai", "Marc Lestienne", 12, "abus de confiance"),
                ("Rouen", "Alain Bréval", 24, "corruption passive"),
            ],
        ),
        form(
            "vuelos",
            "es",
            "Vuelo {0} {1}-{2} retrasado {3} minutos",
            (
                "El vuelo {0} de {1} a {2} sale con un retraso de {3} minutos, según el panel del "
                "aeropuerto. La compañía atribuye la demora a la rotación del avión. Los pasajeros "
                "pueden consultar la nueva puerta de embarque en las pantallas."
            ),
            [
                ("VX 1204", "Sevilla", "Bilbao", 45),
                ("VX 1310", "Málaga", "Oviedo", 50),
                ("VX 1204", "Sevilla", "Bilbao", 95),
                ("QN 88", "Sevilla", "Vigo", 45),
            ],
            hours=11,
        ),
        form(
            "pogoda",
            "ru",
            "Штормовое предупреждение: {0}, ветер до {1} м/с",
            (
                "Штормовое предупреждение объявлено в регионе {0}. По данным синоптиков, {2} "
                "ожидается ветер с порывами до {1} метров в секунду. Жителей просят не парковать "
                "машины под деревьями и по возможности не выходить из дома."
            ),
            [
                ("Приморье", 27, "в среду"),
                ("Карелия", 22, "в среду"),
                ("Камчатка", 31, "в четверг"),
                ("Приморье", 24, "в пятницу"),
            ],
        ),
        form(
            "jishin",
            "ja",
            "{0}で震度{1}の地震",
            (
                "{2}ごろ、{0}で震度{1}の地震がありました。震源地は{3}で、震源の深さは"
                "約{4}キロ、地震の規模を示すマグニチュードは{5}と推定されます。この地震によ"
                "る津波の心配はありません。"
            ),
            [
                ("能登地方", 4, "午前3時12分", "石川県能登地方", 10, "4.8"),
                ("釧路市", 3, "午前9時40分", "十勝沖", 60, "5.1"),
                ("能登地方", 3, "午後1時05分", "石川県能登地方", 10, "4.2"),
                ("日向市", 4, "午後6時30分", "日向灘", 30, "5.5"),
            ],
        ),
        form(
            "kura",
            "ar",
            "{0} يفوز على {1} {2}",
            (
                "فاز فريق {0} على ضيفه {1} بنتيجة {2} مساء اليوم ضمن منافسات الجولة العاشرة من "
                "الدوري. وسجل {3} هدف الفوز في الدقيقة {4}. ورفع الفائز رصيده في جدول الترتيب، وحضر "
                "المباراة جمهور كبير."
            ),
            [
                ("النجم", "الوادي", "2-1", "سامي حداد", 71),
                ("الأمل", "الساحل", "3-1", "كريم منصور", 55),
                ("النجم", "الجبل", "1-0", "سامي حداد", 88),
            ],
        ),
        form(
            "recall",
            "en",
            "Recall: {0} {1}",
            (
                "{0} is recalling its {1} because of {2}. The product was sold between March and May "
                "in shops and online. Customers should stop using it and return it for a full "
                "refund. No receipt is needed. No injuries have been reported to the agency."
            ),
            [
                ("Norfield", "Almond Bars 45 g", "undeclared milk"),
                ("Kettleby", "travel kettle TK-2", "a risk of electric shock"),
                ("Norfield", "Hazelnut Bars 45 g", "undeclared milk"),
                ("Brightwheel", "child bike seat S4", "a strap that may loosen"),
            ],
        ),
        form(
            "earn",
            "en",
            "{0} Q1 earnings: EPS {1} vs {2} expected",
            (
                "{0} reported first-quarter earnings per share of ${1}, compared with the ${2} that "
                "analysts expected. Revenue was {3} million dollars. The company kept its forecast "
                "for the full year. Shares were little changed after hours."
            ),
            [
                ("Quanta Foods", "0.84", "0.80", 412),
                ("Orbis Rail", "1.10", "1.15", 980),
                ("Delmar Paper", "0.84", "0.80", 655),
            ],
        ),
        form(
            "obit",
            "en",
            "{0}, {1}, dies at {2}",
            (
                "{0}, {1}, has died at the age of {2}, the family said on Tuesday. {3} The funeral "
                "will be private. The family asks for donations to a local charity instead of "
                "flowers."
            ),
            [
                ("Iris Calloway", "botanist", 91, "Calloway described forty species of moss."),
                ("Tom Ashdown", "cellist", 78, "Ashdown led the Marlow Quartet for thirty years."),
                ("Vera Lindqvist", "botanist", 84, "Lindqvist mapped the meadows of the north."),
            ],
        ),
        form(
            "ticker",
            "de",
            "{0}: Kurs {1} Euro ({2} %)",
            (
                "Die Aktie von {0} notiert aktuell bei {1} Euro, eine Veränderung von {2} Prozent "
                "gegenüber dem Vortag. Das Handelsvolumen lag im Rahmen des Üblichen. Dies ist keine "
                "Anlageempfehlung."
            ),
            [
                ("Falkenwerk", "41,20", "+1,3"),
                ("Nordholz", "17,85", "-0,6"),
                ("Falkenwerk", "40,10", "-2,7"),
                ("Seewerft", "8,02", "+1,3"),
            ],
        ),
        form(
            "jobs",
            "es",
            "{0} en {1}",
            (
                "Buscamos {0} para nuestra oficina de {1}. Ofrecemos contrato indefinido, horario "
                "flexible y formación continua. Se valorará experiencia en el sector y nivel alto de "
                "inglés. Envía tu currículum antes de fin de mes. Igualdad de oportunidades."
            ),
            [("Enfermera", "Cádiz"), ("Soldador", "Cádiz"), ("Enfermera", "Lugo")],
        ),
        form(
            "polls",
            "fr",
            "Sondage {0} : {1} à {2} %",
            (
                "Selon un sondage {0} publié mardi, {1} recueille {2} % des intentions de vote au "
                "premier tour, devant ses rivaux. L'enquête a été menée en ligne auprès de mille "
                "personnes. La marge d'erreur est de trois points."
            ),
            [
                ("Optis", "Jeanne Maurel", 31),
                ("Ifora", "Jeanne Maurel", 28),
                ("Optis", "Luc Garnier", 24),
                ("Optis", "Jeanne Maurel", 33),
            ],
            hours=13,
        ),
        form(
            "kongqi",
            "zh",
            "{0}发布{1}预警",
            "{0}气象台发布{1}预警：预计未来{2}小时内，{0}大部分地区将出现{1}天气，请市民注意防范，尽量减少外出，并关注最新预警信息。",
            [("云港", "大雾", 6), ("石桥", "暴雨", 12), ("云港", "高温", 24)],
        ),
        form(
            "review",
            "en",
            "{0} review",
            (
                "{0} gets {1} out of five stars. {2} We tested it for two weeks at home. Read how we "
                "test and why you can trust our verdicts. Prices were correct at the time of writing."
            ),
            [
                ("Aeron Kettle", 4, "It boils fast and stays quiet."),
                ("Lumo Lamp", 3, "The light is warm but the base wobbles."),
                ("Tarn Tent", 4, "It stood up to a night of rain."),
            ],
        ),
        form(
            "bul",
            "pt",
            "Boletim de praias: {0}",
            (
                "A praia de {0} está {1} para banho esta semana, segundo a análise do instituto "
                "ambiental. As amostras foram colhidas na segunda-feira. Recomenda-se evitar o mar "
                "nas 24 horas depois de chuva forte."
            ),
            [("Areia Branca", "própria"), ("Boa Vista", "imprópria"), ("Ponta Negra", "própria")],
        ),
    ]
