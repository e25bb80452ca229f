"""Small streams, each of one kind of habit or development, in many languages, and what is due of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.streams import Feed, Report, at


@dataclass
class Stream:
    """Feeds, the events that go on, and those that a publisher corrects."""

    feeds: list[Feed]
    days: int = 3
    developing: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    pages: dict[str, str] = field(default_factory=dict)


def feed(key: str, *reports: Report, language: str = "en", full_text: str = "never", title: str = "") -> Feed:
    return Feed(key, title or f"{key.title()} Daily", list(reports), full_text, language=language)


def after(day: float, first: str, then: str) -> Callable[[datetime], str]:
    """Return a text that is another one from a day on."""
    return lambda now: first if now < at(day) else then


TOLLS = {
    "en": (
        "Ferry sinks off Ostrand: at least {0} dead",
        (
            "At least {0} people died when a ferry sank off Ostrand in heavy seas, the "
            "coastguard said. Boats from three villages are searching for survivors. The ferry "
            "had left port at dawn."
        ),
        (14, 19, 27),
    ),
    "de": (
        "Grubenunglück in Harsdorf: mindestens {0} Tote",
        (
            "Bei dem Grubenunglück in Harsdorf sind mindestens {0} Menschen ums Leben gekommen, "
            "teilte die Bergbehörde mit. Die Suche nach Vermissten dauert an. Ursache war "
            "vermutlich eine Gasexplosion."
        ),
        (9, 12, 31),
    ),
    "es": (
        "Al menos {0} muertos en el incendio de Villarca",
        (
            "Al menos {0} personas murieron en el incendio de un mercado en Villarca, informaron "
            "los bomberos. Los equipos siguen buscando entre los escombros. Las autoridades "
            "decretaron tres días de luto."
        ),
        (6, 11, 23),
    ),
    "ru": (
        "Обрушение шахты в Каменске: не менее {0} погибших",
        (
            "Не менее {0} человек погибли при обрушении шахты в Каменске, сообщили в МЧС. "
            "Спасатели продолжают разбирать завалы. Причины обрушения выясняются."
        ),
        (7, 13, 22),
    ),
    "fr": (
        "Séisme de Tarbanne : au moins {0} morts",
        (
            "Au moins {0} personnes sont mortes dans le séisme qui a frappé Tarbanne, selon la "
            "protection civile. Les secours fouillent les décombres. Des milliers d'habitants "
            "ont passé la nuit dehors."
        ),
        (40, 77, 120),
    ),
    "ja": (
        "南浜の土砂崩れ、死者{0}人に",
        "南浜市で起きた土砂崩れで、死者は{0}人になったと警察が発表した。現場では自衛隊と消防が捜索を続けている。市は住民に避難を呼びかけている。",
        (5, 8, 14),
    ),
}


def tolls() -> Stream:
    """A toll in one wording, by one outlet, under a new guid each time; and by a live entry that keeps its guid."""
    feeds = []
    for language, (title, text, counts) in TOLLS.items():
        reports = [
            Report(f"toll-{language}", at(n, 9), title.format(c), text.format(c), part=str(n))
            for n, c in enumerate(counts)
        ]
        feeds.append(feed(f"toll{language}", *reports, language=language))
    live_title, live_text, counts = (
        "Bus crash near Ardmoor: {0} injured",
        (
            "{0} people were injured when a coach left the road near Ardmoor, police said. The "
            "road is closed in both directions. A crisis line has been opened."
        ),
        (21, 34, 38),
    )

    def of(text: str) -> Callable[[datetime], str]:
        return lambda now: text.format(counts[min(2, max(0, (now - at(0, 9)).days))])

    feeds.append(feed("ardmoor", Report("toll-live", at(0, 9), of(live_title), of(live_text))))
    return Stream(feeds, developing={f"toll-{language}" for language in TOLLS} | {"toll-live"})


EDITED = {
    "de": (
        "Seilbahn am Kahlberg bleibt bis Herbst geschlossen",
        [
            (
                "Die Seilbahn am Kahlberg bleibt nach dem Brand der Talstation bis zum Herbst "
                "geschlossen, sagte Betreiber Jonas Reuter."
            ),
            "Der Schaden beläuft sich nach ersten Schätzungen auf 3,4 Millionen Euro.",
            "Zwei Gondeln wurden vollständig zerstört.",
            "Die Gemeinde richtet einen Busverkehr ein, der stündlich fährt.",
            "Hoteliers fürchten um die Sommersaison.",
            "Die Brandursache ist noch ungeklärt.",
        ],
        "SANKT GALL (dpa) - ",
        "Mehr zum Thema lesen Sie in unserer Abendausgabe.",
    ),
    "es": (
        "El museo de Granollar devuelve doce vasijas a Perú",
        [
            (
                "El museo de Granollar entregó el martes doce vasijas de la cultura moche al "
                "embajador de Perú en una ceremonia."
            ),
            "Las piezas habían llegado en 1924 con un coleccionista privado.",
            "La directora Inés Robledo calificó la devolución de deber moral.",
            "Un comité de expertos examinará ahora otras cuarenta piezas.",
            "El Gobierno peruano las expondrá en Trujillo a partir de enero.",
            "El museo conservará réplicas en tres dimensiones.",
        ],
        "GRANOLLAR (EFE) - ",
        "Suscríbete a nuestro boletín diario.",
    ),
    "ru": (
        "В Суздальске открыли мост через Каменку",
        [
            (
                "В Суздальске после трёх лет строительства открыли мост через реку Каменку, сообщила "
                "администрация города."
            ),
            "Первыми по нему проехали машины скорой помощи.",
            "Строительство обошлось в 2,1 миллиарда рублей.",
            "Подрядчик «Волгамост» обещает гарантию на двадцать лет.",
            "Старую переправу разберут к весне.",
            "Жители окрестных сёл теперь доезжают до больницы вдвое быстрее.",
        ],
        "СУЗДАЛЬСК, 1 июня. (ТАСС) - ",
        "Подпишитесь на наш канал.",
    ),
    "fr": (
        "La Poste de Kervan teste la livraison par vélo cargo",
        [
            (
                "La Poste de Kervan teste depuis lundi la livraison des colis par vélo cargo dans "
                "tout le centre-ville, a annoncé sa directrice Maud Le Goff."
            ),
            "Douze facteurs ont été formés à la conduite de ces engins.",
            "Les camionnettes ne circuleront plus avant midi.",
            "Les commerçants saluent une rue plus calme.",
            "Un bilan est prévu au mois de novembre.",
            "Le coût de l'essai est estimé à 90 000 euros.",
        ],
        "KERVAN (AFP) - ",
        "Lire aussi : tous nos articles sur le vélo.",
    ),
    "ja": (
        "北原市、路面電車を半世紀ぶりに再開",
        [
            "北原市は月曜日、廃止から五十年を経て路面電車の運行を再開した。",
            "新しい路線は駅と大学病院を結ぶ全長八キロの区間である。",
            "車両は低床式で、市内の工場が製造した。",
            "市長の木村真理氏は式典で、車に頼らない街を目指すと述べた。",
            "運賃は一回二百円となる。",
            "来年には港まで延伸する計画だ。",
        ],
        "【北原＝共同】",
        "続きは紙面で。",
    ),
}


def edited() -> Stream:
    """A wire text in five outlets: whole, with a dateline, cut, retitled, and with a last line of their own."""
    feeds = []
    for language, (title, sentences, dateline, closing) in EDITED.items():
        glue = "" if language == "ja" else " "
        texts = (
            (title, glue.join(sentences)),
            (title, dateline + glue.join(sentences)),
            (title, glue.join(sentences[:4])),
            (title, glue.join([*sentences, closing])),
            (f"{title} – {sentences[2][:30]}", glue.join(sentences[:5])),
        )
        for n, (head, text) in enumerate(texts):
            feeds.append(
                feed(
                    f"w{language}{n}",
                    Report(f"wire-{language}", at(0, 3 + n), head, text, part=str(n)),
                    language=language,
                )
            )
    return Stream(feeds, days=2)


def identities() -> Stream:
    """Feeds with odd guids and links: none, one for all, new ones for everything in the middle of the week."""
    plain = (
        "The {} opened on Monday after two years of building work, the council of Harwick "
        "said. It is free for all visitors."
    )
    things = ("swimming hall", "cycle bridge", "seed library", "skate park", "town archive", "herb garden")
    page = "https://status.example/"
    no_guid = [
        Report(f"ng{n}", at(n / 2, 5), f"{t.title()} opens in Harwick", plain.format(t), guid="", link=page)
        for n, t in enumerate(things)
    ]
    one_guid = [
        Report(
            f"og{n}",
            at(n / 2, 6),
            f"{t} wins {k} prize",
            f"{t} won the {k} prize of the {r} academy for {w}.",
            guid="https://prize.example/",
            link="https://prize.example/",
        )
        for n, (t, k, r, w) in enumerate(
            (
                ("Mira Falk", "poetry", "northern", "a cycle about glaciers"),
                ("Otto Ness", "cello", "western", "his recording of forgotten suites"),
                ("Studio Vale", "timber", "alpine", "a kindergarten without nails"),
                ("Ines Moor", "puppetry", "royal", "a play without words"),
            )
        )
    ]
    moved = [
        Report(
            f"mv{n}",
            at(n / 3, 4),
            title,
            text,
            guid=after(1.5, f"old-{n}-x", f"urn:new:{9000 + n}"),
            link=after(1.5, f"https://old.example/?p={n}", f"https://neu.example/artikel/{n}-seite"),
        )
        for n, (title, text) in enumerate(
            (
                (
                    "Bäcker in Elmau backt Brot aus Eicheln",
                    ("Ein Bäcker in Elmau backt seit dieser Woche Brot aus Eichelmehl, das er selbst mahlt."),
                ),
                (
                    "Uhrmacherin restauriert die Turmuhr von Brück",
                    ("Die Uhrmacherin Lea Sandner hat das Uhrwerk im Kirchturm von Brück in elf Monaten restauriert."),
                ),
                (
                    "Schüler aus Lauta bauen ein Teleskop",
                    (
                        "Schüler einer neunten Klasse aus Lauta haben ein Spiegelteleskop gebaut, das nun "
                        "auf dem Schuldach steht."
                    ),
                ),
                (
                    "Dorfladen in Gröden wird Genossenschaft",
                    ("Der Dorfladen in Gröden gehört jetzt 140 Familien, die ihn als Genossenschaft führen."),
                ),
                (
                    "Storchenpaar nistet auf Kran in Wismar",
                    ("Ein Storchenpaar hat auf einem Hafenkran in Wismar ein Nest gebaut; der Kran steht nun still."),
                ),
            )
        )
    ]
    single = Feed("single", "Station Notices")
    single.reports = [
        Report(
            "notice0",
            at(0, 5),
            "Lift out of order",
            ("Lift 3 in the central station is out of order. A technician has been called and a part ordered."),
            guid="",
            link="https://station.example/notices",
        ),
        Report(
            "notice1",
            at(1, 5),
            "Ticket office closes early",
            ("The ticket office in the central station closes early on Friday because of an inventory."),
            guid="",
            link="https://station.example/notices",
        ),
        Report(
            "notice2",
            at(2, 5),
            "Platform 4 reopens",
            "Platform 4 of the central station is open again after the repair of its roof.",
            guid="",
            link="https://station.example/notices",
        ),
    ]
    single.shown = 1
    monitors = []
    for language, title, text in (
        (
            "de",
            "AUSFALL: shop.nordwind.de",
            ("Die Prüfung von shop.nordwind.de ist fehlgeschlagen: Zeitüberschreitung nach 30 Sekunden."),
        ),
        (
            "fr",
            "Panne : api.mirande.fr",
            "La vérification de api.mirande.fr a échoué : connexion refusée par le serveur.",
        ),
        ("ru", "Сбой: почта.вега.рф", "Проверка узла почта.вега.рф не прошла: сервер не отвечает."),
    ):
        monitors.append(
            feed(
                f"mon{language}",
                *(
                    Report(
                        f"mon-{language}{n}", at(n * 50 / 24, 8), title, text, link=f"https://mon{language}.example/"
                    )
                    for n in range(2)
                ),
                language=language,
            )
        )
    shows = [
        feed(
            "abend",
            *(
                Report(
                    f"abend{n}",
                    at(n, 5),
                    "Der Abend",
                    "Die wichtigsten Nachrichten des Tages in zehn Minuten.",
                    link="https://abend.example/sendung",
                    more=(f'<enclosure url="https://abend.example/{n}.mp3" length="{9000 + n}" type="audio/mpeg"/>'),
                )
                for n in range(3)
            ),
            language="de",
        ),
        feed(
            "journal",
            *(
                Report(
                    f"journal{n}",
                    at(n / 2, 6),
                    "Le journal de la mi-journée",
                    "",
                    link="",
                    more=f'<enclosure url="https://j.example/{n}.mp3" length="{7000 + n}" type="audio/mpeg"/>',
                )
                for n in range(4)
            ),
            language="fr",
        ),
        feed(
            "utro",
            *(
                Report(
                    f"utro{n}",
                    at(n, 7),
                    "Утренний выпуск",
                    "Главные новости к этому часу.",
                    link="https://utro.example/",
                    guid=f"utro{n}|ep|utro",
                )
                for n in range(3)
            ),
            language="ru",
        ),
    ]
    return Stream(
        [feed("ng", *no_guid), feed("og", *one_guid), feed("mv", *moved, language="de"), single, *monitors, *shows]
    )


def counting(now: datetime, seed: int) -> int:
    return 71000 + seed * 1000 + int((now - at(0)).total_seconds() // 3600) * 7


ADS = (
    "Now 20% off: the Kettleby travel kettle.",
    "Try Orbis Rail first class from 19 euros.",
    "Meet singles in Harwick tonight.",
    "Win a Norfield hamper this weekend!",
    "Sleep better with Dormo pillows.",
    "Learn Italian in your lunch break.",
    "Save on heating with Vulcan boilers.",
)


def changing() -> Stream:
    """Lines that change at each poll: counters, advertisements that rotate or are replaced once, clocks."""
    base = {
        "en": (
            "The city of Harwick will plant 400 lime trees along the ring road this autumn, the "
            "parks office said. Each tree gets a sponsor."
        ),
        "de": (
            "Die Stadtbücherei Lauta verleiht ab Juli Nähmaschinen, teilte die Leiterin mit. Ein "
            "Kurs zeigt die ersten Stiche."
        ),
        "fr": (
            "Le lycée de Kervan ouvre un atelier de lutherie à la rentrée, a annoncé le "
            "proviseur. Les élèves y fabriqueront des violons."
        ),
        "es": (
            "El acuario de Granollar liberó dos tortugas marinas en la bahía, informó su "
            "director. Llevan un transmisor en el caparazón."
        ),
        "ru": (
            "В театре Суздальска нашли неизвестную рукопись комедии, сообщил архивариус. Премьера намечена на весну."
        ),
        "ja": "北原市の酒蔵が海底で日本酒を熟成させる試みを始めたと蔵元が発表した。半年後に引き揚げて試飲会を開く。",
        "ar": (
            "افتتح متحف الزهراء قاعة جديدة للساعات الفلكية القديمة، بحسب مديرة المتحف. والدخول مجاني حتى نهاية الشهر."
        ),
    }
    lines = {
        "en": [
            "{n} readers have shared this story",
            "♥ {n} · 💬 {n}",
            "Trending #{s} with {n} reads",
            "{n} people like this",
            "Rating {r}/5 based on {n} reviews",
            "Price now: ${n}.99",
        ],
        "de": [
            "{n} Leser haben diesen Artikel geteilt",
            "{n} Mal angesehen",
            "Bewertung: {r} von 5 Sternen ({n} Stimmen)",
            "Jetzt online: {n} Nutzer",
        ],
        "fr": ["{n} lectures", "Partagé {n} fois", "Note : {r}/5 ({n} votes)", "{n} internautes en ligne"],
        "es": ["{n} lecturas", "Compartido {n} veces", "{n} me gusta", "Valoración: {r} de 5 ({n} votos)"],
        "ru": ["Прочитали {n} человек", "Рейтинг: {r} из 5 ({n} голосов)", "👁 {n}"],
        "ja": ["{n}人がこの記事を読んでいます", "いいね! {n}", "閲覧数：{n}"],
        "ar": ["{n} مشاهدة", "عدد القراءات: {n}", "{n} تعليق"],
    }
    feeds = []
    for language, forms in lines.items():
        for n, line in enumerate(forms):

            def text(now: datetime, base: str = base[language], line: str = line, n: int = n) -> str:
                count = counting(now, n)
                return f"<p>{base}</p><p>{line.format(n=count, r=round(3 + count % 20 / 10, 1), s=count % 9)}</p>"

            feeds.append(
                feed(
                    f"c{language}{n}",
                    Report(
                        f"count-{language}",
                        at(0, 4),
                        base[language].split(",")[0].split("、")[0].split("،")[0][:60],
                        text,
                        part=str(n),
                    ),
                    language=language,
                )
            )
    catches = (
        (
            "Sturgeon caught off Ostrand",
            "Fishermen of Ostrand landed a sturgeon of 90 kilos on Monday.",
            "The aquarium will keep it alive in a basin.",
        ),
        (
            "Choir of Ardmoor sings in a cave",
            "The choir of Ardmoor sang vespers in a limestone cave on Sunday.",
            "A recording will be sold for the repair of the organ.",
        ),
        (
            "Marlow swaps its lamps",
            "The village of Marlow has swapped its street lamps for ones that dim at midnight.",
            "Astronomers had asked for it since 2011.",
        ),
    )
    for n, (title, *reported) in enumerate(catches):

        def rotating(now: datetime, n: int = n, reported: list[str] = reported) -> str:
            hours = int((now - at(0)).total_seconds() // 3600)
            ad = ADS[(hours // 7) % 3] if n == 0 else ADS[1 + 2 * n] if now < at(1.2) else ADS[2 + 2 * n]
            said = list(reported)
            said.insert(1 if n == 2 else 2, ad)
            return " ".join(said) if n < 2 else "".join(f"<p>{one}</p>" for one in said)

        feeds.append(feed(f"ad{n}", Report(f"ad{n}", at(0, 5), title, rotating)))
    return Stream(feeds, days=4)


CORRECTIONS = {
    "de": (
        "Neue Brücke in Lauta heißt nach Dichterin",
        (
            "Die neue Brücke in Lauta ist nach der Dichterin Erna Pohl benannt. Sie ist 210 "
            "Meter lang. Der Bau dauerte drei Jahre."
        ),
        (
            "Die neue Brücke in Lauta ist nach der Dichterin Irma Kolb benannt. Sie ist 210 "
            "Meter lang. Der Bau dauerte drei Jahre."
        ),
    ),
    "fr": (
        "Kervan ouvre une école de voile",
        ("Une école de voile a ouvert à Kervan. Elle accueille 60 élèves. Le stage coûte 300 euros."),
        (
            "Une école de voile a ouvert à Kervan. Elle accueille 60 élèves. Le stage coûte 130 "
            "euros. Rectificatif : une première version de cet article indiquait un prix de 300 "
            "euros."
        ),
    ),
    "es": (
        "Granollar multa a un hotel",
        (
            "El ayuntamiento de Granollar multó al hotel Miramar con 8.000 euros. El hotel no "
            "tenía licencia. Puede recurrir."
        ),
        (
            "El ayuntamiento de Granollar multó al hotel Bellavista con 8.000 euros. El hotel no "
            "tenía licencia. Puede recurrir."
        ),
    ),
    "ru": (
        "В Суздальске выбрали лучшего учителя",
        ("Лучшим учителем Суздальска стала Анна Белова. Она преподаёт физику в лицее. Премию вручит мэр."),
        ("Лучшим учителем Суздальска стала Ольга Крылова. Она преподаёт физику в лицее. Премию вручит мэр."),
    ),
    "en": (
        "Harwick bank robbed",
        ("Two men robbed the Tolland bank in Harwick on Monday. They escaped with 40,000 crowns. Nobody was hurt."),
        (
            "Two men robbed the Tolland bank in Harwick on Monday. They escaped with 4,000 "
            "crowns. Nobody was hurt. Clarification: the sum was misstated in an earlier version."
        ),
    ),
}


def corrections() -> Stream:
    """Publishers correct a name or a sum, with and without a notice; others only reword, extend or shorten."""
    feeds = [
        feed(f"cor{language}", Report(f"cor-{language}", at(0, 4), title, after(1, was, now)), language=language)
        for language, (title, was, now) in CORRECTIONS.items()
    ]
    reworded = {
        "de": (
            "Imker in Brück zählen mehr Völker",
            (
                "Die Imker in Brück haben in diesem Jahr 340 Bienenvölker gezählt. Das sind mehr als "
                "im Vorjahr. Der Verband ist zufrieden."
            ),
            (
                "In Brück haben die Imker in diesem Jahr 340 Bienenvölker gezählt, mehr als im "
                "Vorjahr. Der Verband zeigt sich zufrieden."
            ),
        ),
        "es": (
            "Vendimia temprana en Almadra",
            (
                "La vendimia empezó en Almadra dos semanas antes de lo habitual. El calor adelantó "
                "la maduración. Se esperan 900 toneladas."
            ),
            (
                "En Almadra la vendimia empezó dos semanas antes de lo habitual, porque el calor "
                "adelantó la maduración. Se esperan 900 toneladas."
            ),
        ),
        "fr": (
            "Le phare de Tarbanne se visite",
            (
                "Le phare de Tarbanne ouvre ses portes au public. On y monte par 203 marches. La vue "
                "porte jusqu'aux îles."
            ),
            (
                "Le phare de Tarbanne ouvre ses portes au public. On y monte par 203 marches. La vue "
                "porte jusqu'aux îles. Photo : Ouest Images."
            ),
        ),
    }
    feeds += [
        feed(f"rew{language}", Report(f"rew-{language}", at(0, 5), title, after(1, was, now)), language=language)
        for language, (title, was, now) in reworded.items()
    ]
    return Stream(feeds, corrected={f"cor-{language}" for language in CORRECTIONS})


def links() -> Stream:
    """Feeds without text of their own: link posts, headline lists, taglines, comment lines."""
    titles = (
        "A parser for tide tables in forty lines",
        "Notes from a year of composting",
        "The forgotten keyboard of 1983",
        "How lighthouses talk to each other",
        "Measuring rain with a microphone",
    )

    def posts(
        key: str, form: Callable[[int, datetime], str], language: str = "en", heads: Iterable[str] = titles
    ) -> Feed:
        return feed(
            key,
            *(
                Report(f"{key}{n}", at(n * 0.4, 4), t, lambda now, n=n: form(n, now), link=f"https://{key}.example/{n}")
                for n, t in enumerate(heads)
            ),
            language=language,
        )

    german = (
        "Warum mein Drucker nur nachts druckt",
        "Ein Wörterbuch der Klopfzeichen",
        "Solarzellen aus Brombeersaft",
        "Wie man einen Setzkasten liest",
    )
    search = (
        "Lighthouse keeper retires after fifty years",
        "Drought empties the reservoir of Valden",
        "Bakers strike over flour prices in Orr",
        "Comet to pass over Lund on Sunday",
    )
    french = ("Un robot qui plie les nappes", "La police de caractères des péages", "Pirater une balance de cuisine")
    return Stream(
        [
            posts("lob", lambda n, now: '<p><a href="https://lob.example/c/1">Comments</a></p>'),
            posts(
                "sub",
                lambda n, now: (
                    'submitted by <a href="https://r.example/u/x">/u/tidefan</a> to r/sea <br/> <a '
                    'href="https://a.example/">[link]</a> <a href="https://r.example/c">[comments]</a>'
                ),
                heads=("A knot for every rope", "Growing ginger on a balcony", "A museum for elevators in Lauta"),
            ),
            posts(
                "eing",
                lambda n, now: (
                    'eingereicht von <a href="https://r.example/u/x">/u/ebbe</a> <a '
                    f'href="https://a.example/">[Link]</a> <a href="https://r.example/c">[{counting(now, n) % 90} '
                    "Kommentare]</a>"
                ),
                "de",
                german,
            ),
            posts(
                "tag",
                lambda n, now: "The best of the internet, sifted.",
                heads=("Rope bridges of the Andes", "A map of every drain", "Glass eels return"),
            ),
            posts("slog", lambda n, now: "Toute l'actualité du numérique, décryptée chaque jour.", "fr", french),
            posts(
                "gn",
                lambda n, now: (
                    "<ol>"
                    + "".join(
                        (
                            f'<li><a href="https://s.example/{n}{k}">{t}</a>&nbsp;&nbsp;<font '
                            f'color="#6f6f6f">Paper {k}</font></li>'
                        )
                        for k, t in enumerate((search[n], f"{search[n].split()[0]} story: what we know"))
                    )
                    + "</ol>"
                ),
                heads=[f"{t} - Paper 0" for t in search],
            ),
            posts(
                "hn",
                lambda n, now: (
                    "<p>Article URL: <a "
                    f'href="https://h.example/{n}">https://h.example/{n}</a></p><p>Comments URL: <a '
                    f'href="https://n.example/{n}">https://n.example/{n}</a></p><p>Points: {counting(now, n) % 500}</p>'
                    f"<p># "
                    f"Comments: {counting(now, n) % 97}</p>"
                ),
                heads=("Fog computers", "A quieter train brake", "Bread from acorns", "Mist nets"),
            ),
            feed(
                "read",
                *(
                    Report(f"read{n}", at(n * 0.5, 6), t, "Read more", part="r")
                    for n, t in enumerate(
                        (
                            "Velm council sells its town hall",
                            "Velm orchestra loses its conductor",
                            "Velm goats climb the dam",
                        )
                    )
                ),
            ),
            feed(
                "lesen",
                *(
                    Report(f"lesen{n}", at(n * 0.5, 6), t, "Weiterlesen …", part="r")
                    for n, t in enumerate(("Schwimmbad in Brück verkauft", "Chor in Lauta ohne Dirigent"))
                ),
                language="de",
            ),
        ]
    )


def breaking() -> Stream:
    """Feeds whose items all have one title or begin with one word; the text tells them apart."""
    said = (
        "A barge has hit the road bridge at Orr and the bridge is closed.",
        "The governor of the central bank, Rolf Tamm, has stepped down.",
        "Gold worth nine million crowns was stolen from a train near Velm.",
        "The missing schoolchildren of Lund were found unharmed in a hut.",
        "A jury has acquitted the surgeon Clara Holt on all counts.",
        "The zinc mine at Selm has been flooded and everybody got out.",
    )
    eil = (
        "Ein Segelflugzeug ist auf dem Marktplatz von Lauta gelandet.",
        "Der Trainer von Elmau 04, Heiko Brandt, ist entlassen worden.",
        "Im Zoo von Brück ist ein Tapir ausgebrochen.",
        "Die Orgel im Dom zu Wismar ist durch einen Wasserschaden zerstört.",
    )
    return Stream(
        [
            feed("brk", *(Report(f"e{n}", at(n * 0.4, 4), "Breaking", t) for n, t in enumerate(said))),
            feed("eil", *(Report(f"g{n}", at(n * 0.4, 5), "EILMELDUNG", t) for n, t in enumerate(eil)), language="de"),
            feed(
                "flash",
                *(
                    Report(
                        f"f{n}",
                        at(n * 0.4, 6),
                        "",
                        t,
                    )
                    for n, t in enumerate(
                        (
                            "Un cargo a percuté le viaduc de Mirande, la circulation est coupée.",
                            "Le ministre Paul Hervieu quitte le gouvernement.",
                            "Un tableau de Corot volé à Douai a été retrouvé dans un garage.",
                        )
                    )
                ),
                language="fr",
            ),
        ]
    )


MakesStream = Callable[[], Stream]
STREAMS: tuple[MakesStream, ...] = (tolls, edited, identities, changing, corrections, links, breaking)
